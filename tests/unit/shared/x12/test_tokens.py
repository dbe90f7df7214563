"""Segments from bytes: whatever stands around them, and however the bytes arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.x12.tokens import SEGMENT_BYTES_MAX, SegmentTooLong, TruncatedInterchange, blocks, tokenize

ISA = b"ISA*00*          *00*          *ZZ*SUBMITTER01    *ZZ*RECEIVER01     *260101*1200*^*00501*000000003*0*T*:~"
FILE = ISA + b"TA1*000000001*260101*1200*A*000~IEA*0*000000003~"
IDS = ["ISA", "TA1", "IEA"]


def _ids(data: bytes) -> list[str]:
    return [segment.elements[0] for segment in tokenize(data)]


def test_a_segment_knows_its_elements_number_and_place() -> None:
    _, answer, trailer = tokenize(FILE)

    assert answer.elements == ("TA1", "000000001", "260101", "1200", "A", "000")
    assert (answer.index, answer.offset) == (2, 106)
    assert (trailer.index, trailer.offset) == (3, FILE.index(b"IEA"))


@pytest.mark.parametrize("padding", [b"\0", b" ", b"\r\n"])
@pytest.mark.parametrize("length", [105, 200, 65_536 - len(FILE), 140_000])
def test_an_interchange_behind_any_padding_is_found(padding: bytes, length: int) -> None:
    assert _ids(FILE + padding * length + FILE) == IDS + IDS
    assert _ids(padding * length + FILE) == IDS


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + FILE,
        b" \r\n" + FILE,
        FILE.replace(b"~", b"~\r\n"),
        FILE.replace(b"~", b"\n"),
        FILE.replace(b"~", b"\n\n"),
        FILE.replace(b"~TA1", b"~\n    TA1"),
        FILE[:-1],
        FILE + b"\r\n\x1a",
    ],
    ids=["mark", "blanks", "line ends", "line feed", "empty lines", "indented", "no last terminator", "end of file"],
)
def test_what_partners_put_around_segments_is_tolerated(data: bytes) -> None:
    assert _ids(data) == IDS


def test_an_offset_counts_what_was_skipped() -> None:
    data = b"\xef\xbb\xbf" + FILE.replace(b"~TA1", b"~\r\n  TA1")

    offsets = [segment.offset for segment in tokenize(data)]

    assert offsets == [data.index(name.encode()) for name in IDS]


@given(st.lists(st.integers(1, 200), min_size=1), st.sampled_from([FILE, FILE * 3, FILE.replace(b"~", b"~\r\n")]))
def test_blocks_of_any_size_give_the_same_segments(sizes: list[int], data: bytes) -> None:
    blocks: list[bytes] = []
    at = 0
    while at < len(data):
        size = sizes[len(blocks) % len(sizes)]
        blocks.append(data[at : at + size])
        at += size

    assert list(tokenize(blocks)) == list(tokenize(data))


def test_each_interchange_has_its_own_separators() -> None:
    other = FILE.replace(b"*", b"|").replace(b"~", b"!")

    segments = list(tokenize(FILE + b"\n" + other))

    assert [segment.elements[0] for segment in segments] == IDS * 2
    assert segments[4].elements == segments[1].elements
    assert segments[4].index == 5


def test_text_is_utf_8_where_it_can_be_and_latin_1_otherwise() -> None:
    for encoding in ("utf-8", "latin-1"):
        data = FILE.replace(b"*A*", "*É*".encode(encoding))

        assert list(tokenize(data))[1].elements[4] == "É"


@pytest.mark.parametrize("length", [len(FILE) - 5, len(ISA) + 10, len(ISA)])
def test_a_file_that_ends_early_is_refused(length: int) -> None:
    with pytest.raises(TruncatedInterchange):
        _ids(FILE[:length] if length != len(FILE) - 5 else FILE[: FILE.index(b"IEA")])


def test_a_segment_without_end_is_refused_before_it_fills_the_memory() -> None:
    endless = (b"A" * 65_536 for _ in range(10 * SEGMENT_BYTES_MAX))

    with pytest.raises(SegmentTooLong) as refusal:
        for _ in tokenize(block for source in ([ISA], endless) for block in source):
            pass

    assert (refusal.value.offset, refusal.value.segment) == (len(ISA), 2)


def test_an_empty_file_has_no_segments() -> None:
    assert _ids(b"") == []


def test_a_block_knows_which_segments_are_indented() -> None:
    (block,) = blocks(ISA + b"\r\n  GS*HC~\nST*837~\tSE*1~IEA*0*1~")

    assert block.raw[1:] == ["GS*HC", "ST*837", "SE*1", "IEA*0*1"]
    assert block.indented() == {1, 3}
