"""`services/validation/domain/rules/nchs/manifestation_after_cause.py` as examples."""

from datetime import date
from typing import Any

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.nchs.manifestation_after_cause import MANIFESTATION_AFTER_CAUSE as RULE
from services.validation.domain.subject import Diagnosis, ScrubSubject
from shared.codesets.edition import TableNotLoaded
from shared.codesets.icd10cm_notes import CodeRange, Note, NoteKind
from shared.codesets.mce import Attribute, Edits
from tests.unit.validation.samples import ABSENT, CLEAN, EDITION, NO_EDITS, VALID, subject

ALZHEIMER = Note("F02", NoteKind.CODE_FIRST, "Alzheimer's (G30.-)", (CodeRange("G30", "G30"),))
MANIFESTATION = Edits(EDITION, Attribute.MANIFESTATION)


def dementia(causes: tuple[Note, ...] | TableNotLoaded = (ALZHEIMER,)) -> Diagnosis:
    return Diagnosis("F0280", VALID, MANIFESTATION, (), causes)


def listed(*diagnoses: str | Diagnosis, **changes: Any) -> ScrubSubject:  # noqa: ANN401 (any field of the subject)
    made = (each if isinstance(each, Diagnosis) else Diagnosis(each, VALID, NO_EDITS) for each in diagnoses)
    return subject(diagnoses=tuple(made), **changes)


@pytest.mark.parametrize("codes", [("G309", dementia()), ("I10", "G309", dementia()), ("I10", dementia(()))])
def test_passes_a_manifestation_behind_its_cause_and_one_without_names(codes: tuple[str | Diagnosis, ...]) -> None:
    assert RULE.outcome(listed(*codes)) is Outcome.PASS


def test_fails_a_cause_behind_its_manifestation() -> None:
    (finding,) = RULE.findings(listed("I10", dementia(), "G309"))

    assert (finding.severity, finding.field, finding.inputs) == ("error", "diagnoses/2", ("F0280", "G309"))
    assert finding.mend == "List G309 before F0280."


def test_warns_where_no_named_cause_is_listed() -> None:
    (finding,) = RULE.findings(listed("I10", dementia()))

    assert (finding.outcome, finding.severity) == ("fail", "warning")


def test_leaves_a_manifestation_that_stands_first_to_the_rule_for_that() -> None:
    assert RULE.outcome(listed(dementia(), "I10")) is Outcome.PASS


def test_has_no_data_without_the_notes() -> None:
    assert RULE.outcome(listed("G309", dementia(ABSENT))) is Outcome.NO_DATA


def test_does_not_apply_without_a_manifestation() -> None:
    assert RULE.outcome(CLEAN) is Outcome.NOT_APPLICABLE


def test_is_not_asked_before_icd10cm() -> None:
    assert RULE.outcome(listed("I10", dementia(), service_on=date(2015, 9, 30))) is Outcome.NOT_APPLICABLE
