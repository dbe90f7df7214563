"""Order files of ICD-10: the layout as published, the days of a release, and the addenda that check it."""

import gzip
from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Interval, MoreDigitsNeeded, TableNotLoaded, UnknownCode, Valid
from shared.codesets.icd10 import Icd10
from shared.codesets.icd10cm import SYSTEM as CM
from shared.codesets.icd10pcs import SYSTEM as PCS
from shared.codesets.loaders.fiscal_year import printed
from shared.codesets.loaders.icd10_order import LAYOUTS
from shared.codesets.official import HEAD_BYTES, Built, Layout, Member, NotOfficial, Stated
from tests.unit.shared.codesets.reference_data import FOLDER

CM_FILES, PCS_FILES = LAYOUTS
NAMED = "2027-code-descriptions-tabular-order.zip/icd10cm_order_2027.txt"
WINTER = date(2026, 12, 1)
ROWS = [
    ("E11", "0", "Type 2 diabetes mellitus"),
    ("E119", "1", "Type 2 diabetes mellitus without complications"),
    ("S72001", "0", "Fracture of neck of right femur"),
    ("S72001A", "1", "Fracture of neck of right femur, initial encounter for closed fracture"),
    ("T360X1", "0", "Poisoning by penicillins"),
    ("T360X1A", "1", "Poisoning by penicillins, initial encounter"),
    ("U071", "1", "COVID-19"),
]


def order(rows: Sequence[tuple[str, str, str]]) -> list[bytes]:
    return [
        f"{number:05} {code:<7} {flag} {title[:60]:<60} {title}\r\n".encode()
        for number, (code, flag, title) in enumerate(rows, start=1)
    ]


def built(lines: Sequence[bytes], *more: Member, name: str = NAMED, files: Layout = CM_FILES) -> Built:
    return files.build([Member(name=name, lines=lines), *more], Stated())


def table(lines: Sequence[bytes]) -> Icd10:
    return CM.read(built(lines).table)


def addenda(*lines: str) -> Member:
    return Member(name="icd10cm_order_addenda_2027.txt", lines=[f"{line}\r\n".encode() for line in lines])


def test_a_code_is_billable_and_a_heading_needs_more_digits() -> None:
    codes = table(order(ROWS))

    assert codes.look_up("E119", WINTER) == Valid(codes.edition)
    assert codes.look_up("U071", WINTER) == Valid(codes.edition)
    assert codes.look_up("E11", WINTER) == MoreDigitsNeeded(codes.edition)
    assert codes.look_up("S72", WINTER) == UnknownCode(codes.edition)  # the file lists its headings; none is derived
    assert codes.valid_intervals("E119") == (Interval(date(2026, 10, 1), date(2027, 9, 30)),)


def test_it_answers_for_its_year_alone() -> None:
    codes = table(order(ROWS))

    assert codes.edition.covers == Interval(date(2026, 10, 1), date(2027, 9, 30))
    assert isinstance(codes.look_up("E119", date(2026, 9, 30)), TableNotLoaded)
    assert isinstance(codes.look_up("E119", date(2027, 10, 1)), TableNotLoaded)


def test_long_titles_are_kept_whole_and_found() -> None:
    codes = table(order(ROWS))

    assert {code: codes.title(code) for code in codes} == {code: title for code, _, title in ROWS}
    assert codes.titles("poisoning by penicillins, INITIAL encounter", WINTER) == ("T360X1A",)


@pytest.mark.parametrize(
    ("name", "release", "days"),
    [
        (NAMED, "FY2027", Interval(date(2026, 10, 1), date(2027, 9, 30))),
        ("icd10cm-order-2026.txt", "FY2026", Interval(date(2025, 10, 1), date(2026, 9, 30))),
        (
            "april-1-2026-code-descriptions-tabular-order.zip/icd10cm_order_2026.txt",
            "FY2026 from April",
            Interval(date(2026, 4, 1), date(2026, 9, 30)),
        ),
        ("icd10cm-order-January-1-2021.txt", "FY2021 from January", Interval(date(2021, 1, 1), date(2021, 9, 30))),
        (
            "2026-icd-10-pcs-order-file-long-and-abbreviated-titles.zip/icd10pcs_order_2026.txt",
            "FY2026",
            Interval(date(2025, 10, 1), date(2026, 9, 30)),
        ),
        ("fy2027-fr-definition-mce-v44.zip/x.txt", "FY2027", Interval(date(2026, 10, 1), date(2027, 9, 30))),
        ("POAexemptCodesFY26.txt", "FY2026", Interval(date(2025, 10, 1), date(2026, 9, 30))),
    ],
)
def test_the_name_says_the_days(name: str, release: str, days: Interval) -> None:
    period = printed(name)

    assert period is not None
    assert (period.release, Interval(period.first, period.last)) == (release, days)


@pytest.mark.parametrize("name", ["icd10cm_order.txt", "order_123456.txt", "icd10cm_order_1999.txt"])
def test_a_name_without_a_year_says_nothing(name: str) -> None:
    assert printed(name) is None
    with pytest.raises(NotOfficial, match="state them"):
        built(order(ROWS), name=name)


def test_what_the_user_states_goes_before_the_name() -> None:
    stated = Stated(effective_to=date(2027, 3, 31))
    made = CM_FILES.build([Member(name=NAMED, lines=order(ROWS))], stated)

    assert made.edition.covers == Interval(date(2026, 10, 1), date(2027, 3, 31))


def test_the_two_code_sets_are_told_apart_by_content() -> None:
    cm, pcs = (b"".join(order([row])) for row in (ROWS[0], ("001", "0", "Central Nervous System, Bypass")))
    cm_addenda = b"Add:         0 B880    Other acariasis      \r\n"
    pcs_addenda = b"Add:         00H033J Insertion of Infusion Device into Brain\r\n"

    for head, recognised in ((cm, [True, False]), (cm_addenda, [True, False]), (pcs, [False, True])):
        assert [files.recognises("order.txt", head) for files in LAYOUTS] == recognised
    assert [files.recognises("icd10pcs_order_addenda_2026.txt", pcs_addenda) for files in LAYOUTS] == [False, True]
    assert [files.recognises("any.txt", cm) for files in LAYOUTS] == [True, False]
    for other in (
        b"",
        b"A000    Cholera due to Vibrio cholerae 01\r\n",
        b"<?xml version='1.0'?>",
        b"00001\tB90.0\tx\r\n",
    ):
        assert [files.recognises("icd10cm_codes_2027.txt", other) for files in LAYOUTS] == [False, False]


def test_addenda_of_the_list_of_codes_are_not_those_of_the_order_file() -> None:
    beside = "2027-code-descriptions-tabular-order.zip/icd10cm_codes_addenda_2027.txt"
    added = b"Add:         C810A   Nodular lymphocyte predominant Hodgkin lymphoma, in remission\r\n"

    assert [files.recognises(beside, added) for files in LAYOUTS] == [False, False]


def test_pcs_has_headings_of_three_characters_only() -> None:
    rows = [("001", "0", "Central Nervous System, Bypass"), ("0016070", "1", "Bypass Cerebral Ventricle")]
    codes = PCS.read(built(order(rows), files=PCS_FILES, name="icd10pcs_order_2026.txt").table)
    day = date(2026, 1, 1)

    assert (codes.edition.system, codes.edition.release) == ("icd10pcs", "FY2026")
    assert isinstance(codes.look_up("0016070", day), Valid)
    assert isinstance(codes.look_up("001", day), MoreDigitsNeeded)
    assert isinstance(codes.look_up("00160", day), UnknownCode)
    assert codes.title("0016070") == "Bypass Cerebral Ventricle"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([*order(ROWS[:1]), b" " + order(ROWS[1:2])[0]], "line 2: fixed columns"),
        ([*order(ROWS[:1]), b"00002 E119    1 short\r\n"], "line 2: fixed columns"),
        ([b"A0000 E119    1" + b" x" * 80], "line 1: fixed columns"),
        ([], "it has no row"),
    ],
    ids=["shifted", "short", "no number", "empty"],
)
def test_another_layout_is_refused_at_its_line(lines: list[bytes], why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        built(lines)


@pytest.mark.parametrize(
    ("rows", "line", "why"),
    [
        ([*ROWS, ("E11.9", "1", "With a dot")], 8, "columns 7 to 13"),
        ([*ROWS, ("E118", "2", "Flag")], 8, "columns 7 to 13"),
        ([*ROWS, ROWS[1]], 8, "the code stands there twice"),
    ],
)
def test_a_bad_row_is_left_out_and_told_and_the_table_is_incomplete(
    rows: list[tuple[str, str, str]], line: int, why: str
) -> None:
    made = built(order(rows))

    assert (made.rows, made.told.rejected_count, made.edition.complete) == (7, 1, False)
    assert (made.told.rejected[0].line, made.told.rejected[0].why.startswith(why)) == (line, True)
    assert isinstance(CM.read(made.table).look_up("E118", WINTER), TableNotLoaded)


def test_missing_rows_show_in_the_order_numbers() -> None:
    lines = order(ROWS)
    made = built([*lines[:2], *lines[3:]])

    assert (made.told.rejected_count, made.edition.complete) == (1, False)
    assert made.told.rejected[0].why == "rows are missing before it: order number 3 was expected"


def test_latin_1_is_read_as_well() -> None:
    line = order([("C8410", "1", "S?zary disease, unspecified site")])[0].replace(b"?", b"\xe9")

    assert table([line]).title("C8410") == "Sézary disease, unspecified site"


# -- addenda -------------------------------------------------------------------------------------------------------

ADDED = "Add:         1 U071    COVID-19"


def test_addenda_that_agree_are_a_check_passed() -> None:
    changes = addenda(
        "Delete:      1 E118    Gone",
        "Delete:      1 E11     Was billable",
        "Add:         0 E11     Type 2 diabetes mellitus",
        "Revise from: 1 E119    Type 2 diabetes",
        "Revise to:   1 E119    Type 2 diabetes mellitus without complications",
        ADDED,
        "",
        "Headers",
        "      2 headers in icd10cm_order_2026.txt",
        "      3 headers in icd10cm_order_2027.txt",
        "Codes",
        "      9 codes in icd10cm_order_2026.txt",
        "      4 codes in icd10cm_order_2027.txt",
    )
    made = built(order(ROWS), changes)

    assert (made.rows, made.edition.complete, made.edition.release) == (7, True, "FY2027")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Add:         1 E118    Not there", "line 2: the order file does not have it so"),
        ("Add:         0 E119    Not a heading", "line 2: the order file does not have it so"),
        ("Delete:      1 E119    Still there", "line 2: the order file still has the code"),
        ("Add:         1 E1.8    No code", "line 2: a label"),
        ("      4 headers in icd10cm_order_2027.txt", "it counts 4 headers, the order file has 3"),
        ("  74879 codes in icd10cm_order_2027.txt", "it counts 74,879 codes, the order file has 4"),
    ],
)
def test_addenda_that_contradict_refuse_the_order_file(line: str, why: str) -> None:
    with pytest.raises(NotOfficial, match=f"addenda_2027.txt.*{why}"):
        built(order(ROWS), addenda(ADDED, line))


def test_addenda_of_pcs_have_no_flag() -> None:
    rows = [("00H", "0", "Insertion"), ("00H033J", "1", "Insertion of Infusion Device into Brain")]
    added = "Add:         00H033J Insertion of Infusion Device into Brain"
    name = "icd10pcs_order_2026.txt"

    assert built(order(rows), addenda(added), files=PCS_FILES, name=name).rows == 2
    with pytest.raises(NotOfficial, match="does not have it so"):
        built(order(rows[:1]), addenda(added), files=PCS_FILES, name=name)


def test_addenda_alone_are_refused_with_what_they_are() -> None:
    with pytest.raises(NotOfficial, match="order addenda, which only say what changed"):
        CM_FILES.build([addenda(ADDED)], Stated())


def test_two_order_files_are_not_one_edition() -> None:
    second = Member(name="icd10cm_order_2026.txt", lines=order(ROWS))
    with pytest.raises(NotOfficial, match="second order file"):
        built(order(ROWS), second)


# -- whole files ---------------------------------------------------------------------------------------------------

codes_of_a_year = st.dictionaries(
    st.from_regex(r"[A-Z][0-9A-Z]{2,6}", fullmatch=True), st.booleans(), min_size=1, max_size=12
)


@given(codes_of_a_year)
def test_the_table_answers_as_the_rows_do(written: Mapping[str, bool]) -> None:
    codes = table(order([(code, "1" if billable else "0", f"Title of {code}") for code, billable in written.items()]))

    assert list(codes) == sorted(written)
    for code, billable in written.items():
        assert codes.look_up(code, WINTER) == (Valid if billable else MoreDigitsNeeded)(codes.edition)
        assert codes.title(code) == f"Title of {code}"
    assert codes.look_up("0", WINTER) == UnknownCode(codes.edition)


def sample(path: str, name: str) -> Member:
    file = FOLDER / path
    if not file.exists():
        pytest.skip("the sample is not beside the repository")
    return Member(name=name, lines=gzip.decompress(file.read_bytes()).splitlines(keepends=True))


@pytest.mark.parametrize(
    ("files", "names", "billable", "headers"),
    [
        (CM_FILES, ("icd10cm/icd10cm-order-2026.txt", "icd10cm/icd10cm-order-addenda-2026.txt"), 74_719, 23_467),
        (PCS_FILES, ("icd10pcs/icd10pcs_order_2026.txt", "icd10pcs/icd10pcs_order_addenda_2026.txt"), 79_115, 914),
    ],
)
def test_the_published_files_are_read_whole(files: Layout, names: tuple[str, str], billable: int, headers: int) -> None:
    members = [sample(f"{each}.gz", each) for each in names]
    assert all(files.recognises(each.name, b"".join(each.lines)[:HEAD_BYTES]) for each in members)
    made = files.build(members, Stated())
    codes = files.system.read(made.table)
    day = date(2026, 1, 1)
    answers = [codes.look_up(code, day) for code in codes]

    assert (made.rows, made.told.rejected_count, made.edition.complete) == (billable + headers, 0, True)
    assert sum(isinstance(answer, Valid) for answer in answers) == billable
    assert sum(isinstance(answer, MoreDigitsNeeded) for answer in answers) == headers
    assert all(codes.title(code) for code in codes)


def test_the_addenda_of_another_year_contradict_the_published_file() -> None:
    members = [sample(f"icd10cm/icd10cm-order-{each}.txt.gz", f"order-{each}.txt") for each in ("2026", "addenda-2025")]
    with pytest.raises(NotOfficial, match="addenda-2025"):
        CM_FILES.build(members, Stated())
