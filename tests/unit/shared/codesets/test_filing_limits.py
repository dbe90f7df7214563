"""How long Medicare and Medicaid take a claim."""

from datetime import date

import pytest

from shared.codesets.filing_limits import FILING_LIMITS, Program, filing_limit
from tests.unit.shared.codesets.reference_data import rows


@pytest.mark.parametrize(
    ("service_on", "deadline_on"),
    [
        (date(2026, 3, 3), date(2027, 3, 3)),
        (date(2023, 3, 1), date(2024, 3, 1)),  # 366 days
        (date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
@pytest.mark.parametrize("indicator", ["MA", "MB", "MC"])
def test_a_law_gives_twelve_calendar_months(indicator: str, service_on: date, deadline_on: date) -> None:
    limit = filing_limit(indicator, service_on)

    assert limit is not None
    assert limit.deadline_on(service_on) == deadline_on
    assert limit.is_ceiling == (indicator == "MC")


@pytest.mark.parametrize("indicator", ["CI", "16", "HM", "", "ma"])
def test_a_contract_gives_all_other_limits(indicator: str) -> None:
    assert filing_limit(indicator, date(2026, 3, 3)) is None


def test_medicare_counted_otherwise_before_2010() -> None:
    assert filing_limit("MB", date(2009, 12, 31)) is None
    assert filing_limit("MB", date(2010, 1, 1)) is not None


def test_the_citations_are_the_firm_ones() -> None:
    firm = {
        row["authority_or_source"] for row in rows("payers/timely_filing_starter.csv") if row["confidence"] == "high"
    }

    assert {each.program for each in FILING_LIMITS} == set(Program)
    assert all(any(each.citation in source for source in firm) for each in FILING_LIMITS)
