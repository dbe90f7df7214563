"""Add-on codes: the layout as published, and what stands beside them on which day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.add_ons import SYSTEM, AddOn, AddOnEdits, EditType
from shared.codesets.edition import Interval, TableNotLoaded, Why
from shared.codesets.loaders.add_ons import LAYOUTS, build
from shared.codesets.official import Built, Member, NotOfficial, Stated
from shared.codesets.packed import NotATable, plain, write
from tests.unit.shared.codesets.reference_data import rows

HEADINGS = (
    "Primary_Code\tAdd-On_Code\tAOC_Edit_Type\tSpecial_Instruction_Notes\tAOC_Del_Dt\tPrimary_Code_Del_Dt"
    "\tAOC_Edit_Eff_Dt\tAOC_Edit_Del_Dt"
)
NAME = "AOC_V2026Q4-MCR.txt"
ON = date(2026, 10, 15)
ALWAYS = Stated(release="example", effective_from=date(2013, 1, 1))


def row(  # noqa: PLR0913 (the columns)
    primary: str,
    code: str,
    kind: str = "1",
    *,
    since: str = "2013001",
    until: str = "",
    code_until: str = "",
    primary_until: str = "",
    note: str = "",
) -> str:
    return f"{primary}\t{code}\t{kind}\t{note}\t{code_until}\t{primary_until}\t{since}\t{until}"


def member(*lines: str, headings: str = HEADINGS, name: str = NAME) -> Member:
    content = "".join(f"{line}\r\n" for line in (headings, *lines))
    return Member(name=name, lines=content.encode("latin-1").splitlines(keepends=True))


def built(*lines: str) -> Built:
    return build([member(*lines)], ALWAYS)


def table(*lines: str) -> AddOnEdits:
    return SYSTEM.read(built(*lines).table)


def add_on(edits: AddOnEdits, code: str, on: date = ON) -> AddOn:
    found = edits.add_on(code, on)
    assert isinstance(found, AddOn)
    return found


def test_an_add_on_names_its_primaries() -> None:
    edits = table(row("99205", "99417"), row("99215", "99417"), row("99205", "G2212"))

    assert add_on(edits, "99417") == AddOn("99417", EditType.LISTED, frozenset({"99205", "99215"}))
    assert edits.add_on("99205", ON) is None


@pytest.mark.parametrize(
    ("lines", "edit_type", "primaries"),
    [
        ((row("CCCCC", "96376", "2"),), EditType.BY_CONTRACTOR, frozenset()),
        ((row("96374", "96376", "3"),), EditType.LISTED_AND_BY_CONTRACTOR, frozenset({"96374"})),
        (
            (row("96374", "96376", "3"), row("CCCCC", "96376", "3")),
            EditType.LISTED_AND_BY_CONTRACTOR,
            frozenset({"96374"}),
        ),
        ((row("CCCCC", "96376", "II"),), EditType.BY_CONTRACTOR, frozenset()),
    ],
)
def test_the_contractor_may_decide(lines: tuple[str, ...], edit_type: EditType, primaries: frozenset[str]) -> None:
    found = add_on(table(*lines), "96376")

    assert (found.edit_type, found.primaries) == (edit_type, primaries)


def test_the_days_of_a_row_are_numbered_in_their_year() -> None:
    edits = table(row("99205", "99417", since="2024060", until="2024366"))  # a leap year: 29 February to 31 December

    assert edits.add_on("99417", date(2024, 2, 28)) is None
    assert isinstance(edits.add_on("99417", date(2024, 2, 29)), AddOn)
    assert isinstance(edits.add_on("99417", date(2024, 12, 31)), AddOn)
    assert edits.add_on("99417", date(2025, 1, 1)) is None


def test_a_row_ends_with_the_first_deletion() -> None:
    edits = table(
        row("99205", "99417", primary_until="2025365", until="2026365"),
        row("99215", "99417", code_until="2026031"),
        row("99345", "99417", until="9999365"),
    )

    def primaries(on: date) -> set[str]:
        return set(add_on(edits, "99417", on).primaries)

    assert primaries(date(2025, 12, 31)) == {"99205", "99215", "99345"}
    assert primaries(date(2026, 1, 31)) == {"99215", "99345"}
    assert primaries(date(2026, 2, 1)) == {"99345"}


def test_a_row_without_a_first_day_always_held() -> None:
    assert isinstance(table(row("99205", "99417", since="")).add_on("99417", date(2013, 1, 1)), AddOn)


def test_instructions_are_kept_short() -> None:
    found = add_on(table(row("CCCCC", "96376", "2", note='"(for facilities only)"')), "96376")

    assert found.notes == ("for facilities only",)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (row("9920", "99417"), "two codes"),
        (row("99205", "9941"), "two codes"),
        (row("99205", "99417", "4"), "two codes"),
        (row("99205", "99417", since="20130101"), "YYYYDDD"),
        (row("99205", "99417", until="2025366"), "YYYYDDD"),
        (row("99205", "99417", since="2025001", until="2024001"), "YYYYDDD"),
        (row("99205", "99417", until="sooner!"), "YYYYDDD"),
    ],
)
def test_a_bad_row_is_left_out_and_told_and_the_table_is_incomplete(wrong: str, why: str) -> None:
    made = built(row("99205", "G2212"), wrong)
    edits = SYSTEM.read(made.table)

    assert (made.rows, made.told.rejected_count, made.edition.complete) == (1, 1, False)
    assert (made.told.rejected[0].line, why in made.told.rejected[0].why) == (3, True)
    assert edits.add_on("99417", ON) == TableNotLoaded("add_ons", Why.PARTIAL, edits.edition)


def test_the_name_says_the_quarter() -> None:
    edition = build([member(row("99205", "99417"))], Stated()).edition

    assert (edition.name, edition.covers) == ("add_ons 2026Q4", Interval(date(2026, 10, 1), date(2026, 12, 31)))


def test_a_day_that_the_edition_does_not_cover_is_not_loaded() -> None:
    edits = table(row("99205", "99417"))

    assert edits.add_on("99417", date(2012, 12, 31)) == TableNotLoaded(
        "add_ons", Why.BEFORE_FIRST_EDITION, edits.edition
    )


@pytest.mark.parametrize(
    ("headings", "separator"),
    [
        ("Notice, all rights reserved\r\n" + HEADINGS, "\t"),
        (HEADINGS.replace("\t", ","), ","),
        (HEADINGS.replace("_Dt", "_Dt_Julian"), "\t"),
        (HEADINGS.replace("Add-On_Code", "Add_On_Code") + "\tAnother", "\t"),
    ],
)
def test_columns_are_known_by_their_names(headings: str, separator: str) -> None:
    made = build([member(row("99205", "99417").replace("\t", separator), headings=headings)], ALWAYS)

    assert (made.rows, made.told.rejected_count) == (1, 0)
    assert LAYOUTS[0].recognises(NAME, headings.encode())


@pytest.mark.parametrize(
    ("headings", "why"),
    [
        (HEADINGS.replace("AOC_Edit_Eff_Dt", "Since"), "headings are missing"),
        ("Column 1\tColumn 2", "it ends before"),
        ("\r\n".join(["nothing"] * 60), "were expected"),
    ],
)
def test_another_layout_is_refused(headings: str, why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        build([member(headings=headings)], ALWAYS)


def test_two_files_are_not_one_edition() -> None:
    with pytest.raises(NotOfficial, match="one file"):
        build([member(), member()], ALWAYS)


def test_rows_are_told_in_their_order_and_once() -> None:
    edits = table(row("99215", "99417", until="2026001"), row("CCCCC", "96376", "2"), row("CCCCC", "96376", "2"))

    told = list(edits.rows())

    assert told == sorted(told)
    assert told == [
        ("96376/CCCCC 2013-01-01", "to open, type 2"),
        ("99417/99215 2013-01-01", "to 2026-01-01, type 1"),
    ]
    assert len(edits) == 2


def test_a_damaged_table_is_refused() -> None:
    with pytest.raises(NotATable, match="rows of the table"):
        SYSTEM.read(write({}, {"rows": b"[{}]"}))


codes = st.sampled_from(["99417", "G2212", "96376"])
primaries_or_none = st.sampled_from(["99205", "99215", "CCCCC"])
first_days = st.integers(0, 60).map(lambda number: date(2025, 1, 1) + timedelta(days=number))


@given(
    written=st.lists(st.tuples(primaries_or_none, codes, first_days, st.none() | first_days), max_size=20),
    asked=st.lists(st.tuples(codes, first_days), max_size=20),
)
def test_the_table_answers_as_the_rows_do(
    written: list[tuple[str, str, date, date | None]], asked: list[tuple[str, date]]
) -> None:
    held = [each for each in written if each[3] is None or each[2] <= each[3]]
    lines = [
        row(primary, code, "1", since=f"{first:%Y%j}", until="" if last is None else f"{last:%Y%j}")
        for primary, code, first, last in held
    ]
    edits = table(*lines)

    for code, on in asked:
        expected = {p for p, c, first, last in held if c == code and Interval(first, last).holds(on)}
        found = edits.add_on(code, on)
        assert (found is not None) == bool(expected)
        if isinstance(found, AddOn):
            assert found.primaries == expected - {"CCCCC"}
            assert (found.edit_type is EditType.LISTED) == ("CCCCC" not in expected)


def test_the_published_sample_is_read_whole() -> None:
    sample = [tuple(each.values()) for each in rows("ncci/aoc_2024_sample_AMA.csv")]
    edits = SYSTEM.read(plain(built(*(row(*each) for each in sample)).table))

    assert len(edits) == 18
    assert add_on(edits, "64484").primaries == {"64483"}
    assert add_on(edits, "G2212").primaries == {"99205", "99215", "99483"}
