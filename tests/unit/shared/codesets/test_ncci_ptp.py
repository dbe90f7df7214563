"""Pair edits: the layout as published, and what is in force on which day."""

from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Interval
from shared.codesets.loaders.ncci_ptp import LAYOUTS
from shared.codesets.ncci_ptp import HOSPITAL, PRACTITIONER, PairEdit, PtpEdits
from shared.codesets.official import Member, NotOfficial, Stated
from shared.codesets.packed import NotATable, plain, write
from tests.support.pair_edits import HEADINGS, NAMED, built, member, row
from tests.unit.shared.codesets.reference_data import FOLDER

FOURTH_QUARTER = date(2026, 10, 1)
STATED = Stated(release="example", effective_from=date(1996, 1, 1))


def table(*rows: str) -> PtpEdits:
    return PRACTITIONER.read(built(*rows).table)


def test_a_pair_is_found_in_its_order_only() -> None:
    edits = table(row("11043", "11042", "19960101").replace("\t\t", "\t*\t"))  # a mark, no day

    assert edits.edit("11043", "11042", FOURTH_QUARTER) == PairEdit(
        Interval(date(1996, 1, 1)), indicator=1, rationale="More extensive procedure"
    )
    assert edits.edit("11042", "11043", FOURTH_QUARTER) is None
    assert edits.edit("11043", "99213", FOURTH_QUARTER) is None


@pytest.mark.parametrize(
    ("on", "days"),
    [
        (date(2013, 6, 30), None),
        (date(2013, 7, 1), Interval(date(2013, 7, 1), date(2019, 12, 31))),
        (date(2019, 12, 31), Interval(date(2013, 7, 1), date(2019, 12, 31))),  # the day of deletion is still in force
        (date(2020, 1, 1), None),
        (date(2020, 10, 1), Interval(date(2020, 10, 1))),
    ],
)
def test_a_pair_may_have_several_spans_of_days(on: date, days: Interval | None) -> None:
    edits = table(row("10060", "99213", "20201001"), row("10060", "99213", "20130701", "20191231"))
    found = edits.edit("10060", "99213", on)

    assert (found and found.days) == days


def test_the_rows_are_listed_in_order_for_a_comparison() -> None:
    edits = table(row("A0425", "11042", "20200101", "20201231", "0"), row("11043", "11042", "19960101"))

    assert list(edits.rows()) == [
        ("11043/11042 1996-01-01", "to open, modifier 1, More extensive procedure"),
        ("A0425/11042 2020-01-01", "to 2020-12-31, modifier 0, More extensive procedure"),
    ]


def test_indicator_9_never_applied() -> None:
    edits = table(row("10060", "92012", "20130701", "20130701", "9"), row("10060", "92012", "20140401"))

    assert edits.edit("10060", "92012", date(2013, 7, 1)) is None
    assert edits.edit("10060", "92012", date(2014, 4, 1)) is not None


def test_indicator_0_cannot_be_lifted() -> None:
    found = table(row("11721", "11720", "19970101", indicator="0")).edit("11721", "11720", date(1997, 1, 1))

    assert found is not None
    assert not found.may_be_lifted


@pytest.mark.parametrize("code", ["", "9921", "992133", "9921é", "99-13", "٩٩٢١٣"])
def test_what_is_no_procedure_code_has_no_edit(code: str) -> None:
    edits = table(row("99213", "99212", "19960101"))

    assert edits.edit(code, "99212", FOURTH_QUARTER) is None
    assert edits.edit("99213", code, FOURTH_QUARTER) is None


def test_four_files_are_one_edition_of_their_quarter() -> None:
    members = [member(row(f"1000{n}", "99213", "20200101"), name=NAMED.format(n)) for n in range(1, 5)]
    edition = LAYOUTS[0].build(members, Stated()).edition

    assert (edition.system, edition.release) == ("ncci_ptp_practitioner", "2026Q4")
    assert edition.covers == Interval(FOURTH_QUARTER, date(2026, 12, 31))
    assert edition.complete


def test_what_the_user_states_goes_before_what_the_files_say() -> None:
    members = [member(row("10060", "99213", "20200101"), name=NAMED.format(n)) for n in range(1, 5)]
    stated = Stated(effective_from=date(2013, 1, 1))  # the files hold their history, so they may answer for it

    assert LAYOUTS[0].build(members, stated).edition.covers == Interval(date(2013, 1, 1), date(2026, 12, 31))


def test_missing_files_of_a_version_are_named() -> None:
    with pytest.raises(NotOfficial, match="f2, f4 of the same version"):
        LAYOUTS[0].build([member(name=NAMED.format(n)) for n in (1, 3)], Stated())


def test_two_versions_are_not_mixed() -> None:
    names = [NAMED.format(1), NAMED.format(2).replace("v323", "v322")]
    with pytest.raises(NotOfficial, match="several versions"):
        LAYOUTS[0].build([member(name=name) for name in names], Stated())


def test_a_file_that_does_not_say_its_days_asks_for_them() -> None:
    with pytest.raises(NotOfficial, match="state them"):
        LAYOUTS[0].build([member(row("10060", "99213", "20200101"))], Stated())


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (member("10060\t99213\t20200101\t*\t1\tno mark\r\n"), "line 7: 7 columns were expected, 6 are there"),
        (member(headings="10060\t99213\t\t20200101\t*\t1\tx\r\n" * 13), "line 13: the headings"),
        (member(headings="Column 2\r\n"), "it ends before the headings"),
    ],
    ids=["columns", "no headings", "short"],
)
def test_another_layout_is_refused_at_its_line(broken: Member, why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        LAYOUTS[0].build([broken], STATED)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (row("1006", "99213", "20200101"), "columns 1 and 2"),
        (row("", "99213", "20200101"), "columns 1 and 2"),
        (row("10060", "99213", "20201301"), "column 4"),
        (row("10060", "99213", "*"), "column 4"),
        (row("10060", "99213", "18000101"), "column 4"),
        (row("10060", "99213", "20200101", "2020"), "columns 4 and 5"),
        (row("10060", "99213", "20200101", "20191231"), "columns 4 and 5"),
        (row("10060", "99213", "20200101", indicator="2"), "column 6"),
    ],
)
def test_a_bad_row_is_left_out_and_told_and_the_table_is_incomplete(wrong: str, why: str) -> None:
    headings = HEADINGS + "".join(row(f"2000{n}", "99213", "20200101") for n in range(8))
    made = LAYOUTS[0].build([member(wrong, headings=headings)], STATED)

    assert (made.rows, made.told.rejected_count, made.edition.complete) == (8, 1, False)
    assert (made.told.rejected[0].line, made.told.rejected[0].why.startswith(why)) == (15, True)


def test_a_row_that_stands_twice_is_kept_once() -> None:
    assert built(row("10060", "99213", "20200101"), row("10060", "99213", "20200101")).rows == 1


def test_the_layouts_are_told_apart_by_name_and_headings() -> None:
    head = HEADINGS.encode()

    assert [each.recognises("ccipra-v323r0-f1.TXT", head) for each in LAYOUTS] == [True, False]
    assert [each.recognises("ccioph-v323r0-f1.TXT", head) for each in LAYOUTS] == [False, True]
    assert not any(each.recognises("ccipra-v323r0-f1.TXT", b"something else") for each in LAYOUTS)


def test_a_table_of_the_other_code_set_is_refused() -> None:
    with pytest.raises(NotATable, match="another code set"):
        HOSPITAL.read(built(row("10060", "99213", "20200101")).table)


def test_sections_of_different_length_are_refused() -> None:
    head = {"edition": {**_head(), "system": PRACTITIONER.name}, "terms": []}
    sections = dict.fromkeys(("column1", "column2", "terms_of"), b"")
    with pytest.raises(NotATable, match="not of one length"):
        PRACTITIONER.read(write(head, {**sections, "starts": b"\1\0\0\0"}))


def _head() -> dict[str, str | bool | None]:
    return {
        "release": "example",
        "effective_from": "2026-01-01",
        "effective_to": None,
        "source": "example",
        "complete": True,
    }


codes = st.text(alphabet="0A9", min_size=5, max_size=5)
first_days = st.integers(0, 9).map(lambda n: date(2020 + n, 1, 1))


@given(
    written=st.dictionaries(st.tuples(codes, codes, first_days), st.sampled_from("019"), max_size=30),
    asked=st.lists(st.tuples(codes, codes, first_days), max_size=10),
)
def test_the_table_answers_as_the_rows_do(
    written: dict[tuple[str, str, date], str], asked: list[tuple[str, str, date]]
) -> None:
    rows = [
        row(first, second, f"{day:%Y%m%d}", f"{day.year}1231", indicator)
        for (first, second, day), indicator in written.items()
    ]
    edits = table(*rows)
    questions: Iterable[tuple[str, str, date]] = [*asked, *written]

    assert len(edits) == len(written)
    for first, second, day in questions:
        found = edits.edit(first, second, day)
        expected = written.get((first, second, day))
        assert (found is not None) == (expected in {"0", "1"})
        assert found is None or found.may_be_lifted == (expected == "1")


def test_the_published_sample_is_read_whole() -> None:
    path = FOLDER / "ncci" / "ptp_practitioner_2026Q3_sample_AMA.txt"
    if not path.exists():
        pytest.skip("the sample is not beside the repository")
    lines = path.read_bytes().splitlines(keepends=True)
    made = LAYOUTS[0].build(
        [Member(name=path.name, lines=lines)], Stated(release="2026Q3 sample", effective_from=date(1996, 1, 1))
    )
    edits = PRACTITIONER.read(plain(made.table))

    assert (made.rows, made.told.rejected_count) == (len(lines) - 6, 0)
    assert LAYOUTS[0].recognises(path.name, b"".join(lines)[:8_192])
    for first, second, on, may_be_lifted in (
        ("11043", "11042", date(1996, 1, 1), True),
        ("11721", "11720", date(1997, 1, 1), False),
        ("12002", "12001", FOURTH_QUARTER, False),
        ("10061", "10060", FOURTH_QUARTER, True),
    ):
        found = edits.edit(first, second, on)
        assert found is not None
        assert found.may_be_lifted is may_be_lifted
