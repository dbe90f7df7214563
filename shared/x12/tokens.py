"""Bytes to segments, block by block: memory does not grow with the file.

Owns: blocks, terminators, white space around segments, the text of a byte. Refuses: meaning; next is `interchange.py`.
Tolerated as partners do it: a byte order mark, line ends after the terminator or as terminator, indented segments, a
last IEA without terminator. Bytes are read as Latin-1, so that an offset in the text is the offset in the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from operator import add
from typing import Final, TypeAlias

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


class Block:
    """Segments that were split together.

    **Shape**: `raw` are its segments, without terminators and white space around, none empty; `first` is the number of
    segments of the file before them. Where each begins is counted when somebody asks: mostly nobody does.
    """

    __slots__ = ("_offset", "_offsets", "_pieces", "first", "raw", "separators")

    def __init__(self, pieces: list[str], separators: Separators, *, first: int, offset: int, is_ascii: bool) -> None:
        self._pieces = pieces
        self._offset = offset
        self._offsets: list[int] | None = None
        self.separators = separators
        self.first = first
        self.raw = [raw for piece in pieces if (raw := piece.strip(_BLANK))]
        if not is_ascii:
            self.raw = list(map(readable, self.raw))

    def offsets(self) -> list[int]:
        """Return where each segment begins. **Units**: bytes from the start of the file."""
        if self._offsets is None:
            starts = map(add, accumulate(map(len, self._pieces), initial=self._offset), range(len(self._pieces)))
            self._offsets = [
                start + len(piece) - len(piece.lstrip(_BLANK))
                for start, piece in zip(starts, self._pieces, strict=True)
                if piece.strip(_BLANK)
            ]
        return self._offsets

    def indented(self) -> frozenset[int]:
        """Return the positions in `raw` of segments that blanks stand before, other than line ends."""
        pieces = (piece for piece in self._pieces if piece.strip(_BLANK))
        return frozenset(at for at, piece in enumerate(pieces) if piece.lstrip("\r\n")[0] in " \t")


def tokenize(source: Source) -> Iterator[Segment]:
    """Return the segments of a file one by one, whatever they mean. **Errors**: as `blocks`."""
    for block in blocks(source):
        element = block.separators.element
        for index, (raw, offset) in enumerate(zip(block.raw, block.offsets(), strict=True), start=block.first + 1):
            yield Segment(tuple(raw.split(element)), index, offset)


def readable(raw: str) -> str:
    """Return a segment as its writer meant it: UTF-8 where that is what the bytes are, Latin-1 otherwise."""
    if raw.isascii():
        return raw
    try:
        return raw.encode("latin-1").decode()
    except UnicodeDecodeError:
        return raw


def blocks(source: Source) -> Iterator[Block]:
    """Return the segments of every interchange of a file, so many at a time as a block of bytes holds.

    **Shape**: no block reaches over an IEA, as the next interchange may have other separators.
    **Errors**: `UnreadableISA`, `TruncatedInterchange`, `SegmentTooLong`.
    """
    texts = _texts(source)
    text, offset, index = "", 0, 0
    while True:
        text, offset = _up_to_isa(text, texts, offset)
        if not text:
            break
        separators = read_separators(text[:ISA_LENGTH], offset=offset, segment=index + 1)
        ended = False
        while not ended:
            pieces, rest, ended = _split(text, separators)
            block = Block(pieces, separators, first=index, offset=offset, is_ascii=text.isascii())
            yield block
            index += len(block.raw)
            offset += len(text) - len(rest)
            text = rest if ended else rest + _more(texts, rest, separators, offset=offset, index=index)


def _texts(source: Source) -> Iterator[str]:
    """Return a file in pieces of `BLOCK_BYTES`, however it arrives: many short ones would be joined again and again."""
    if isinstance(source, bytes):
        for at in range(0, len(source), BLOCK_BYTES):
            yield source[at : at + BLOCK_BYTES].decode("latin-1")
        return
    waiting = bytearray()
    for some in source:
        waiting += some
        whole = len(waiting) - len(waiting) % BLOCK_BYTES
        for at in range(0, whole, BLOCK_BYTES):
            yield waiting[at : at + BLOCK_BYTES].decode("latin-1")
        del waiting[:whole]
    if waiting:
        yield waiting.decode("latin-1")


def _up_to_isa(text: str, texts: Iterator[str], offset: int) -> tuple[str, int]:
    """Return a text that begins with what should be an ISA, nothing at the end of the file, and where it begins."""
    while True:
        stripped = text.lstrip(_BEFORE)
        offset += len(text) - len(stripped)
        more = next(texts, None) if len(stripped) < ISA_LENGTH else None
        if more is None:
            return stripped, offset
        text = stripped + more


def _split(text: str, separators: Separators) -> tuple[list[str], str, bool]:
    """Return the complete segments of a text, what follows them, and whether an IEA ended them."""
    terminator = separators.terminator
    end = _end_of_iea(text, separators)
    if end >= 0:
        return text[:end].split(terminator), text[end + 1 :], True
    pieces = text.split(terminator)
    return pieces, pieces.pop(), False


def _end_of_iea(text: str, separators: Separators) -> int:
    """Return where the terminator of the first IEA is, -1 where there is none yet."""
    terminator, at = separators.terminator, -1
    while (at := text.find("IEA" + separators.element, at + 1)) >= 0:
        before = at - 1
        while before >= 0 and text[before] in _BLANK and text[before] != terminator:
            before -= 1
        if before < 0 or text[before] == terminator:  # else it is the end of a longer text
            return text.find(terminator, at)
    return -1


def _more(texts: Iterator[str], rest: str, separators: Separators, *, offset: int, index: int) -> str:
    text = next(texts, None)
    if text is not None and len(rest) <= SEGMENT_BYTES_MAX:
        return text
    if text is not None:
        raise SegmentTooLong("a segment has no end", offset=offset, segment=index + 1)
    if rest.lstrip(_BLANK).startswith("IEA" + separators.element):
        return separators.terminator
    raise TruncatedInterchange("the file ends before its IEA", offset=offset, segment=index + 1)
