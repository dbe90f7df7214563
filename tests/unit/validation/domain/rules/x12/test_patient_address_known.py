"""`services/validation/domain/rules/x12/patient_address_known.py` as examples."""

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.x12.patient_address_known import PATIENT_ADDRESS_KNOWN as RULE
from tests.unit.validation.samples import CLEAN, subject


def test_passes_a_patient_with_an_address() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


def test_fails_a_patient_without_one() -> None:
    (finding,) = RULE.findings(subject(has_address=False))

    assert (finding.severity, finding.owner, finding.field) == ("error", "front-desk", "patient/address")


def test_has_no_data_once_the_address_is_erased() -> None:
    assert RULE.outcome(subject(has_address=None)) is Outcome.NO_DATA


def test_does_not_apply_where_the_patient_pays() -> None:
    assert RULE.outcome(subject(has_address=False, coverages=())) is Outcome.NOT_APPLICABLE
