"""`services/validation/domain/rules/nchs/diagnosis_duplicates.py` as examples."""

from datetime import date

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.nchs.diagnosis_duplicates import DIAGNOSIS_DUPLICATES as RULE
from services.validation.domain.subject import Diagnosis
from tests.unit.validation.samples import CLEAN, NO_EDITS, VALID, diagnosed, subject

TWICE = tuple(Diagnosis(code, VALID, NO_EDITS) for code in ("E119", "I10", "E119"))


def test_passes_different_codes() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


def test_fails_the_second_of_two_equal_codes() -> None:
    (finding,) = RULE.findings(subject(diagnoses=TWICE))

    assert (finding.severity, finding.field, finding.inputs) == ("error", "diagnoses/3", ("E119",))


def test_does_not_apply_to_a_single_code() -> None:
    assert RULE.outcome(diagnosed("E119")) is Outcome.NOT_APPLICABLE


def test_is_not_asked_before_icd10cm() -> None:
    assert RULE.outcome(subject(diagnoses=TWICE, service_on=date(2015, 9, 30))) is Outcome.NOT_APPLICABLE
