"""The tree of levels (HL) of a set, and the segments of a level in smaller and smaller portions.

Owns: which level stands below which, child codes, which segment belongs to which portion of a level, where an error is.
Refuses: what a segment means. Next: `segments.py` for what many guides write alike, `sets/` for the guides with levels.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from shared.kernel.errors import Malformed
from shared.x12.interchange import TransactionSet
from shared.x12.malformed import MalformedX12
from shared.x12.writer import SetWriter

Value = TypeVar("Value")
BLANK: Final = ("",) * 32
_PADDING: Final = 20  # more elements than any segment of these guides has
_ANSWERS: Final = frozenset({"AAA", "STC"})  # a level that answers for itself may announce levels and have none


class Place:
    """Where in a set its reader is. **Shape**: `at` counts segments from 0 and is what an error points to."""

    __slots__ = ("at", "transaction")

    def __init__(self, transaction: TransactionSet) -> None:
        self.transaction = transaction
        self.at = 0

    def read(self, build: Callable[[], Value]) -> Value:
        """Return what `build` makes; a value that is none becomes an error that says where."""
        try:
            return build()
        except MalformedX12:
            raise
        except Malformed as error:
            raise self.transaction.unreadable(self.at, str(error)) from None

    def tag(self, at: int) -> str:
        """Return the id of a segment."""
        return self.transaction.raw[at].partition(self.transaction.separators.element)[0]

    def elements(self, at: int) -> Sequence[str]:
        """Return a segment, split and padded, so that every element of the guide is there."""
        element = self.transaction.separators.element
        self.at = at
        return (self.transaction.raw[at] + element * _PADDING).split(element)


class Portion:
    """Segments that belong together, in their order. **Shape**: what `all` and `first` return, an error points to."""

    __slots__ = ("_place", "_positions")

    def __init__(self, place: Place, positions: Sequence[int]) -> None:
        self._place = place
        self._positions = positions

    @property
    def raw(self) -> tuple[str, ...]:
        """Return the segments as they stand in the file."""
        return tuple(self._place.transaction.raw[at] for at in self._positions)

    @property
    def end(self) -> int:
        """Return where the segment behind its last one stands in the set, from 0."""
        return self._positions[-1] + 1

    def all(self, *tags: str) -> Iterator[Sequence[str]]:
        """Return its segments of these ids, one by one."""
        for at in self._positions:
            if self._place.tag(at) in tags:
                yield self._place.elements(at)

    def each(self, tag: str) -> Iterator["Portion"]:
        """Return each of its segments of an id as a portion of its own, which knows its `raw`."""
        for at in self._positions:
            if self._place.tag(at) == tag:
                yield Portion(self._place, (at,))

    def first(self, tag: str) -> Sequence[str]:
        """Return its first segment of an id, blank elements where it has none."""
        return next(self.all(tag), BLANK)

    def has(self, *tags: str) -> bool:
        """Return whether it has a segment of one of these ids."""
        return any(self._place.tag(at) in tags for at in self._positions)

    def split(self, *tags: str) -> tuple["Portion", tuple["Portion", ...]]:
        """Return what stands before the first of these ids, and a portion that begins with each of them."""
        starts = [number for number, at in enumerate(self._positions) if self._place.tag(at) in tags]
        ends = [*starts, len(self._positions)][1:]
        head = self._positions[: starts[0]] if starts else self._positions
        found = (self._positions[start:end] for start, end in zip(starts, ends, strict=True))
        return Portion(self._place, head), tuple(Portion(self._place, positions) for positions in found)

    def bracketed(self, opening: str, closing: str) -> tuple["Portion", tuple["Portion", ...]]:
        """Return what stands outside of a pair of segments such as LS and LE, and what stands inside, pair by pair."""
        outside: list[int] = []
        inside: list[list[int]] = []
        target = outside
        for at in self._positions:
            tag = self._place.tag(at)
            if tag == opening:
                target = []
                inside.append(target)
            elif tag == closing:
                target = outside
            else:
                target.append(at)
        return Portion(self._place, outside), tuple(Portion(self._place, positions) for positions in inside)

    def components(self, composite: str) -> list[str]:
        """Return the parts of a composite element, with blanks behind."""
        component = self._place.transaction.separators.component
        return (composite + component * 8).split(component)

    def repeated(self, element: str) -> tuple[str, ...]:
        """Return the values of an element that may be given several times."""
        repetition = self._place.transaction.separators.repetition
        return tuple(filter(None, element.split(repetition) if repetition else (element,)))


class HierarchicalLevel:
    """One HL with its own segments, and the levels below it. **Shape**: `code` HL03; `own` begins with the HL."""

    __slots__ = ("_below", "at", "code", "own", "says")

    def __init__(self, code: str, at: int, own: Portion, says: str) -> None:
        self.code = code
        self.at = at
        self.own = own
        self.says = says
        self._below: list[HierarchicalLevel] = []

    def add(self, level: "HierarchicalLevel") -> None:
        """Put a level below this one."""
        self._below.append(level)

    def below(self, *codes: str) -> list["HierarchicalLevel"]:
        """Return the levels directly below it, all of them or those with one of these codes, in their order."""
        return [level for level in self._below if not codes or level.code in codes]


def hierarchical_levels(place: Place, holders: Mapping[str, str]) -> tuple[Portion, tuple[HierarchicalLevel, ...]]:
    """Return what stands before the first level, and the levels that stand under no other.

    **Shape**: `holders` says for each HL03 of the guide which HL03 may hold it, nothing for the topmost. A level stands
    under the one that it names, wherever in the set that is.
    **Errors**: `MisplacedSegment` at the HL that has no parent, the wrong one, or a child code that is not true.
    """
    last = len(place.transaction.raw) - 1  # the SE
    starts = [at for at in range(last) if place.tag(at) == "HL"]
    if not starts:
        raise place.transaction.misplaced(last, "a set of this guide has at least one level")
    known: dict[str, HierarchicalLevel] = {}
    for start, end in zip(starts, [*starts[1:], last], strict=True):
        _, number, parent, code, says, *_ = place.elements(start)
        if not number or number in known:
            raise place.transaction.misplaced(start, "an HL has a number of its own")
        if code not in holders:
            raise place.transaction.misplaced(start, "the guide has no such level")
        level = HierarchicalLevel(code, start, Portion(place, range(start, end)), says)
        holder = known.get(parent)
        if (holder.code if holder else "") != holders[code] or (parent and not holder):
            raise place.transaction.misplaced(start, "an HL stands under an HL before it that may hold it")
        if holder:
            holder.add(level)
        known[number] = level
    for level in known.values():
        _check_child_code(place, level)
    topmost = tuple(level for level in known.values() if not holders[level.code])
    return Portion(place, range(starts[0])), topmost


def _check_child_code(place: Place, level: HierarchicalLevel) -> None:
    if level.says == "0" and level.below():
        raise place.transaction.misplaced(level.at, "an HL has others below it and says that it has none")
    if level.says == "1" and not level.below() and not level.own.has(*_ANSWERS):
        raise place.transaction.misplaced(level.at, "an HL says that it has others below it and has none")


class HierarchyWriter:
    """Numbers the levels of one set."""

    __slots__ = ("_count", "_out")

    def __init__(self, out: SetWriter) -> None:
        self._out = out
        self._count = 0

    def add(self, code: str, *, under: int | None = None, holds: bool | None) -> int:
        """Append an HL, and return its number. **Shape**: `holds` None where the guide has no child code."""
        self._count += 1
        child = "" if holds is None else str(int(holds))
        self._out.add("HL", str(self._count), str(under or ""), code, child)
        return self._count
