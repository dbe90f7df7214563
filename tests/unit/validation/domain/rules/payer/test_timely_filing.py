"""`services/validation/domain/rules/payer/timely_filing.py` as examples; the sample's deadline is 2026-08-30."""

from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.payer.timely_filing import TIMELY_FILING as RULE
from tests.unit.validation.samples import CLEAN, subject


def test_passes_a_claim_with_time_left() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


@pytest.mark.parametrize(
    ("today", "severities"),
    [
        (date(2026, 8, 14), []),
        (date(2026, 8, 15), ["warning"]),
        (date(2026, 8, 30), ["warning"]),
        (date(2026, 8, 31), ["error"]),
    ],
)
def test_warns_for_fifteen_days_and_fails_after_the_deadline(today: date, severities: list[str]) -> None:
    assert [finding.severity for finding in RULE.findings(subject(today=today))] == severities


def test_names_the_deadline_to_the_biller() -> None:
    (finding,) = RULE.findings(subject(today=date(2027, 1, 1)))

    assert (finding.owner, finding.inputs) == ("biller", ("2026-03-03", "deadline 2026-08-30"))


def test_has_no_data_where_the_payer_names_no_limit() -> None:
    assert RULE.outcome(subject(filing_deadline_on=None)) is Outcome.NO_DATA


@pytest.mark.parametrize(
    ("today", "outcome"), [(date(2026, 8, 30), Outcome.NO_DATA), (date(2026, 8, 31), Outcome.FAIL)]
)
def test_a_ceiling_is_never_a_pass(today: date, outcome: Outcome) -> None:
    assert RULE.outcome(subject(filing_deadline_is_ceiling=True, today=today)) is outcome


def test_does_not_apply_where_the_patient_pays() -> None:
    assert RULE.outcome(subject(coverages=(), filing_deadline_on=None)) is Outcome.NOT_APPLICABLE
