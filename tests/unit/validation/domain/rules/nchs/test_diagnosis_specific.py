"""`services/validation/domain/rules/nchs/diagnosis_specific.py` as examples."""

from datetime import date

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.nchs.diagnosis_specific import DIAGNOSIS_SPECIFIC as RULE
from shared.codesets.mce import Attribute
from tests.unit.validation.samples import ABSENT, CLEAN, VALID, diagnosed, subject


def test_passes_a_code_that_says_all() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


def test_warns_of_a_code_that_leaves_the_side_open() -> None:
    (finding,) = RULE.findings(diagnosed("H6690", VALID, Attribute.UNSPECIFIED))

    assert (finding.outcome, finding.severity, finding.inputs) == ("fail", "warning", ("H6690", "2026-03-03"))


def test_has_no_data_without_the_table() -> None:
    assert RULE.outcome(diagnosed("H6690", VALID, ABSENT)) is Outcome.NO_DATA


def test_does_not_apply_without_diagnoses() -> None:
    assert RULE.outcome(subject(diagnoses=())) is Outcome.NOT_APPLICABLE


def test_is_not_asked_before_the_edit_was_made() -> None:
    early = diagnosed("H6690", VALID, Attribute.UNSPECIFIED, service_on=date(2022, 3, 31))

    assert RULE.outcome(early) is Outcome.NOT_APPLICABLE
