"""`services/validation/domain/rules/nchs/primary_diagnosis_acceptable.py` as examples."""

from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.nchs.primary_diagnosis_acceptable import PRIMARY_DIAGNOSIS_ACCEPTABLE as RULE
from services.validation.domain.subject import Diagnosis
from shared.codesets.mce import Attribute, Edits
from tests.unit.validation.samples import ABSENT, CLEAN, EDITION, NO_EDITS, UNKNOWN, VALID, diagnosed, subject


def test_passes_the_reason_of_the_visit() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


@pytest.mark.parametrize("attribute", [Attribute.MANIFESTATION, Attribute.EXTERNAL_CAUSE])
def test_fails_a_code_that_never_stands_first(attribute: Attribute) -> None:
    (finding,) = RULE.findings(diagnosed("F0280", VALID, attribute | Attribute.UNACCEPTABLE_PRINCIPAL))

    assert (finding.outcome, finding.severity, finding.inputs) == ("fail", "error", ("F0280", "2026-03-03"))


def test_warns_of_what_only_inpatient_medicare_refuses() -> None:
    (finding,) = RULE.findings(diagnosed("Z5189", VALID, Attribute.UNACCEPTABLE_PRINCIPAL))

    assert (finding.outcome, finding.severity) == ("fail", "warning")


def test_passes_a_manifestation_after_its_cause() -> None:
    manifestation = Edits(EDITION, Attribute.MANIFESTATION)
    diagnoses = (Diagnosis("G309", VALID, NO_EDITS), Diagnosis("F0280", VALID, manifestation))

    assert RULE.outcome(subject(diagnoses=diagnoses)) is Outcome.PASS


def test_leaves_a_code_that_cannot_be_billed_to_the_rule_for_that() -> None:
    assert RULE.outcome(diagnosed("QQQ", UNKNOWN)) is Outcome.PASS


def test_has_no_data_without_the_table() -> None:
    assert RULE.outcome(diagnosed("E119", VALID, ABSENT)) is Outcome.NO_DATA


def test_does_not_apply_without_diagnoses() -> None:
    assert RULE.outcome(subject(diagnoses=())) is Outcome.NOT_APPLICABLE


def test_is_not_asked_before_icd10cm() -> None:
    early = diagnosed("F0280", VALID, Attribute.MANIFESTATION, service_on=date(2015, 9, 30))

    assert RULE.outcome(early) is Outcome.NOT_APPLICABLE
