"""`services/validation/domain/rules/nchs/diagnosis_billable.py` as examples."""

from datetime import date

import pytest

from services.validation.domain.rule import Outcome
from services.validation.domain.rules.nchs.diagnosis_billable import DIAGNOSIS_BILLABLE as RULE
from services.validation.domain.rules.nchs.diagnosis_billable import NAMED_MAX
from services.validation.domain.subject import Diagnosis
from shared.codesets.edition import Answer, Interval, MoreDigitsNeeded, NotValidOnDate, TableNotLoaded, Why
from tests.unit.validation.samples import ABSENT, CLEAN, EDITION, NO_EDITS, UNKNOWN, diagnosed, subject

EXPIRED = NotValidOnDate(EDITION, (Interval(date(2015, 10, 1), date(2025, 9, 30)),))


def test_passes_codes_in_force() -> None:
    assert RULE.outcome(CLEAN) is Outcome.PASS


@pytest.mark.parametrize("answer", [MoreDigitsNeeded(EDITION), EXPIRED, UNKNOWN], ids=["heading", "expired", "unknown"])
def test_fails_a_code_that_cannot_be_billed_on_the_day(answer: Answer) -> None:
    (finding,) = RULE.findings(diagnosed("E11", answer))

    assert (finding.outcome, finding.severity) == ("fail", "error")
    assert (finding.field, finding.inputs, finding.edition) == ("diagnoses/1", ("E11", "2026-03-03"), "TEST 2026")


def test_tells_a_heading_from_an_expired_code() -> None:
    (heading,) = RULE.findings(diagnosed("E11", MoreDigitsNeeded(EDITION)))
    (expired,) = RULE.findings(diagnosed("E11", EXPIRED))

    assert "longer code" in heading.mend
    assert "in force" in expired.mend


def test_says_how_a_code_is_completed_that_lacks_its_7th_character() -> None:
    open_ended = Diagnosis("W19", MoreDigitsNeeded(EDITION), NO_EDITS, ("W19XXXA", "W19XXXD", "W19XXXS"))
    (finding,) = RULE.findings(subject(diagnoses=(open_ended,)))

    assert finding.mend == "Add the 7th character that the record supports: W19XXXA, W19XXXD, W19XXXS."


@pytest.mark.parametrize("answer", [MoreDigitsNeeded(EDITION), EXPIRED, UNKNOWN], ids=["split", "expired", "gone"])
def test_names_the_codes_that_took_the_place_of_one(answer: Answer) -> None:
    replaced = Diagnosis("F0391", answer, NO_EDITS, instead=("F03911", "F03918"))
    (finding,) = RULE.findings(subject(diagnoses=(replaced,)))

    assert finding.mend == "In force on the date of service in its place, as the record supports: F03911, F03918."


def test_names_no_more_than_a_coder_reads() -> None:
    many = tuple(f"N803{number:02}" for number in range(NAMED_MAX + 5))
    (finding,) = RULE.findings(subject(diagnoses=(Diagnosis("N803", EXPIRED, NO_EDITS, instead=many),)))

    assert finding.mend.endswith(f"{many[NAMED_MAX - 1]} and 5 more.")


def test_a_7th_character_that_lacks_comes_first() -> None:
    both = Diagnosis("W19", MoreDigitsNeeded(EDITION), NO_EDITS, ("W19XXXA",), instead=("W1800XA",))
    (finding,) = RULE.findings(subject(diagnoses=(both,)))

    assert finding.mend.startswith("Add the 7th character")


@pytest.mark.parametrize(
    "answer", [ABSENT, TableNotLoaded("icd10cm", Why.BEFORE_FIRST_EDITION, EDITION)], ids=["absent", "too early"]
)
def test_has_no_data_where_no_table_covers_the_day(answer: Answer) -> None:
    (finding,) = RULE.findings(diagnosed("E119", answer))

    assert (finding.outcome, finding.severity) == ("no-data", "warning")


def test_has_no_data_also_for_a_visit_before_icd10cm() -> None:
    early = diagnosed("E119", TableNotLoaded("icd10cm", Why.BEFORE_FIRST_EDITION), service_on=date(1986, 1, 2))

    assert RULE.outcome(early) is Outcome.NO_DATA


def test_says_nothing_without_diagnoses() -> None:
    assert RULE.findings(subject(diagnoses=())) == []
