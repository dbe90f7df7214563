"""What the tables of the repository say, as of a date of service."""

from datetime import date

import pytest

from services.validation.domain.tables import Tables
from shared.codesets.edition import MoreDigitsNeeded, NotValidOnDate, TableNotLoaded, UnknownCode, Valid, Why
from shared.codesets.library import Library
from shared.codesets.mce import Attribute, Edits
from shared.codesets.systems import STARTERS
from tests.unit.validation.driver import TABLES

SPRING_2026 = date(2026, 3, 3)


@pytest.mark.parametrize(
    ("code", "on", "answer"),
    [
        ("E119", SPRING_2026, Valid),
        ("E119", date(2015, 10, 1), Valid),
        ("E119", date(2015, 9, 30), TableNotLoaded),
        ("E119", date(2099, 1, 1), TableNotLoaded),
        ("E11", SPRING_2026, MoreDigitsNeeded),
        ("U071", date(2020, 3, 31), NotValidOnDate),
        ("U071", date(2020, 4, 1), Valid),
        ("ZZZ99", SPRING_2026, UnknownCode),
        ("e11.9", SPRING_2026, UnknownCode),
        ("", SPRING_2026, UnknownCode),
    ],
)
def test_looks_diagnoses_up_as_of_the_day(code: str, on: date, answer: type) -> None:
    assert isinstance(TABLES.diagnosis(code, on), answer)


@pytest.mark.parametrize(
    ("code", "attribute"),
    [
        ("F0280", Attribute.MANIFESTATION),
        ("W19XXXA", Attribute.EXTERNAL_CAUSE),
        ("Z5189", Attribute.UNACCEPTABLE_PRINCIPAL),
        ("Z3800", Attribute.NEWBORN),
    ],
)
def test_knows_what_the_code_editor_attaches(code: str, attribute: Attribute) -> None:
    found = TABLES.edits(code, SPRING_2026)

    assert isinstance(found, Edits)
    assert attribute in found.attributes


def test_knows_no_diagnosis_without_a_table() -> None:
    nothing = Tables(library=Library())

    assert nothing.diagnosis("E119", SPRING_2026) == TableNotLoaded("icd10cm", Why.ABSENT)
    assert nothing.edits("E119", SPRING_2026) == TableNotLoaded("mce", Why.ABSENT)


@pytest.mark.parametrize(("code", "answer"), [("G0438", Valid), ("99213", TableNotLoaded), ("Q9999", TableNotLoaded)])
def test_never_calls_a_procedure_unknown_that_a_partial_table_lacks(code: str, answer: type) -> None:
    assert isinstance(TABLES.procedure(code, SPRING_2026), answer)


def test_names_every_edition_once() -> None:
    names = TABLES.editions()

    assert len(names) == len(set(names)) == len(STARTERS) + 3
    assert len(Tables(library=Library()).editions()) == 3
