"""Lists that users bring: what is read, what is refused, and what they answer."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.code_list import CDT, CPT, REVENUE, SYSTEMS, TAXONOMY, TYPE_OF_BILL, CodeList
from shared.codesets.edition import Interval, NotValidOnDate, TableNotLoaded, UnknownCode, Valid, Why
from shared.codesets.loaders.code_list import LAYOUTS, supplied
from shared.codesets.official import Built, Layout, Member, NotOfficial, Stated
from shared.codesets.packed import NotATable, plain, write
from tests.unit.shared.codesets.reference_data import FOLDER, rows

ON = date(2026, 1, 1)
STATED = Stated(release="2026", effective_from=date(2020, 1, 1))


def member(*lines: str, name: str = "revenue.csv") -> Member:
    return Member(name=name, lines=[f"{line}\r\n".encode() for line in lines])


def brought(*lines: str) -> CodeList:
    return supplied("example", member(*lines))


def layout(system: object) -> Layout:
    (found,) = (each for each in LAYOUTS if each.system is system)
    return found


def built(*lines: str, system: object = REVENUE, name: str = "revenue.csv") -> Built:
    return layout(system).build([member(*lines, name=name)], STATED)


def test_a_list_answers_for_what_it_has_and_for_what_it_has_not() -> None:
    found = brought('Code,Grouping,"Definition"', '207q00000x,Allopathic,"a, b', 'c"', "", ",,")

    assert len(found) == 1
    assert isinstance(found.look_up("207Q00000X", ON), Valid)
    assert isinstance(found.look_up("207Q00000X", None), Valid)
    assert isinstance(found.look_up("207R00000X", None), UnknownCode)


def test_a_code_holds_on_the_days_that_its_lines_give() -> None:
    found = brought("start,code,end", "2020-01-01,0120,2021-12-31", "2024-01-01,0120,", ",0300,2022-06-30")

    def holds(code: str, on: date) -> bool:
        return isinstance(found.look_up(code, on), Valid)

    assert [holds("0120", date(year, 12, 31)) for year in (2019, 2021, 2023, 2025)] == [False, True, False, True]
    assert [holds("0300", on) for on in (date(2000, 1, 1), date(2022, 6, 30), date(2022, 7, 1))] == [True, True, False]
    assert found.look_up("0120", date(2023, 1, 1)) == NotValidOnDate(
        found.edition, (Interval(date(2020, 1, 1), date(2021, 12, 31)), Interval(date(2024, 1, 1)))
    )


def test_points_are_no_part_of_a_code() -> None:
    assert isinstance(brought("code", "e11.9").look_up("E119", None), Valid)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "the first line"),
        (("number,label", "0120,room"), "the first line"),
        (("code",), "no code"),
        (("code,start", "0120,2020-01-01", "0130,1/31/2020"), "line 3"),
        (("code,start,end", "0120,2020-01-01,2019-01-01"), "line 2"),
        (("code,start", ",2020-01-01"), "line 2"),
    ],
)
def test_what_is_no_list_is_refused(lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(NotOfficial, match=said):
        brought(*lines)


def test_an_edition_is_known_by_what_it_holds() -> None:
    one, same, other = (brought("code", code) for code in ("0120", "0120", "0300"))

    assert one.edition == same.edition
    assert one.edition.sha256 != other.edition.sha256


def test_an_edition_answers_for_its_days_in_the_words_of_its_user() -> None:
    made = built("code,description,start", "0120,room and board,2021-01-01", "0300,,")
    table = CodeList.read("revenue", plain(made.table))

    assert (made.rows, made.edition.name, made.edition.complete) == (2, "revenue 2026", True)
    assert isinstance(table.look_up("0120", date(2021, 1, 1)), Valid)
    assert table.look_up("0120", date(2019, 12, 31)) == TableNotLoaded(
        "revenue", Why.BEFORE_FIRST_EDITION, table.edition
    )
    assert table.label("0120", date(2021, 1, 1)) == "room and board"
    assert [table.label(code, ON) for code in ("0300", "0999")] == [None, None]
    assert table.label("0120", date(2020, 1, 1)) is None


def test_rows_are_told_without_the_words_of_the_user() -> None:
    table = CodeList.read("revenue", built("code,description,end", "0300,words,", "0120,words,2025-12-31").table)

    assert list(table.rows()) == [("0120", "0001-01-01..2025-12-31"), ("0300", "")]


def test_a_row_that_is_no_code_of_the_list_is_told_and_the_list_is_incomplete() -> None:
    made = built("code,start", "0120,", "120,", "0130,soon")
    table = REVENUE.read(made.table)

    assert [(each.line, each.why.split(";")[0][:31]) for each in made.told.rejected] == [
        (3, "a code of this list is four dig"),
        (4, "days are written 2026-01-31, th"),
    ]
    assert table.look_up("0130", ON) == TableNotLoaded("revenue", Why.PARTIAL, table.edition)


@pytest.mark.parametrize(("system", "code"), [(CPT, "99213"), (CDT, "D0120")])
def test_a_licensed_description_is_never_kept(system: object, code: str) -> None:
    made = built("code,description", f"{code},licensed words", system=system)

    assert made.rows == 1
    assert b"licensed" not in bytes(plain(made.table))


def test_the_zero_before_a_type_of_bill_is_not_stored() -> None:
    made = built("code", "0131", "131", "89A", system=TYPE_OF_BILL)

    assert [code for code, _ in TYPE_OF_BILL.read(made.table).rows()] == ["131", "89A"]


@pytest.mark.parametrize(
    ("name", "release", "covers"),
    [
        ("nucc_taxonomy_260.csv", "26.0", Interval(date(2026, 4, 1), date(2026, 9, 30))),
        ("nucc_taxonomy_261.csv", "26.1", Interval(date(2026, 10, 1), date(2027, 3, 31))),
    ],
)
def test_the_name_of_the_taxonomy_says_its_days(name: str, release: str, covers: Interval) -> None:
    lines = "Code,Grouping,Definition,Display Name", "207Q00000X,G,long words,Family Medicine Physician"
    made = layout(TAXONOMY).build([member(*lines, name=name)], Stated())
    table = CodeList.read("taxonomy", made.table)

    assert (made.edition.release, made.edition.covers) == (release, covers)
    assert table.label("207Q00000X", covers.first) == "Family Medicine Physician"


def test_days_that_no_name_says_are_asked_for() -> None:
    with pytest.raises(NotOfficial, match="state them"):
        layout(REVENUE).build([member("code", "0120")], Stated())


def test_two_files_are_not_one_edition() -> None:
    with pytest.raises(NotOfficial, match="one file"):
        layout(REVENUE).build([member("code", "0120")] * 2, STATED)


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("carc.csv", "carc"),
        ("adjustment-reason.csv", "carc"),
        ("rarc-2026-10.csv", "rarc"),
        ("remark_codes.csv", "rarc"),
        ("status.csv", "claim_status"),
        ("claim-status-category-codes.csv", "claim_status_category"),
        ("lists.zip/Revenue Codes 2026.csv", "revenue"),
        ("type_of_bill.csv", "type_of_bill"),
        ("condition.csv", "condition"),
        ("occurrence.csv", "occurrence"),
        ("value.csv", "value"),
        ("patient-status.csv", "patient_status"),
        ("nucc_taxonomy_261.csv", "taxonomy"),
        ("cpt.csv", "cpt"),
        ("cpt-modifiers.csv", "cpt_modifiers"),
        ("cdt_2026.csv", "cdt"),
        ("codes.csv", None),
        ("revenue.xlsx", None),
        ("my revenue.csv", None),
    ],
)
def test_the_name_says_which_list_it_is(name: str, system: str | None) -> None:
    found = [each.system.name for each in LAYOUTS if each.recognises(name, b"\xef\xbb\xbfCode,Description\r\n")]

    assert found == ([] if system is None else [system])
    assert not any(each.recognises(name, b"number,text\r\n") for each in LAYOUTS)


def test_each_list_has_a_layout_and_a_licence() -> None:
    assert {each.system.name for each in LAYOUTS} == {system.name for system in SYSTEMS}
    assert all(system.licence for system in SYSTEMS)


def test_a_damaged_table_is_refused() -> None:
    with pytest.raises(NotATable, match="rows of the table"):
        REVENUE.read(write({}, {"rows": b"[{}]"}))


codes = st.sampled_from(["0120", "0300", "0450"])
days = st.integers(0, 9).map(lambda number: date(2021 + number, 1, 1))


@given(
    written=st.lists(st.tuples(codes, days, st.none() | days), min_size=1, max_size=12), asked=st.tuples(codes, days)
)
def test_the_list_answers_as_the_rows_do(written: list[tuple[str, date, date | None]], asked: tuple[str, date]) -> None:
    held = [each for each in written if each[2] is None or each[1] <= each[2]] or [("0120", ON, None)]
    table = REVENUE.read(built("code,start,end", *(f"{code},{a},{b or ''}" for code, a, b in held)).table)
    code, on = asked
    spans = [Interval(first, last) for each, first, last in held if each == code]

    answer = table.look_up(code, on)
    assert isinstance(answer, Valid) == any(span.holds(on) for span in spans)
    assert isinstance(answer, UnknownCode) == (not spans)


@pytest.mark.parametrize(
    ("system", "sample", "count", "no_codes"),
    [
        ("revenue", "bfd_revenue_codes_NUBC_LICENCE.csv", 539, 0),
        ("type_of_bill", "bfd_type_of_bill_3char.csv", 1_938, 1),  # the last row is ~~~
        ("taxonomy", "nucc_taxonomy_240_NUCC_LICENCE.csv", 874, 0),
    ],
)
def test_the_published_lists_are_read_whole(system: str, sample: str, count: int, no_codes: int) -> None:
    path = FOLDER / "codesets" / sample
    if not path.exists():
        pytest.skip("the sample is not beside the repository")
    (which,) = (each for each in LAYOUTS if each.system.name == system)
    made = which.build([Member(name=path.name, lines=path.read_bytes().splitlines(keepends=True))], STATED)

    assert (len(CodeList.read(system, made.table)), made.told.rejected_count) == (count, no_codes)


@pytest.mark.parametrize(("kind", "count", "ended"), [("CARC", 405, 110), ("RARC", 1_171, None)])
def test_the_published_reasons_are_read_whole(kind: str, count: int, ended: int | None) -> None:
    lines = [
        f"{row['adj_code']},{row['adj_start_date']},{row['adj_end_date']}"
        for row in rows("codesets/carc_rarc_with_dates_2024_X12_LICENCE.csv")
        if row["adj_type"] == kind
    ]
    (which,) = (each for each in LAYOUTS if each.system.name == kind.lower())
    made = which.build([member("code,start,end", *lines)], Stated(release="2024", effective_from=date(1995, 1, 1)))
    days_of = dict(CodeList.read(kind.lower(), made.table).rows())

    assert (len(days_of), made.told.rejected_count) == (count, 0)
    assert ended is None or sum(not each.endswith("..") for each in days_of.values()) == ended
