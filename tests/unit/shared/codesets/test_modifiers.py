"""Modifiers: the common ones, those of CPT by number only."""

from datetime import date

import pytest

from shared.codesets import code_list
from shared.codesets.code_list import CodeList, ListedCode
from shared.codesets.edition import Interval, NotValidOnDate, TableNotLoaded, Valid, Why
from shared.codesets.library import Library, Shelf
from shared.codesets.modifiers import MODIFIERS, SYSTEM, Kind, answer, is_cpt, kind_of
from tests.unit.shared.codesets.reference_data import rows

ON = date(2026, 4, 1)


@pytest.mark.parametrize("code", ["25", "59", "LT", "RT", "XU", "GA", "95", "TC", "FA", "T9"])
def test_a_common_modifier_is_valid(code: str) -> None:
    assert MODIFIERS.look_up(code, ON) == Valid(MODIFIERS.edition)


def test_a_modifier_that_the_partial_table_lacks_is_not_loaded() -> None:
    assert MODIFIERS.look_up("ZZ", ON) == TableNotLoaded("modifiers", Why.PARTIAL, MODIFIERS.edition)


@pytest.mark.parametrize(("code", "day_before"), [("95", date(2016, 12, 31)), ("JZ", date(2022, 12, 31))])
def test_a_modifier_begins_on_its_day(code: str, day_before: date) -> None:
    assert isinstance(MODIFIERS.look_up(code, day_before), NotValidOnDate)


def test_modifiers_of_cpt_have_no_text() -> None:
    assert all((row.label is None) == is_cpt(row.code) for row in MODIFIERS)
    assert {"25", "1P", "P3"} <= {row.code for row in MODIFIERS if row.label is None}


def test_a_modifier_of_cpt_that_is_not_listed_is_licensed_and_never_unknown() -> None:
    assert MODIFIERS.look_up("89", ON) == TableNotLoaded("cpt_modifiers", Why.LICENSED)


def test_a_kind_is_known_of_every_modifier() -> None:
    assert [kind_of(code) for code in ("LT", "25", "A1")] == [Kind.SIDE, Kind.DISTINCT, Kind.SERVICE]


def test_edits_can_ask_by_kind() -> None:
    digits = {row.code for row in MODIFIERS if row.kind is Kind.DIGIT}
    distinct = {row.code for row in MODIFIERS if row.kind is Kind.DISTINCT}

    assert len(digits) == 20
    assert distinct == {"25", "59", "XE", "XP", "XS", "XU"}


def test_every_modifier_is_an_official_one() -> None:
    official = {row["modifier"] for row in rows("codesets/modifiers_hcpcs_level2.csv")}
    numbers = {row["modifier"] for row in rows("codesets/modifiers_cpt_numbers_only.csv")}

    physical_status = {f"P{number}" for number in range(1, 7)}
    assert {row.code for row in MODIFIERS} <= official | numbers | physical_status


def test_a_list_of_cpt_modifiers_goes_before_the_numbers_that_ship() -> None:
    restated = Library([Shelf(system=SYSTEM, starter=MODIFIERS)])
    brought = CodeList(MODIFIERS.edition, [ListedCode("25", Interval(date(2026, 7, 1)))])
    library = restated.with_table(code_list.CPT_MODIFIERS, brought)

    assert answer(restated, "25", ON) == Valid(MODIFIERS.edition)
    assert answer(restated, "89", ON) == TableNotLoaded("cpt_modifiers", Why.LICENSED)
    assert answer(library, "25", ON) == NotValidOnDate(brought.edition, (Interval(date(2026, 7, 1)),))
    assert answer(library, "LT", ON) == Valid(MODIFIERS.edition)
