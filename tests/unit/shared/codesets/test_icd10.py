"""ICD-10-CM look-ups on a small table of our own; codes are real, their days and titles partly invented."""

from datetime import date

import pytest

from shared.codesets.edition import (
    Interval,
    MoreDigitsNeeded,
    NotValidOnDate,
    Provenance,
    TableNotLoaded,
    UnknownCode,
    Valid,
    Why,
)
from shared.codesets.icd10 import Icd10, Span, merged, union
from shared.codesets.icd10_table import Title, table_of
from shared.codesets.icd10cm import SYSTEM, answer, dotted, stored_form
from shared.codesets.library import Library, Shelf
from shared.codesets.packed import NotATable, plain, write

BEGIN, END = date(2015, 10, 1), date(2027, 3, 31)
ON = date(2026, 4, 1)
OPEN = Interval(BEGIN)


def billable(interval: Interval = OPEN) -> Span:
    return Span(interval, billable=True)


LIVES = {
    "I10": [billable()],
    "E119": [billable()],
    "U071": [billable(Interval(date(2020, 4, 1)))],
    "C8410": [billable()],
    "S72001A": [billable()],
    "Z370": [
        billable(Interval(BEGIN, date(2024, 9, 30))),
        billable(Interval(date(2024, 10, 1))),
    ],
    "K35": [billable(Interval(BEGIN, date(2018, 9, 30)))],  # billable once, and a heading since
    "K358": [billable(Interval(date(2018, 10, 1)))],
    "M545": [billable(Interval(BEGIN, date(2021, 9, 30)))],
    "M5459": [billable(Interval(date(2021, 10, 1)))],
}
TITLES = {
    "I10": Title("Essential (primary) hypertension"),
    "E11": Title("Type 2 diabetes mellitus"),
    "E119": Title("Type 2 diabetes mellitus without complications"),
    "C8410": Title("Sézary disease, unspecified site"),
    "S72001A": Title("Fracture of neck of right femur", "initial encounter for closed fracture"),
    "M545": Title("Low back pain"),
    "M5459": Title("Low back  pain"),
}
PROVENANCE = Provenance(
    system=SYSTEM.name, release="example", effective_from=BEGIN, effective_to=END, source="example", complete=True
)
PACKED = table_of(PROVENANCE, LIVES, TITLES)
TABLE = SYSTEM.read(PACKED)


def test_a_billable_code_is_valid() -> None:
    assert TABLE.look_up("E119", ON) == Valid(TABLE.edition)


@pytest.mark.parametrize("code", ["E11", "S72", "S72001"])
def test_a_heading_needs_more_digits(code: str) -> None:
    assert TABLE.look_up(code, ON) == MoreDigitsNeeded(TABLE.edition)


def test_a_code_begins_on_its_first_day() -> None:
    assert TABLE.look_up("U071", date(2020, 3, 31)) == NotValidOnDate(TABLE.edition, (Interval(date(2020, 4, 1)),))
    assert TABLE.look_up("U071", date(2020, 4, 1)) == Valid(TABLE.edition)


def test_a_heading_begins_with_the_first_code_below_it() -> None:
    assert TABLE.look_up("U07", date(2020, 3, 31)) == NotValidOnDate(TABLE.edition, (Interval(date(2020, 4, 1)),))
    assert TABLE.look_up("U07", date(2020, 4, 1)) == MoreDigitsNeeded(TABLE.edition)


def test_a_code_can_become_a_heading() -> None:
    assert TABLE.look_up("K35", date(2018, 9, 30)) == Valid(TABLE.edition)
    assert TABLE.look_up("K35", date(2018, 10, 1)) == MoreDigitsNeeded(TABLE.edition)
    assert TABLE.valid_intervals("K35") == (Interval(BEGIN, date(2018, 9, 30)),)


@pytest.mark.parametrize("code", ["E118", "", "e119", "E11.9", "E119 ", "E119\0", "99213", "not a code at all"])
def test_what_a_complete_table_lacks_is_unknown(code: str) -> None:
    assert TABLE.look_up(code, ON) == UnknownCode(TABLE.edition)
    assert TABLE.title(code) is None
    assert TABLE.valid_intervals(code) == ()


@pytest.mark.parametrize(
    ("on", "why"),
    [(date(1986, 5, 1), Why.BEFORE_FIRST_EDITION), (date(2027, 4, 1), Why.AFTER_LAST_EDITION)],
)
@pytest.mark.parametrize("code", ["I10", "E11", "no code"])
def test_nothing_passes_outside_the_edition(code: str, on: date, why: Why) -> None:
    assert TABLE.look_up(code, on) == TableNotLoaded("icd10cm", why, TABLE.edition)
    assert TABLE.titles("Essential (primary) hypertension", on) == ()


def test_days_that_follow_each_other_are_joined() -> None:
    assert TABLE.valid_intervals("Z370") == (OPEN,)
    assert TABLE.valid_intervals("E11") == ()


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("I10", "Essential (primary) hypertension"),
        ("E11", "Type 2 diabetes mellitus"),
        ("S72001A", "Fracture of neck of right femur, initial encounter for closed fracture"),
        ("U071", None),
    ],
)
def test_a_title_is_there_or_none(code: str, title: str | None) -> None:
    assert TABLE.title(code) == title


@pytest.mark.parametrize(
    "text",
    ["Essential (primary) hypertension", "ESSENTIAL (PRIMARY) HYPERTENSION", " essential\n (primary)\thypertension "],
)
def test_finds_a_title_without_regard_to_case_and_spaces(text: str) -> None:
    assert TABLE.titles(text, ON) == ("I10",)


@pytest.mark.parametrize("text", ["Sezary disease, unspecified site", "SÉZARY DISEASE, UNSPECIFIED SITE"])
def test_finds_a_title_without_regard_to_accents(text: str) -> None:
    assert TABLE.titles(text, ON) == ("C8410",)


def test_finds_a_title_that_a_seventh_character_completes() -> None:
    assert TABLE.titles("Fracture of neck of right femur, initial encounter for closed fracture", ON) == ("S72001A",)


@pytest.mark.parametrize(
    "text", ["hypertension", "Essential primary hypertension", "Type 2 diabetes mellitus", "", "I10"]
)
def test_guesses_no_code_from_part_of_a_title_or_from_a_heading(text: str) -> None:
    assert TABLE.titles(text, ON) == ()


def test_finds_the_code_that_was_billable_on_the_date() -> None:
    assert TABLE.titles("Low back pain", date(2021, 9, 30)) == ("M545",)
    assert TABLE.titles("Low back pain", date(2021, 10, 1)) == ("M5459",)


def test_the_edition_names_its_days_and_the_plain_table() -> None:
    unpacked = SYSTEM.read(plain(PACKED))

    assert (TABLE.edition.effective_from, TABLE.edition.effective_to) == (BEGIN, END)
    assert TABLE.edition.complete
    assert unpacked.edition == TABLE.edition
    assert set(LIVES) < set(TABLE)
    assert len(TABLE) == len(list(TABLE))


@pytest.mark.parametrize("head", [{}, {"edition": {}, "histories": [], "extensions": []}])
def test_refuses_a_table_of_another_kind(head: dict[str, object]) -> None:
    with pytest.raises(NotATable):
        SYSTEM.read(write(head, {"codes": b""}))


def test_codes_change_form_at_the_border_only() -> None:
    assert stored_form(" e11.9 ") == "E119"
    assert dotted("E119") == "E11.9"
    assert dotted("I10") == "I10"
    assert dotted("S72001A") == "S72.001A"


def test_joins_days_that_follow_each_other() -> None:
    first, second = Interval(BEGIN, date(2020, 9, 30)), Interval(date(2020, 10, 1))

    assert merged([first, second]) == (OPEN,)
    assert merged([first, Interval(date(2020, 10, 2))]) == (first, Interval(date(2020, 10, 2)))


def test_unites_days_that_touch_or_overlap() -> None:
    first, second = Interval(BEGIN, date(2020, 9, 30)), Interval(date(2020, 10, 1))

    assert union([second, first]) == [OPEN]
    assert union([Interval(BEGIN, ON), first]) == [Interval(BEGIN, ON)]
    assert union([Interval(date(2020, 10, 2)), first]) == [first, Interval(date(2020, 10, 2))]


# -- several editions ----------------------------------------------------------------------------------------------


def of_year(year: int, *codes: str) -> Icd10:
    days = Interval(date(year - 1, 10, 1), date(year, 9, 30))
    provenance = Provenance(
        system=SYSTEM.name,
        release=f"FY{year}",
        effective_from=days.first,
        effective_to=days.last,
        source="x",
        complete=True,
    )
    return SYSTEM.read(table_of(provenance, {code: [billable(days)] for code in codes}, {}))


HELD = Library(
    [Shelf(system=SYSTEM, starter=TABLE, loaded=(of_year(2026, "I10", "U071"), of_year(2028, "I10", "E119", "Q999")))]
)


@pytest.mark.parametrize(
    ("code", "on", "valid"),
    [
        ("E119", ON, (Interval(BEGIN, date(2025, 9, 30)), Interval(date(2027, 10, 1), date(2028, 9, 30)))),
        ("Q999", ON, (Interval(date(2027, 10, 1), date(2028, 9, 30)),)),
        ("M545", ON, (Interval(BEGIN, date(2021, 9, 30)),)),
        ("U071", date(2028, 1, 1), (Interval(date(2020, 4, 1), END),)),  # what the starter says ends with the starter
    ],
)
def test_a_code_that_its_year_lacks_may_be_that_of_another(code: str, on: date, valid: tuple[Interval, ...]) -> None:
    found = answer(HELD, code, on)

    assert isinstance(found, NotValidOnDate)
    assert found.valid == valid
    assert found.edition.effective_from <= on


def test_a_code_that_no_edition_has_is_unknown() -> None:
    assert isinstance(answer(HELD, "X999", ON), UnknownCode)
    assert isinstance(answer(HELD, "I10", ON), Valid)
    assert isinstance(answer(HELD, "I10", date(2030, 1, 1)), TableNotLoaded)
    assert answer(Library(), "I10", ON) == TableNotLoaded("icd10cm", Why.ABSENT)
