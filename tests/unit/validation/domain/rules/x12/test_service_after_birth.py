"""`services/validation/domain/rules/x12/service_after_birth.py` as examples; it always applies, on every day."""

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.service_after_birth import SERVICE_AFTER_BIRTH as RULE
from tests.unit.validation.samples import subject


@pytest.mark.parametrize("age_years", [0, 40, 124])
def test_passes_whoever_is_born(age_years: int) -> None:
    assert RULE.outcome(subject(age_years=age_years)) is Outcome.PASS


def test_fails_a_service_before_birth_and_keeps_the_birth_date_to_itself() -> None:
    (finding,) = RULE.findings(subject(age_years=-1))

    assert (finding.severity, finding.owner, finding.field) == ("error", "front-desk", "patient/birth_on")
    assert finding.inputs == ("2026-03-03",)


def test_has_no_data_once_the_birth_date_is_erased() -> None:
    assert RULE.outcome(subject(age_years=None)) is Outcome.NO_DATA
