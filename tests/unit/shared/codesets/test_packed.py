"""The file of a big table: the same in, the same out; anything else is refused."""

import mmap
import zlib

import pytest

from shared.codesets.packed import NotATable, Packed, find, key, plain, write

HEAD = {"edition": {"release": "ä"}}
SECTIONS = {
    "numbers": (1).to_bytes(8, "little") + (7).to_bytes(8, "little"),
    "odd": b"abc",
    "small": b"\x01\x00\x02\x00",
}
PACKED = write(HEAD, SECTIONS)


def test_reads_what_was_written() -> None:
    table = Packed(PACKED)

    assert table.head["edition"] == {"release": "ä"}
    assert list(table.numbers("numbers", "Q")) == [1, 7]
    assert list(table.numbers("small", "H")) == [1, 2]
    assert bytes(table.section("odd")) == b"abc"


def test_the_same_content_gives_the_same_bytes() -> None:
    assert write(HEAD, SECTIONS) == PACKED


def test_a_plain_table_is_read_in_place() -> None:
    mapped = mmap.mmap(-1, len(plain(PACKED)))
    mapped.write(bytes(plain(PACKED)))

    assert plain(mapped) is mapped
    assert list(Packed(mapped).numbers("numbers", "Q")) == [1, 7]


def test_packing_survives_a_long_head() -> None:
    table = Packed(write({"histories": [str(each) for each in range(10_000)]}, SECTIONS))

    assert list(table.numbers("numbers", "Q")) == [1, 7]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no table at all",
        PACKED[:-8],
        zlib.compress(b"something else"),
        bytes(plain(PACKED))[:-24],
        bytes(plain(PACKED))[:40],
        b"CLTABLE1" + (2).to_bytes(8, "little") + b"{}",
    ],
    ids=["empty", "text", "cut", "other content", "plain cut", "head cut", "head empty"],
)
def test_refuses_what_is_no_table(broken: bytes) -> None:
    with pytest.raises(NotATable):
        Packed(broken)


def test_refuses_a_section_that_is_missing_or_of_another_kind() -> None:
    table = Packed(PACKED)

    with pytest.raises(NotATable):
        table.section("absent")
    with pytest.raises(NotATable):
        table.numbers("odd", "H")


def test_columns_are_of_one_length() -> None:
    table = Packed(write(HEAD, {**SECTIONS, "more": b"\x05\x06"}))
    numbers, more = table.columns(("numbers", "Q"), ("more", "B"))

    assert (list(numbers), list(more)) == ([1, 7], [5, 6])
    with pytest.raises(NotATable, match="not of one length"):
        table.columns(("numbers", "Q"), ("odd", "B"))


def test_groups_make_up_the_rows() -> None:
    starts = b"".join(number.to_bytes(4, "little") for number in (0, 2, 3))
    table = Packed(write(HEAD, {"starts": starts, "none": starts[:0]}))

    assert list(table.starts("starts", groups=2, rows=3)) == [0, 2, 3]
    for groups, rows in ((3, 3), (2, 4), (1, 2)):
        with pytest.raises(NotATable, match="not of one length"):
            table.starts("starts", groups=groups, rows=rows)
    with pytest.raises(NotATable, match="not of one length"):
        table.starts("none", groups=0, rows=0)


def test_keys_sort_as_codes_do() -> None:
    codes = ["A00", "A000", "A001", "A0100", "B99", "S72001A", "U071"]
    keys = [key(code) for code in codes]

    assert all(keys)
    assert keys == sorted(each for each in keys if each is not None)


@pytest.mark.parametrize("text", ["", "E11.9", "A00\0", "A00 ", "ABCDEFGHI", "ÄÄÄÄÄ"])
def test_has_no_key_for_what_cannot_be_a_code(text: str) -> None:
    assert key(text) is None


def test_finds_the_first_of_equal_numbers() -> None:
    numbers = memoryview(b"".join(each.to_bytes(8, "little") for each in (1, 3, 3, 9))).cast("Q")

    assert find(numbers, 3) == 1
    assert find(numbers, 2) is None
    assert find(numbers, 10) is None
