"""Separated text: rows with their lines, any encoding, headings behind notices."""

import pytest

from shared.codesets.loaders.separated import after_headings, rows, text, word
from shared.codesets.official import Member, NotOfficial


def member(content: bytes) -> Member:
    return Member(name="list.csv", lines=content.splitlines(keepends=True))


def test_a_row_is_told_with_the_line_where_it_ends() -> None:
    found = rows(member(b'a,b\r\n,\r\n"two\nlines", c \r\n\r\nlast,\r\n'))

    assert list(found) == [(1, ["a", "b"]), (4, ["two\nlines", "c"]), (6, ["last", ""])]


@pytest.mark.parametrize("line", ["Men\u00e9".encode(), "Men\u00e9".encode("latin-1"), "Men\u00e9".encode("utf-8-sig")])
def test_text_is_read_in_either_encoding(line: bytes) -> None:
    assert text(line) == "Men\u00e9"


def test_columns_may_be_separated_by_tabs() -> None:
    assert list(rows(member(b"a,b\tc\n"), "\t")) == [(1, ["a,b", "c"])]


def test_an_open_quote_does_not_fill_the_memory() -> None:
    with pytest.raises(NotOfficial, match="cannot be told apart"):
        list(rows(member(b'"' + b"x,\n" * 100_000)))


def test_headings_come_behind_a_notice() -> None:
    source = member(b"notice\nCode,Value\n1,2\n")
    found = rows(source)

    assert after_headings(source, found, lambda cells: cells[0] == "Code", "Code") == ["Code", "Value"]
    assert next(found) == (3, ["1", "2"])


@pytest.mark.parametrize(("content", "why"), [(b"a\n" * 50, "line 41"), (b"a\n", "it ends before")])
def test_headings_have_to_come(content: bytes, why: str) -> None:
    source = member(content)
    with pytest.raises(NotOfficial, match=why):
        after_headings(source, rows(source), lambda cells: cells[0] == "Code", "Code")


def test_headings_are_compared_by_their_letters() -> None:
    assert word("HCPCS/\nCPT Code") == "hcpcscptcode"
