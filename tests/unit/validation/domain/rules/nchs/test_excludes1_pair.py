"""`services/validation/domain/rules/nchs/excludes1_pair.py` as examples."""

from datetime import date

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.nchs.excludes1_pair import EXCLUDES1_PAIR as RULE
from services.validation.domain.subject import Excluded
from shared.codesets.icd10cm_notes import CodeRange, Note, NoteKind
from tests.unit.validation.samples import ABSENT, CLEAN, diagnosed, subject

NOTE = Note("E11", NoteKind.EXCLUDES1, "type 1 diabetes mellitus (E10.-)", (CodeRange("E10", "E10"),))
PARTED = subject(excluded=(Excluded(1, 2, NOTE, "icd10cm_notes 2026"),))


def test_passes_diagnoses_that_go_together() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


def test_warns_of_a_pair_with_the_note_quoted() -> None:
    (finding,) = RULE.findings(PARTED)

    assert (finding.severity, finding.field, finding.inputs) == ("warning", "diagnoses/2", ("E119", "I10"))
    assert finding.edition == "icd10cm_notes 2026"
    assert "Excludes1 at E11: type 1 diabetes mellitus (E10.-)" in finding.mend


def test_has_no_data_without_the_notes() -> None:
    assert [each.outcome for each in RULE.findings(subject(excluded=ABSENT))] == ["no-data"]


def test_does_not_apply_to_one_diagnosis() -> None:
    assert RULE.outcome(diagnosed("E119")) is Outcome.NOT_APPLICABLE


def test_is_not_asked_before_icd10cm() -> None:
    assert RULE.outcome(subject(excluded=PARTED.excluded, service_on=date(2015, 9, 30))) is Outcome.NOT_APPLICABLE
