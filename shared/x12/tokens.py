"""Bytes to segments, block by block: memory does not grow with the file.

Owns: blocks, terminators, white space around segments, the text of a byte. Refuses: meaning; next is `interchange.py`.
Tolerated as partners do it: a byte order mark, line ends after the terminator or as terminator, indented segments, a
last IEA without terminator. Bytes are read as Latin-1, so that an offset in the text is the offset in the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from shared.x12.malformed import MalformedX12
from shared.x12.separators import ISA_LENGTH, Separators, read_separators

BLOCK_BYTES: Final = 65_536
SEGMENT_BYTES_MAX: Final = 1_000_000  # the longest real one, an attachment in a BIN, is of another transaction
_BLANK: Final = " \t\r\n"
_BEFORE: Final = _BLANK + "\xef\xbb\xbf\x00\x1a"  # a byte order mark in UTF-8, and what old systems pad files with

Source: TypeAlias = bytes | Iterable[bytes]


class TruncatedInterchange(MalformedX12):
    """The file ends before its interchange does: wait for the rest or ask for it again, nothing of it is usable."""

    slug = "x12-truncated"


class SegmentTooLong(MalformedX12):
    """A megabyte without a terminator is not a segment."""

    slug = "x12-segment-too-long"


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment. **Shape**: `elements[0]` is its id, so that `elements[2]` is the guide's 02; `index` from 1."""

    elements: tuple[str, ...]
    index: int
    offset: int


class Run(NamedTuple):
    """Segments that were split together. **Shape**: `pieces` as between terminators; the first begins at `offset`.

    `first` is the number of segments before them. Pieces keep their white space, so that offsets can be counted.
    """

    pieces: list[str]
    separators: Separators
    first: int
    offset: int


def tokenize(source: Source) -> Iterator[Segment]:
    """Return the segments of a file one by one, whatever they mean. **Errors**: as `runs`."""
    for run in runs(source):
        offset, index = run.offset, run.first
        for piece in run.pieces:
            raw = piece.strip(_BLANK)
            if raw:
                index += 1
                yield Segment(tuple(readable(raw).split(run.separators.element)), index, offset + indent(piece))
            offset += len(piece) + 1


def indent(piece: str) -> int:
    """Return how many blanks stand before a segment."""
    return len(piece) - len(piece.lstrip(_BLANK))


def readable(raw: str) -> str:
    """Return a segment as its writer meant it: UTF-8 where that is what the bytes are, Latin-1 otherwise."""
    if raw.isascii():
        return raw
    try:
        return raw.encode("latin-1").decode()
    except UnicodeDecodeError:
        return raw


def runs(source: Source) -> Iterator[Run]:
    """Return the segments of every interchange of a file, a block at a time.

    **Shape**: no run reaches over an IEA, as the next interchange may have other separators.
    **Errors**: `UnreadableISA`, `TruncatedInterchange`, `SegmentTooLong`.
    """
    blocks = iter(_blocks(source))
    text, offset, index = "", 0, 0
    while True:
        text, offset = _up_to_isa(text, blocks, offset)
        if not text:
            break
        separators = read_separators(text[:ISA_LENGTH], offset=offset, segment=index + 1)
        ended = False
        while not ended:
            pieces, rest, ended = _split(text, separators)
            yield Run(pieces, separators, index, offset)
            index += sum(1 for piece in pieces if piece.strip(_BLANK))
            offset += len(text) - len(rest)
            text = rest if ended else rest + _more(blocks, rest, separators, offset=offset, index=index)


def _blocks(source: Source) -> Iterator[str]:
    if isinstance(source, bytes):
        return (source[at : at + BLOCK_BYTES].decode("latin-1") for at in range(0, len(source), BLOCK_BYTES))
    return (block.decode("latin-1") for block in source if block)


def _up_to_isa(text: str, blocks: Iterator[str], offset: int) -> tuple[str, int]:
    while len(text) < ISA_LENGTH:
        stripped = text.lstrip(_BEFORE)
        offset += len(text) - len(stripped)
        block = next(blocks, None)
        if block is None:
            return stripped, offset
        text = stripped + block
    stripped = text.lstrip(_BEFORE)
    offset += len(text) - len(stripped)
    return (stripped, offset) if len(stripped) >= ISA_LENGTH or not stripped else _up_to_isa(stripped, blocks, offset)


def _split(text: str, separators: Separators) -> tuple[list[str], str, bool]:
    """Return the complete segments of a text, what follows them, and whether an IEA ended them."""
    pieces = text.split(separators.terminator)
    rest = pieces.pop()
    if "IEA" in text:
        for number, piece in enumerate(pieces, start=1):
            if piece.lstrip(_BLANK).startswith("IEA" + separators.element):
                return pieces[:number], separators.terminator.join([*pieces[number:], rest]), True
    return pieces, rest, False


def _more(blocks: Iterator[str], rest: str, separators: Separators, *, offset: int, index: int) -> str:
    block = next(blocks, None)
    if block is not None and len(rest) <= SEGMENT_BYTES_MAX:
        return block
    if block is not None:
        raise SegmentTooLong("a segment has no end", offset=offset, segment=index + 1)
    if rest.lstrip(_BLANK).startswith("IEA" + separators.element):
        return separators.terminator
    raise TruncatedInterchange("the file ends before its IEA", offset=offset, segment=index + 1)
