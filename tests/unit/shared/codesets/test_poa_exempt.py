"""The list of diagnoses exempt from present on admission, as CMS publishes it."""

import gzip
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Interval
from shared.codesets.loaders.poa_exempt import LAYOUTS
from shared.codesets.official import HEAD_BYTES, Built, Member, NotOfficial, Stated
from shared.codesets.packed import plain
from shared.codesets.poa_exempt import SYSTEM
from tests.unit.shared.codesets.reference_data import FOLDER

(LIST,) = LAYOUTS
NAME = "POAexemptCodesFY26.txt"
HEADING = "Order26\tPOAexemptCode\tDescription\r\n"


def built(*lines: str, heading: str = HEADING, name: str = NAME) -> Built:
    raw = (heading + "".join(f"{line}\r\n" for line in lines)).encode("latin-1")
    return LIST.build([Member(name=name, lines=raw.splitlines(keepends=True))], Stated())


def test_a_code_is_on_the_list_or_not() -> None:
    exempt = SYSTEM.read(built("01238\tB90.0\tSequelae", "90000\tZ00.00\tExamination").table)

    assert len(exempt) == 2
    assert [exempt.exempts(code) for code in ("B900", "Z0000", "B90", "B9000", "B90.0", "", "not a code at all")] == [
        True, True, False, False, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("name", [NAME, "2026-poa-exempt-codes.zip/POAexemptCodesFY26.txt", "list.txt"])
def test_name_or_heading_says_the_year(name: str) -> None:
    edition = built("01238\tB90.0\tSequelae", name=name).edition

    assert (edition.release, edition.covers) == ("FY2026", Interval(date(2025, 10, 1), date(2026, 9, 30)))


@pytest.mark.parametrize(
    ("name", "head", "recognised"),
    [
        (NAME, HEADING, True),
        ("POAexemptAddCodesFY26.txt", HEADING, False),  # what changed is not the list
        ("POAexemptDeleteCodesFY26.txt", "POAexemptCode\tDescription\r\n", False),
        ("POAexemptReviseCodesFY26.txt", "Order26\tAction\tPOAexemptCode\tDescription\r\n", False),
        (NAME, "00001 A00     0 Cholera", False),
    ],
)
def test_is_known_by_its_heading(name: str, head: str, recognised: bool) -> None:  # noqa: FBT001 (a column of a table)
    assert LIST.recognises(name, head.encode()) is recognised


@pytest.mark.parametrize(
    ("lines", "heading", "why"),
    [
        (["01238\tB90.0"], HEADING, "line 2: 3 columns were expected, 2 are there"),
        (["01238\tB90.0\tSequelae"], "Order\tCode\tDescription\r\n", "line 1: the headings"),
        ([], "", "line 1: the headings"),
        ([], HEADING, "it has no row"),
    ],
)
def test_another_layout_is_refused_at_its_line(lines: list[str], heading: str, why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        built(*lines, heading=heading)


def test_two_lists_are_not_one_edition() -> None:
    with pytest.raises(NotOfficial, match="second list"):
        LIST.build([Member(name=NAME, lines=[]), Member(name=NAME, lines=[])], Stated())


def test_a_bad_row_is_left_out_and_told() -> None:
    made = built("01238\tB90.0\tSequelae", "", "01239\t9B0\tSequelae")

    assert (made.rows, made.told.rejected_count, made.told.rejected[0].line) == (1, 1, 4)
    assert not made.edition.complete


@given(st.sets(st.from_regex(r"[A-Z][0-9A-Z]{2}(\.[0-9A-Z]{1,4})?", fullmatch=True), min_size=1, max_size=12))
def test_the_table_answers_as_its_rows_do(listed: set[str]) -> None:
    exempt = SYSTEM.read(built(*(f"00001\t{code}\tTitle" for code in listed)).table)
    stored = {code.replace(".", "") for code in listed}

    assert len(exempt) == len(stored)
    assert all(exempt.exempts(code) for code in stored)
    assert not any(exempt.exempts(f"{code}0") for code in stored if f"{code}0" not in stored)


def test_the_published_list_is_read_whole() -> None:
    path = FOLDER / "edits" / "POAexemptCodesFY26.txt.gz"
    if not path.exists():
        pytest.skip("the sample is not beside the repository")
    raw = gzip.decompress(path.read_bytes())
    made = LIST.build([Member(name=NAME, lines=raw.splitlines(keepends=True))], Stated())
    exempt = SYSTEM.read(plain(made.table))

    assert LIST.recognises(NAME, raw[:HEAD_BYTES])
    assert (made.rows, made.told.rejected_count, made.edition.release) == (38_349, 0, "FY2026")
    assert exempt.exempts("B900")
    assert not exempt.exempts("E119")
