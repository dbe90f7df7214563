"""Comma-separated records: what the `csv` module reads, with lines, and without its limit."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.loaders.commas import RECORD_BYTES_MAX, columns, fields, records, text
from shared.codesets.official import Member, NotOfficial


def member(content: bytes) -> Member:
    return Member(name="example.csv", lines=content.splitlines(keepends=True))


def read(content: bytes) -> list[tuple[int, list[bytes]]]:
    return [(line, fields(record)) for line, record in records(member(content))]


def test_a_quoted_field_holds_commas_quotes_and_ends_of_lines() -> None:
    assert read(b'\xef\xbb\xbfid,text\r\n1,"a, ""b""\r\nc"\r\n2,\r\n') == [
        (1, [b"id", b"text"]),
        (2, [b"1", b'a, "b"\r\nc']),
        (4, [b"2", b""]),
    ]


def test_a_quote_inside_a_bare_field_is_a_character() -> None:
    assert read(b'1,needle 5" long,x\n"2","",","\n') == [(1, [b"1", b'needle 5" long', b"x"]), (2, [b"2", b"", b","])]


def test_a_field_that_does_not_end_is_refused_at_its_line() -> None:
    with pytest.raises(NotOfficial, match="line 2: a quoted field does not end"):
        read(b'1,2\n3,"4\n5,6\n')


def test_a_field_without_end_does_not_fill_the_memory() -> None:
    lines = iter([b'"' + b"x" * 1_000_000] * 40)
    with pytest.raises(NotOfficial, match="does not end"):
        list(
            records(
                Member(
                    name="example.csv", lines=(line.replace(b'"', b"") if n else line for n, line in enumerate(lines))
                )
            )
        )
    assert sum(1 for _ in lines) > 40 - 2 - RECORD_BYTES_MAX // 1_000_000


def test_columns_are_found_by_their_headings() -> None:
    assert columns(member(b""), 1, [b"NPI", b" Entity Type Code "], {"kind": "entity type code"}) == {"kind": 1}
    with pytest.raises(NotOfficial, match="line 3: without the columns B, C"):
        columns(member(b""), 3, [b"A"], {"b": "B", "a": "A", "c": "C"})


def test_text_is_utf_8_or_what_windows_writes() -> None:
    assert [text(each) for each in ("é".encode(), "é €".encode("cp1252"), b"\x81")] == ["é", "é €", "�"]


words = st.text(alphabet='ab",\n é', max_size=6)


@given(
    st.lists(st.lists(words, min_size=1, max_size=5), max_size=6), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
)
def test_it_reads_what_csv_writes(rows: list[list[str]], quoting: int) -> None:
    written = StringIO(newline="")
    csv.writer(written, quoting=quoting).writerows(rows)  # type: ignore[arg-type]  # typeshed wants a literal
    content = written.getvalue().encode()

    assert [[field.decode() for field in found] for _, found in read(content)] == rows
