"""What the tables of the repository say, as of a date of service."""

from datetime import date

import pytest

from services.validation.domain.tables import Tables
from shared.codesets import code_list, hcpcs
from shared.codesets.dated import DatedTable
from shared.codesets.edition import (
    Edition,
    Interval,
    MoreDigitsNeeded,
    NotValidOnDate,
    Provenance,
    TableNotLoaded,
    UnknownCode,
    Valid,
    Why,
)
from shared.codesets.hcpcs import ProcedureCode
from shared.codesets.library import Library
from shared.codesets.mce import Attribute, Edits
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
    ("code", "on", "instead"),
    [
        ("T407X1A", SPRING_2026, ("T40711A", "T40721A")),
        ("F03911", date(2020, 3, 3), ("F0391",)),
        ("Z2252", SPRING_2026, ()),
        ("ZZZ99", SPRING_2026, ()),
        ("F0391", date(2026, 10, 1), ()),  # the conversion table that ships ends before
    ],
    ids=["split", "not yet", "nobody says", "unknown", "no table"],
)
def test_names_what_is_billable_in_place_of_a_code(code: str, on: date, instead: tuple[str, ...]) -> None:
    assert TABLES.instead(code, on) == instead


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
    names = TABLES.editions(SPRING_2026)

    assert len(names) == len(set(names))
    assert {"icd10cm", "mce", "hcpcs", "modifiers", "pos"} <= {name.split()[0] for name in names}
    assert Tables(library=Library()).editions(SPRING_2026) == ()


def test_names_the_editions_that_answer_for_the_day() -> None:
    assert {name.split()[0] for name in TABLES.editions(date(2027, 4, 1))} == {"modifiers", "pos"}


def test_a_loaded_edition_takes_the_place_of_the_restated_one() -> None:
    whole = DatedTable(
        Provenance(
            system="hcpcs",
            release="2026Q1",
            effective_from=date(2026, 1, 1),
            effective_to=date(2026, 3, 31),
            source="example",
            complete=True,
        ),
        [ProcedureCode(code="G0438", label="example", valid=Interval(date(2011, 1, 1)))],
    )
    loaded = TABLES.over(TABLES.library.with_table(hcpcs.SYSTEM, whole))

    assert loaded.procedure("Q9999", SPRING_2026) == UnknownCode(whole.edition)
    assert isinstance(loaded.procedure("Q9999", date(2026, 4, 1)), TableNotLoaded)
    assert "hcpcs 2026Q1" in loaded.editions(SPRING_2026)


def test_modifiers_and_places_are_looked_up_as_of_the_day() -> None:
    assert isinstance(TABLES.modifier("JZ", SPRING_2026), Valid)
    assert isinstance(TABLES.modifier("JZ", date(2022, 12, 31)), NotValidOnDate)
    assert isinstance(TABLES.place("11", SPRING_2026), Valid)
    assert isinstance(TABLES.place("28", SPRING_2026), UnknownCode)


def test_a_taxonomy_code_is_judged_once_somebody_brings_the_list() -> None:
    edition = Edition(
        system="taxonomy",
        release="26.1",
        effective_from=date(2026, 1, 1),
        effective_to=None,
        sha256="0" * 64,
        source="example",
        complete=True,
    )
    brought = code_list.CodeList(edition, [code_list.ListedCode("207Q00000X")])
    loaded = TABLES.over(TABLES.library.with_table(code_list.TAXONOMY, brought))

    assert TABLES.taxonomy("207Q00000X", SPRING_2026) == TableNotLoaded("taxonomy", Why.LICENSED)
    assert isinstance(loaded.taxonomy("207Q00000X", SPRING_2026), Valid)
    assert loaded.taxonomy("207QXXXXXX", SPRING_2026) == UnknownCode(edition)
    assert isinstance(loaded.taxonomy("207Q00000X", date(2025, 12, 31)), TableNotLoaded)


def test_knows_nothing_of_providers_and_fees_before_they_are_loaded() -> None:
    assert TABLES.registered("1234567893", SPRING_2026) == TableNotLoaded("nppes", Why.ABSENT)
    assert TABLES.values("99213", SPRING_2026) == TableNotLoaded("mpfs", Why.ABSENT)


@pytest.mark.parametrize(("place", "in_facility"), [("21", True), ("11", False), ("28", None)])
def test_knows_which_places_are_facilities(place: str, in_facility: bool | None) -> None:  # noqa: FBT001 (a column)
    assert TABLES.in_facility(place, SPRING_2026) is in_facility
