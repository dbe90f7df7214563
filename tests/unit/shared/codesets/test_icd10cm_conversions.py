"""Conversions: what took the place of a code, by day, and the table as its keeper publishes it."""

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Interval, Provenance
from shared.codesets.icd10cm_conversions import SYSTEM, Conversion, Conversions, table_of
from shared.codesets.loaders.icd10cm_conversions import LAYOUTS, previous_codes
from shared.codesets.official import Built, Member, NotOfficial, Stated
from shared.codesets.packed import NotATable, write
from tests.unit.shared.codesets.reference_data import rows

(TABLE,) = LAYOUTS
NAMED = "2026-conversion-table.zip/icd10cm_conversion_table_FY2026.txt"
HEADINGS = "ICD-10-CM conversion table\r\nCurrent code assignment\tEffective\tPrevious Code(s) Assignment\r\n"
END = date(2026, 9, 30)


def built(*lines: str, headings: str = HEADINGS, name: str = NAMED, stated: Stated | None = None) -> Built:
    raw = (headings + "".join(f"{line}\r\n" for line in lines)).encode()
    return TABLE.build([Member(name=name, lines=raw.splitlines(keepends=True))], stated or Stated())


def read(*lines: str) -> Conversions:
    return SYSTEM.read(built(*lines).table)


def among(*codes: str) -> Callable[[str], bool]:
    return lambda code: code in codes


LOW_BACK = read("M54.50\t2021\tM54.5", "M54.51\t2021\tM54.5", "M54.59\t2021\tM54.5", "R05.1\t2021\tR05")
TWICE = read("B88.0\t2018\tB88", "B88.01\t2025\tB88.0", "B88.09\t2025\tB88.0")


def test_a_split_code_has_several_successors() -> None:
    found = LOW_BACK.successors("M545", END, among("M5450", "M5459"))

    assert found == (
        Conversion("M5450", date(2021, 10, 1), ("M545",), "M54.5"),
        Conversion("M5459", date(2021, 10, 1), ("M545",), "M54.5"),
    )


def test_a_successor_has_to_be_there_on_the_day() -> None:
    assert LOW_BACK.successors("M545", date(2021, 9, 30), among("M5450")) == ()
    assert len(LOW_BACK.successors("M545", date(2021, 10, 1), among("M5450"))) == 1


def test_a_successor_that_ended_is_followed() -> None:
    assert [row.code for row in TWICE.successors("B88", END, among("B8801", "B8809"))] == ["B8801", "B8809"]
    assert [row.code for row in TWICE.successors("B88", date(2025, 9, 30), among("B880"))] == ["B880"]


def test_a_code_that_came_later_has_predecessors() -> None:
    assert LOW_BACK.predecessors("M5450", date(2021, 9, 30), among("M545")) == ("M545",)
    assert LOW_BACK.predecessors("M5450", date(2021, 10, 1), among("M545")) == ()
    assert TWICE.predecessors("B8801", date(2018, 9, 30), among("B88")) == ("B88",)


@pytest.mark.parametrize("code", ["", "E119", "m545", "M54.5"])
def test_what_the_table_lacks_leads_nowhere(code: str) -> None:
    assert LOW_BACK.successors(code, END, lambda _: True) == ()
    assert LOW_BACK.predecessors(code, date.min, lambda _: True) == ()


def test_a_circle_ends() -> None:
    circle = read("A01\t2017\tA02", "A02\t2018\tA01")

    assert circle.successors("A01", END, among()) == ()
    assert circle.predecessors("A01", date(2015, 10, 1), among()) == ()


@pytest.mark.parametrize(
    ("said", "previous"),
    [
        ("M54.5", ["M545"]),
        ("G56.01 and G56.02", ["G5601", "G5602"]),
        ("C79.61 AND C79.62", ["C7961", "C7962"]),
        ("W23.0XXD & W23.1XXD", ["W230XXD", "W231XXD"]),
        ("E66.01, E66.8", ["E6601", "E668"]),
        ("H02.101-H02.106; H02.109", ["H02101", "H02102", "H02103", "H02104", "H02105", "H02106", "H02109"]),
        ("Codes in Categories T15-T19", []),
        ("T15-T19", ["T15", "T16", "T17", "T18", "T19"]),
        ("I69.01-I69.11", []),
        ("E11.6 and a code from R40-", ["E116"]),
        ("None", []),
        ("", []),
    ],
)
def test_only_codes_that_are_named_one_by_one_are_taken(said: str, previous: Sequence[str]) -> None:
    assert list(previous_codes(said)) == list(previous)


@pytest.mark.parametrize(
    ("effective", "since"),
    [
        ("2017", date(2017, 10, 1)),
        ("04/01/23", date(2023, 4, 1)),
        ("1/1/2021", date(2021, 1, 1)),
        ("2020-04-01 00:00:00", date(2020, 4, 1)),
    ],
)
def test_a_year_means_its_first_of_october(effective: str, since: date) -> None:
    (row,) = read(f"M54.50\t{effective}\tM54.5").successors("M545", END, lambda _: True)

    assert row.since == since


def test_the_columns_of_a_saved_sheet_are_read_as_well() -> None:
    made = built('E66.813,2024,"E66.01, E66.8"', headings=HEADINGS.replace("\t", ","))
    table = SYSTEM.read(made.table)

    assert [row.said for row in table.successors("E668", END, among("E66813"))] == ["E66.01, E66.8"]


def test_the_name_says_the_year_and_what_is_stated_goes_before() -> None:
    assert built("M54.50\t2021\tM54.5").edition.covers == Interval(date(2025, 10, 1), END)
    stated = Stated(effective_from=date(2015, 10, 1))
    assert built("M54.50\t2021\tM54.5", stated=stated).edition.covers == Interval(date(2015, 10, 1), END)
    with pytest.raises(NotOfficial, match="state them"):
        built("M54.50\t2021\tM54.5", name="conversion.txt")


@pytest.mark.parametrize(
    ("lines", "headings", "why"),
    [
        (["M54.50\t2021"], HEADINGS, "line 3: 3 columns were expected, 2 are there"),
        (["M54.50\t2021\tM54.5\tmore"], HEADINGS, "line 3: 3 columns were expected, 4 are there"),
        (["x"] * 20, "", "line 20: the heading Current code assignment"),
        ([], "", "it ends before the heading"),
    ],
)
def test_another_layout_is_refused_at_its_line(lines: list[str], headings: str, why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        built(*lines, headings=headings)


def test_two_tables_are_not_one_edition() -> None:
    with pytest.raises(NotOfficial, match="second conversion table"):
        TABLE.build([Member(name=NAMED, lines=[]), Member(name=NAMED, lines=[])], Stated())


@pytest.mark.parametrize(
    "line", ["M54.5x\t2021\tM54.5", "M54.50\t45017\tM54.5", "M54.50\t13/01/23\tM54.5", "M54.50\t\tM54.5"]
)
def test_a_bad_row_is_left_out_and_told(line: str) -> None:
    made = built("", line, "R05.1\t2021\tR05")

    assert (made.rows, made.told.rejected_count, made.told.rejected[0].line) == (1, 1, 4)
    assert not made.edition.complete


def test_is_known_by_its_headings() -> None:
    assert TABLE.recognises("any.txt", HEADINGS.encode())
    assert not TABLE.recognises("icd10cm_conversion.txt", b"Current code\tEffective\tPrevious\r\n")


@pytest.mark.parametrize("written", [None, 7, [["A01"]], [["A01", "2017", [], ""]]])
def test_refuses_a_table_of_another_kind(written: object) -> None:
    edition = {"system": "icd10cm_conversions", "release": "x", "effective_from": "2026-01-01", "effective_to": None}
    with pytest.raises(NotATable):
        SYSTEM.read(write({"edition": {**edition, "source": "x", "complete": True}, "conversions": written}, {}))


codes = st.sampled_from(["A00", "A01", "A02", "A03"])
written = st.lists(
    st.builds(
        Conversion,
        code=codes,
        since=st.integers(2016, 2019).map(lambda year: date(year, 10, 1)),
        previous=st.lists(codes, max_size=2, unique=True).map(tuple),
        said=st.just("as said"),
    ),
    max_size=6,
)
PROVENANCE = Provenance(
    system=SYSTEM.name, release="x", effective_from=date(2015, 10, 1), effective_to=END, source="x", complete=True
)


@given(written, codes, st.sampled_from([2016, 2018, 2019]))
def test_the_table_answers_as_its_rows_do(conversions: list[Conversion], code: str, year: int) -> None:
    table, on = SYSTEM.read(table_of(PROVENANCE, conversions)), date(year, 10, 1)
    direct = {row.code for row in conversions if code in row.previous and row.since <= on} - {code}
    before = {each for row in conversions if row.code == code and row.since > on for each in row.previous} - {code}

    assert {row.code for row in table.successors(code, on, lambda _: True)} == direct
    assert set(table.predecessors(code, on, lambda _: True)) == before
    assert len(table) == len(set(conversions))


def test_the_published_table_is_read_whole() -> None:
    listed = list(rows("icd10cm/icd10cm_conversion_table_fy2026.csv"))
    made = built(*("\t".join((row["current_code"], row["effective"], row["previous_codes"])) for row in listed))
    table = SYSTEM.read(made.table)

    assert (len(listed), made.told.rejected_count) == (5_892, 0)
    assert made.rows == len({tuple(map(str.strip, row.values())) for row in listed})
    assert {row.code for row in table.successors("A047", END, lambda _: True)} == {"A0471", "A0472"}
    assert {row.code for row in table.successors("M545", END, lambda _: True)} == {"M5450", "M5451", "M5459"}
