"""Where each segment of a set belongs, by the guide's table; and what is missing, misplaced or too often on the way.

Owns: the walk through a guide. Refuses: what stands in elements (`syntax.py`), and what a segment means.
A segment goes to the innermost open loop that still has a place for it; only if no loop has, it is looked for behind,
and then it is out of order. A segment that fits nothing but by its id takes the place whose qualifier it gets wrong, so
that one fault is not reported for everything that follows it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from shared.x12.checks.finding import Tell
from shared.x12.checks.notation import Guide, Loop, LoopUse, SegmentUse, Use
from shared.x12.malformed import segment_name
from shared.x12.tokens import Segment

_STARTS: Final = frozenset({"NM1", "N1", "HL", "LX", "CLM", "CLP", "SVC", "SBR", "EB", "AK2", "IK3", "IK4"})
"""Segments that begin loops in every guide: what follows a misplaced one belongs to it."""


class Placed(NamedTuple):
    """A segment in its loop. **Shape**: `use` is None where the guide has no place for it; `loop` then is where it was.

    `closed` are loops that ended before it, innermost first; `begins` whether it opens `loop`;
    `is_guess` that its qualifier is wrong.
    """

    segment: Segment
    loop: str
    use: SegmentUse | None
    begins: bool = False
    closed: tuple[str, ...] = ()
    is_guess: bool = False

    @property
    def key_element(self) -> str:
        """Return the element that tells the segment from others of its id."""
        return _key_element(self.use) if self.use is not None else ""


@dataclass(slots=True, eq=False)
class _Open:
    """A loop that is open. **Shape**: `at` is the place reached, `seen` how often each use came."""

    loop: Loop
    at: int = 0
    seen: dict[int, int] = field(default_factory=dict)


class Placing:
    """The walk of one set through its guide."""

    __slots__ = ("_component", "_guide", "_is_lost", "_open", "_tell")

    def __init__(self, guide: Guide, component: str, tell: Tell) -> None:
        self._guide, self._component, self._tell = guide, component, tell
        self._open = [_Open(guide.body)]
        self._is_lost = False

    @property
    def loops(self) -> tuple[str, ...]:
        """Return the loops that are open, outermost first."""
        return tuple(each.loop.name for each in self._open)

    def place(self, segment: Segment) -> Placed:
        """Return where a segment belongs."""
        found = self._ahead(segment) or self._behind(segment)
        if found is not None:
            self._is_lost = False
            depth, at, use = found
            return self._enter(segment, depth, at, use)
        return self._astray(segment)

    def end(self, segment: Segment) -> None:
        """Close every loop where the SE is missing."""
        self._close(1, segment)
        self._missing(self._open[0], range(self._open[0].at, len(self._open[0].loop.places) - 1), segment)

    def _ahead(self, segment: Segment) -> tuple[int, int, Use] | None:
        for depth in range(len(self._open) - 1, -1, -1):
            here = self._open[depth]
            places = here.loop.places
            for at in range(here.at, len(places)):
                use = self._fitting(here, places[at], segment)
                if use is not None and not (at == 0 and self._is_begun(here)):
                    return depth, at, use
        return None

    def _fitting(self, here: _Open, place: tuple[Use, ...], segment: Segment) -> Use | None:
        """Return the use of a place that a segment fits; of several, one that has not been used up."""
        fits = [use for use in place if use.fits(segment.elements, self._component)]
        return next((use for use in fits if here.seen.get(id(use), 0) < use.times), fits[0] if fits else None)

    def _is_begun(self, here: _Open) -> bool:
        """Return whether the first segment of a loop has come: a second one is another round of the loop."""
        return bool(here.seen.get(id(here.loop.first)))

    def _behind(self, segment: Segment) -> tuple[int, int, Use] | None:
        for depth in range(len(self._open) - 1, -1, -1):
            here = self._open[depth]
            for at in range(1, here.at):
                use = self._fitting(here, here.loop.places[at], segment)
                if use is not None:
                    self._say("2-order", segment, loop=here.loop.name)
                    return depth, at, use
        return None

    def _enter(self, segment: Segment, depth: int, at: int, use: Use) -> Placed:
        closed = self._close(depth + 1, segment)
        here = self._open[depth]
        if at > here.at:
            self._missing(here, range(here.at, at), segment)
            here.at = at
        count = here.seen[id(use)] = here.seen.get(id(use), 0) + 1
        if count > use.times:
            rule = "2-loop-repeats" if isinstance(use, LoopUse) else "2-segment-repeats"
            self._say(rule, segment, loop=here.loop.name, detail=f"at most {use.times}")
        if isinstance(use, LoopUse):
            inner = _Open(use.loop)
            inner.seen[id(use.loop.first)] = 1
            self._open.append(inner)
            return Placed(segment, use.loop.name, use.loop.first, begins=True, closed=closed)
        return Placed(segment, here.loop.name, use, closed=closed)

    def _close(self, depth: int, segment: Segment) -> tuple[str, ...]:
        closed = []
        while len(self._open) > depth:
            inner = self._open.pop()
            self._missing(inner, range(inner.at, len(inner.loop.places)), segment)
            closed.append(inner.loop.name)
        return tuple(closed)

    def _missing(self, here: _Open, places: range, segment: Segment) -> None:
        for at in places:
            for use in here.loop.places[at]:
                if use.is_required and not here.seen.get(id(use)):
                    rule = "2-loop-missing" if isinstance(use, LoopUse) else "2-segment-missing"
                    self._say(rule, segment, loop=here.loop.name, detail=f"{named(use)} before this segment")

    def _astray(self, segment: Segment) -> Placed:
        """Return where a segment stands that fits nothing, after saying so."""
        name = segment.elements[0]
        loop = self._open[-1].loop.name
        if name not in self._guide.segment_ids:
            self._say(
                "2-segment-unexpected",
                segment,
                loop=loop,
                detail=f"no {segment_name(name) or 'such segment'} in this transaction set",
            )
            return Placed(segment, loop, None)
        likely = next(self._likely(name), None)
        if likely is None:
            if not self._is_lost:
                self._say("2-segment-unexpected", segment, loop=loop)
                self._is_lost = name in _STARTS
            return Placed(segment, loop, None)
        depth, at, use = likely
        known = ", ".join(sorted(self._keys(name)))
        first = use.loop.first if isinstance(use, LoopUse) else use
        here = self._open[depth]
        self._say("2-qualifier", segment, element=_key_element(first), loop=here.loop.name, detail=f"one of {known}")
        if use.is_required and not here.seen.get(id(use)):
            return self._enter(segment, depth, at, use)._replace(is_guess=True)
        self._is_lost = isinstance(use, LoopUse)
        return Placed(segment, loop, None)

    def _likely(self, name: str) -> Iterator[tuple[int, int, Use]]:
        """Yield uses with the id of a segment: first what is required and has not come, then any."""
        ahead = [
            (depth, at, use)
            for depth in range(len(self._open) - 1, -1, -1)
            for at in range(self._open[depth].at, len(self._open[depth].loop.places))
            for use in self._open[depth].loop.places[at]
            if use.id == name and not (at == 0 and self._is_begun(self._open[depth]))
        ]
        yield from (each for each in ahead if each[2].is_required and not self._open[each[0]].seen.get(id(each[2])))
        yield from ahead

    def _keys(self, name: str) -> frozenset[str]:
        """Return the qualifiers that a segment of this id may have in the open loops."""
        uses = (use for here in self._open for place in here.loop.places[here.at :] for use in place if use.id == name)
        return frozenset().union(*((use.loop.first if isinstance(use, LoopUse) else use).key for use in uses))

    def _say(self, rule: str, segment: Segment, *, loop: str, element: str = "", detail: str = "") -> None:
        if not self._is_lost or rule not in {"2-order", "2-segment-unexpected"}:
            self._tell(rule, segment, element=element, loop=loop, detail=detail)


def named(use: Use) -> str:
    """Return a segment or loop as billers write it: `REF*EI`, `2010AA billing provider`."""
    if isinstance(use, LoopUse):
        return f"{use.loop.name} {use.loop.title}"
    return use.id + "*" * use.key_at + (",".join(sorted(use.key)) if use.key_at else "")


def _key_element(use: SegmentUse) -> str:
    is_composite = 0 < use.key_at <= len(use.elements) and use.elements[use.key_at - 1].parts
    return f"{use.key_at:02d}" + ("-1" if is_composite else "")
