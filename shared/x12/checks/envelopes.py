"""A file read for faults: envelopes are followed as far as they go, and every fault is told, not only the first.

Owns: ISA to IEA, counts and control numbers, what follows what. Refuses: the inside of a set (`checking.py` gives each
one to a `SetCheck`). The readers of `interchange.py` stop where they cannot trust a file; this walk goes on wherever it
can still tell segments apart.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final, Protocol

from shared.x12.checks.datatypes import day, formatted_fault, is_number
from shared.x12.checks.duplicates import Seen
from shared.x12.checks.finding import Finding
from shared.x12.checks.rules import RULES
from shared.x12.checks.situation import at
from shared.x12.malformed import MalformedX12, segment_name
from shared.x12.separators import Separators
from shared.x12.tokens import Segment, Source, blocks

_LAYOUT: Final = {"x12-unreadable-isa": "1-isa", "x12-truncated": "1-end", "x12-segment-too-long": "1-length"}
_ISA_VALUES: Final = {
    1: {"00", "03"},
    3: {"00", "01"},
    5: {"01", "14", "20", "27", "28", "29", "30", "33", "ZZ"},
    7: {"01", "14", "20", "27", "28", "29", "30", "33", "ZZ"},
    12: {"00501"},
    14: {"0", "1"},
    15: {"P", "T"},
}
_CONTROL_DIGITS: Final = 9
_SET_NUMBER_MIN: Final = 4


class InSet(Protocol):
    """Who looks at the inside of a transaction set."""

    def take(self, segment: Segment) -> None:
        """Look at a segment between ST and SE, both included."""

    def end(self, segment: Segment) -> None:
        """Close the set; `segment` is the SE, or what came in its place."""


class Told:
    """Findings that wait to be handed on."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: deque[Finding] = deque()

    def __call__(self, rule: str, segment: Segment, *, element: str = "", loop: str = "", detail: str = "") -> None:
        """Tell that a segment breaks a rule."""
        self._waiting.append(
            Finding(
                rule=RULES[rule],
                segment=segment.index,
                offset=segment.offset,
                segment_id=segment_name(segment.elements[0]),
                element=element,
                loop=loop,
                detail=detail,
            )
        )

    def out(self) -> Iterator[Finding]:
        """Yield what waits, in the order of the file as far as it is known."""
        while self._waiting:
            yield self._waiting.popleft()


OpenSet = Callable[[Segment, tuple[str, ...], Separators], InSet]
"""Takes the ST, its GS, and the separators."""


class EnvelopeWalk:
    """The envelopes of a file, followed. **Shape**: `segments` yields each one after what it breaks was told."""

    __slots__ = (
        "_body",
        "_count",
        "_group_numbers",
        "_groups",
        "_gs",
        "_indented",
        "_interchange_numbers",
        "_is_outside",
        "_isa",
        "_kind",
        "_open_set",
        "_set_numbers",
        "_sets",
        "_st",
        "_tell",
        "_today",
        "separators",
    )

    def __init__(self, tell: Told, open_set: OpenSet, today: date | None) -> None:
        self._tell, self._open_set, self._today = tell, open_set, today
        self.separators = Separators()
        self._isa: Segment | None = None
        self._gs: Segment | None = None
        self._st: Segment | None = None
        self._kind: tuple[str, str] | None = None
        self._body: InSet | None = None
        self._groups = self._sets = self._count = 0
        self._interchange_numbers = Seen(tell, "7-interchange-number", element="13")
        self._group_numbers = Seen(tell, "7-group-number", element="06")
        self._set_numbers = Seen(tell, "7-set-number", element="02")
        self._indented = self._is_outside = False

    def segments(self, source: Source) -> Iterator[Segment]:
        """Yield the segments of a file as far as it can be taken apart."""
        last = Segment(("",), 0, 0)
        try:
            for last in self._split(source):
                self._step(last)
                yield last
        except MalformedX12 as error:
            place = Segment((error.segment_id or "",), error.segment, error.offset)
            self._tell(_LAYOUT.get(error.slug, "1-envelope"), place)
            if error.slug == "x12-truncated":
                self._close_all(Segment(("",), error.segment, error.offset), is_told=True)
            return
        if not last.index:
            self._tell("1-isa", last, detail="the file is empty")

    def _split(self, source: Source) -> Iterator[Segment]:
        for block in blocks(source):
            self.separators = block.separators
            element, indented = block.separators.element, block.indented() if not self._indented else frozenset()
            for position, (raw, offset) in enumerate(zip(block.raw, block.offsets(), strict=True)):
                segment = Segment(tuple(raw.split(element)), block.first + position + 1, offset)
                if position in indented:
                    self._say_once_indented(segment)
                yield segment

    def _say_once_indented(self, segment: Segment) -> None:
        if not self._indented:
            self._indented = True
            self._tell("1-blank-before", segment)

    def _step(self, segment: Segment) -> None:
        match segment.elements[0]:
            case "ISA":
                self._open_interchange(segment)
            case "IEA":
                self._close_interchange(segment)
            case "GS":
                self._open_group(segment)
            case "GE":
                self._close_group(segment)
            case "ST":
                self._begin(segment)
            case "SE":
                self._finish(segment)
            case _ if self._body is not None:
                self._count += 1
                self._body.take(segment)
            case "TA1" if self._isa is not None and self._gs is None:
                pass  # `checking.py` looks into it
            case _ if not self._is_outside:
                self._is_outside = True
                self._tell("1-envelope", segment, detail="it stands outside a transaction set")
            case _:
                pass  # what follows stands outside as well, and was told

    def _close_all(self, segment: Segment, *, is_told: bool = False) -> None:
        """Close what is open before `segment`, and say which trailer is missing."""
        if self._body is not None:
            self._leave_set(segment)
            self._tell("1-envelope", segment, detail="SE is missing before it")
        if self._gs is not None:
            self._tell("1-envelope", segment, detail="GE is missing before it")
            self._gs = None
        if self._isa is not None:
            if not is_told:
                self._tell("1-envelope", segment, detail="IEA is missing before it")
            self._isa = None

    def _leave_set(self, segment: Segment) -> None:
        assert self._body is not None  # noqa: S101 (told to the type checker; the callers look)
        self._body.end(segment)
        self._body = self._st = None

    def _open_interchange(self, isa: Segment) -> None:
        self._close_all(isa)
        self._isa, self._groups, self._kind = isa, 0, None
        for element, allowed in _ISA_VALUES.items():
            if at(isa, element) not in allowed:
                self._tell("1-header", isa, element=f"{element:02d}", detail=f"one of {', '.join(sorted(allowed))}")
        if day(at(isa, 9)) is None:
            self._tell("1-date", isa, element="09")
        if formatted_fault("TM", at(isa, 10)):
            self._tell("1-time", isa, element="10")
        if not is_number(at(isa, 13)) or len(at(isa, 13)) != _CONTROL_DIGITS:
            self._tell("1-header", isa, element="13", detail="nine digits")
        if at(isa, 12) == "00501" and not self.separators.repetition:
            self._tell("1-header", isa, element="11", detail="a separator, such as ^")
        self._interchange_numbers.once("\x1f".join((*isa.elements[5:9], at(isa, 13))), isa)

    def _open_group(self, gs: Segment) -> None:
        if self._isa is None:
            self._tell("1-envelope", gs, detail="ISA is missing before it")
        if self._body is not None:
            self._leave_set(gs)
            self._tell("1-envelope", gs, detail="SE is missing before it")
        if self._gs is not None:
            self._tell("1-envelope", gs, detail="GE is missing before it")
        self._gs, self._sets = gs, 0
        self._groups += 1
        self._set_numbers = Seen(self._tell, "7-set-number", element="02")
        self._header_of_group(gs)
        self._one_kind(gs)
        self._group_numbers.once("\x1f".join((*gs.elements[1:4], at(gs, 6))), gs)

    def _one_kind(self, gs: Segment) -> None:
        kind = (at(gs, 1), at(gs, 8))
        if self._kind is not None and kind != self._kind:
            self._tell("1-group-kinds", gs, element="01" if kind[0] != self._kind[0] else "08")
        self._kind = self._kind or kind

    def _header_of_group(self, gs: Segment) -> None:
        for element in (1, 2, 3, 8):
            if not at(gs, element):
                self._tell("1-header", gs, element=f"{element:02d}", detail="it is empty")
        made = day(at(gs, 4))
        if made is None:
            self._tell("1-date", gs, element="04")
        elif self._today is not None and made > self._today:
            self._tell("1-future", gs, element="04")
        if formatted_fault("TM", at(gs, 5)):
            self._tell("1-time", gs, element="05")
        if not is_number(at(gs, 6)) or len(at(gs, 6)) > _CONTROL_DIGITS:
            self._tell("1-header", gs, element="06", detail="one to nine digits")
        if at(gs, 7) != "X":
            self._tell("1-header", gs, element="07", detail="X")

    def _begin(self, st: Segment) -> None:
        if self._body is not None:
            self._leave_set(st)
            self._tell("1-envelope", st, detail="SE is missing before it")
        if self._gs is None:
            self._tell("1-envelope", st, detail="GS is missing before it")
        self._st, self._count = st, 1
        self._is_outside = False
        self._sets += 1
        number = at(st, 2)
        if len(number) < _SET_NUMBER_MIN or len(number) > _CONTROL_DIGITS:
            self._tell("1-header", st, element="02", detail="four to nine characters")
        self._set_numbers.once(number, st)
        self._body = self._open_set(st, self._gs.elements if self._gs else ("GS",), self.separators)
        self._body.take(st)

    def _finish(self, se: Segment) -> None:
        if self._body is None or self._st is None:
            self._tell("1-envelope", se, detail="ST is missing before it")
            return
        self._counted(se, self._count + 1)
        self._same(se, at(self._st, 2))
        self._leave_set(se)

    def _close_group(self, ge: Segment) -> None:
        if self._body is not None:
            self._leave_set(ge)
            self._tell("1-envelope", ge, detail="SE is missing before it")
        if self._gs is None:
            self._tell("1-envelope", ge, detail="GS is missing before it")
            return
        self._counted(ge, self._sets)
        self._same(ge, at(self._gs, 6))
        self._gs = None

    def _close_interchange(self, iea: Segment) -> None:
        isa, self._isa = self._isa, None
        self._close_all(iea)
        if isa is None:
            self._tell("1-envelope", iea, detail="ISA is missing before it")
            return
        if not (self._groups == 0 and at(iea, 1) == "1"):  # some partners count a lone TA1 as a group
            self._counted(iea, self._groups)
        self._same(iea, at(isa, 13))

    def _counted(self, trailer: Segment, found: int) -> None:
        said = at(trailer, 1)
        if not is_number(said) or int(said[:18]) != found:
            self._tell("1-count", trailer, element="01", detail=f"there are {found}")

    def _same(self, trailer: Segment, number: str) -> None:
        if at(trailer, 2) != number:
            self._tell("1-control-number", trailer, element="02")
