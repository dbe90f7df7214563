"""Segments that belong together, and where they stand: what readers of a set get instead of a file.

Owns: cutting at the segments that begin a loop, how long one may be, places for errors, the control numbers of a group.
Refuses: which segments begin a loop, which each guide in `sets/` knows. Nothing is counted until there is an error to
place.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from shared.x12.malformed import MalformedX12, MisplacedSegment, UnreadableSegment
from shared.x12.separators import Separators
from shared.x12.tokens import Block

LOOP_SEGMENTS_MAX: Final = 250_000
"""More than any guide lets a claim have: 999 lines, each with all that it may repeat, are 230,000 segments."""
LOOP_BYTES_MAX: Final = 32_000_000
WHOLE_SET: Final = 4  # so many times as long may a set be that is kept as a whole, as those without claims are
SETS_MAX: Final = 999_999  # of a group: its trailer counts them in six digits
_TAG: Final = 3  # characters that tell nearly every segment apart from the others


class TooLongToHold(MalformedX12):
    """A claim, a set or a group is longer than anyone means it to be, and than memory is for."""

    slug = "x12-too-long-to-hold"


class Loop:
    """Consecutive segments of one set. **Shape**: `raw` without terminators, never empty, and of any length."""

    __slots__ = ("_at", "_blocks", "raw")

    def __init__(self, raw: tuple[str, ...], blocks: tuple[Block, ...], at: int) -> None:
        self.raw = raw
        self._blocks = blocks
        self._at = at

    @property
    def separators(self) -> Separators:
        """Return what separates its elements."""
        return self._blocks[0].separators

    @property
    def index(self) -> int:
        """Return the number of the first segment in the file, from 1."""
        return self._blocks[0].first + self._at + 1

    def offset(self, at: int) -> int:
        """Return where a segment begins. **Units**: bytes from the start of the file; `at` from 0."""
        place = self._at + at
        for block in self._blocks:
            if place < len(block.raw):
                return block.offsets()[place]
            place -= len(block.raw)
        return self._blocks[-1].offsets()[-1]

    def offsets(self) -> tuple[int, ...]:
        """Return where each segment begins. **Units**: bytes from the start of the file."""
        every = [offset for block in self._blocks for offset in block.offsets()]
        return tuple(every[self._at : self._at + len(self.raw)])

    def split(self, starts: frozenset[str]) -> Iterator["Loop"]:
        """Return the loops of this one: each begins at a segment that is named in `starts`, the first at the first."""
        begin = 0
        for at, _ in _found(self.raw, starts, self._blocks[0].separators.element):
            if at:
                yield Loop(self.raw[begin:at], self._blocks, self._at + begin)
                begin = at
        yield Loop(self.raw[begin:], self._blocks, self._at + begin)

    def unreadable(self, at: int, rule: str) -> UnreadableSegment:
        """Return the error that says where segment `at` of this loop stands."""
        return UnreadableSegment(rule, offset=self.offset(at), segment=self.index + at, segment_id=self._segment_id(at))

    def misplaced(self, at: int, rule: str) -> MisplacedSegment:
        """Return the error that says where segment `at` of this loop stands."""
        return MisplacedSegment(rule, offset=self.offset(at), segment=self.index + at, segment_id=self._segment_id(at))

    def too_long(self, at: int, rule: str) -> TooLongToHold:
        """Return the error that says at which segment of this loop there is too much of something."""
        return TooLongToHold(rule, offset=self.offset(at), segment=self.index + at, segment_id=self._segment_id(at))

    def _segment_id(self, at: int) -> str:
        return self.raw[at].partition(self._blocks[0].separators.element)[0]


def marks(block: Block, tags: frozenset[str]) -> list[tuple[int, str]]:
    """Return which segments of a block have one of these ids. **Shape**: their places in the block, ascending."""
    return _found(block.raw, tags, block.separators.element)


def _found(raw: list[str] | tuple[str, ...], tags: frozenset[str], element: str) -> list[tuple[int, str]]:
    """Look at three characters of each segment, and closer at the few that are left."""
    begins = {(tag + element)[:_TAG] for tag in tags}.union(tags)
    near = [at for at, segment in enumerate(raw) if segment[:_TAG] in begins]
    return [(at, tag) for at in near if (tag := raw[at].partition(element)[0]) in tags]


class ControlNumbers:
    """The ST02 of a group: none may come twice.

    **Shape**: numbers that count up or down by one take no memory, any others some hundred bytes each.
    """

    __slots__ = ("_end", "_others", "_start")

    def __init__(self) -> None:
        self._start = self._end = 0  # the numbers that follow each other, the end exclusive
        self._others: set[int | bytes] = set()

    def add(self, number: str) -> bool:
        """Remember a number; return whether it is new."""
        if not (number.isascii() and number.isdigit() and len(number) <= _DIGITS_MAX):
            return self._add_other(sha256(number.encode()).digest())  # of any length, and all are remembered
        value = int(f"1{number}")  # so that 01 is not 1
        if self._start <= value < self._end:
            return False
        if self._start and value not in {self._start - 1, self._end}:
            return self._add_other(value)
        if value in self._others:
            return False
        self._start = min(value, self._start or value)
        self._end = max(value + 1, self._end)
        return True

    def _add_other(self, number: int | bytes) -> bool:
        is_new = number not in self._others
        self._others.add(number)
        return is_new


_DIGITS_MAX: Final = 9
