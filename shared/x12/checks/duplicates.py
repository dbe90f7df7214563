"""Numbers that may come once: which of a million came before, and a word when there are more.

Owns: the memory of them, which has an end: eight bytes a number, in a table of which a third or more is empty. Refuses:
to say which numbers have to differ.
"""

from array import array
from typing import Final

from shared.x12.checks.finding import Tell
from shared.x12.tokens import Segment

NUMBERS_MAX: Final = 1_000_000
_PLACES_MIN: Final = 64
_PLACE_BYTES: Final = 8
_ALL_BITS: Final = 0xFFFF_FFFF_FFFF_FFFF


class Seen:
    """Numbers of one kind that were seen. **Shape**: of each a hash of 64 bits; that two share one does not happen.

    `rule` is what a number breaks that comes again, in `element` of `loop`.
    """

    __slots__ = ("_count", "_element", "_is_told", "_limit", "_loop", "_rule", "_table", "_tell")

    def __init__(self, tell: Tell, rule: str, *, element: str, loop: str = "", limit: int | None = None) -> None:
        self._tell, self._rule, self._element, self._loop = tell, rule, element, loop
        self._limit = NUMBERS_MAX if limit is None else limit
        self._table = _table(_PLACES_MIN)
        self._count = 0
        self._is_told = False

    def once(self, number: str, segment: Segment) -> None:
        """Tell of a number that was seen before, and remember one that was not."""
        if not self.told(number, segment):
            self.remember(number, segment)

    def told(self, number: str, segment: Segment) -> bool:
        """Tell of a number that was seen before, and return whether it was."""
        is_seen = self._table[_place(self._table, _mark(number))] != 0
        if is_seen:
            self._tell(self._rule, segment, element=self._element, loop=self._loop)
        return is_seen

    def remember(self, number: str, segment: Segment) -> None:
        """Remember a number; say so of the first that is too much, as from there on not all are compared."""
        mark = _mark(number)
        place = _place(self._table, mark)
        if self._table[place]:
            return
        if self._count < self._limit:
            self._table[place] = mark
            self._count += 1
            if self._count * 3 > len(self._table) * 2:
                self._grow()
        elif not self._is_told:
            self._is_told = True
            detail = f"{self._limit:,} are compared"
            self._tell("7-not-made", segment, element=self._element, loop=self._loop, detail=detail)

    def _grow(self) -> None:
        table = _table(len(self._table) * 2)
        for mark in filter(None, self._table):
            table[_place(table, mark)] = mark
        self._table = table


def _table(places: int) -> "array[int]":
    return array("Q", bytes(places * _PLACE_BYTES))


def _mark(number: str) -> int:
    """Return a hash, never 0, which stands for an empty place."""
    return hash(number) & _ALL_BITS or 1


def _place(table: "array[int]", mark: int) -> int:
    """Return where a hash stands, or where it would. **Shape**: the table has 64 places or twice as many and so on."""
    last = len(table) - 1
    at = mark & last
    while table[at] not in {0, mark}:
        at = (at + 1) & last
    return at
