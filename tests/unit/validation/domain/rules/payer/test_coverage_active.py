"""`services/validation/domain/rules/payer/coverage_active.py` as examples."""

from dataclasses import replace
from datetime import date

import pytest
from msgspec import structs

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.payer.coverage_active import COVERAGE_ACTIVE as RULE
from tests.unit.validation.samples import CLEAN, INSURED, LINE, subject


def test_passes_insured_days() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


@pytest.mark.parametrize(
    ("first_on", "last_on", "outcome"),
    [
        (date(2026, 3, 3), date(2026, 3, 3), Outcome.PASS),
        (date(2026, 3, 3), None, Outcome.PASS),
        (date(2026, 3, 4), None, Outcome.FAIL),
        (date(2026, 1, 1), date(2026, 3, 2), Outcome.FAIL),
    ],
)
def test_counts_both_ends_as_insured(first_on: date, last_on: date | None, outcome: Outcome) -> None:
    coverage = replace(INSURED, effective_from_on=first_on, effective_to_on=last_on)

    assert RULE.outcome(subject(coverages=(coverage,))) is outcome


def test_fails_a_coverage_that_ends_before_the_last_line() -> None:
    coverage = replace(INSURED, effective_to_on=date(2026, 3, 3))
    lines = (LINE, structs.replace(LINE, line_no=2, service_to_on=date(2026, 3, 4)))

    assert RULE.outcome(subject(coverages=(coverage,), lines=lines)) is Outcome.FAIL


@pytest.mark.parametrize(("place", "severity"), [(1, "error"), (2, "warning"), (3, "warning")])
def test_stops_for_the_first_of_the_filing_order_and_warns_of_the_others(place: int, severity: str) -> None:
    coverages = [INSURED, INSURED, INSURED]
    coverages[place - 1] = replace(INSURED, effective_to_on=date(2026, 1, 31))
    (finding,) = RULE.findings(subject(coverages=tuple(coverages)))

    assert (finding.severity, finding.owner, finding.field) == (severity, "front-desk", f"coverages/{place}")
    assert finding.inputs == ("service 2026-03-03 to 2026-03-03", "insured 2026-01-01 to 2026-01-31")


def test_does_not_apply_where_the_patient_pays() -> None:
    assert RULE.outcome(subject(coverages=())) is Outcome.NOT_APPLICABLE
