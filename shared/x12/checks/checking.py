"""A file checked: envelopes, then each set by its guide's table and by the rules over several segments.

Owns: which rules look at which set, and the order of findings. Refuses: the rules themselves.
"""

from collections.abc import Iterator
from datetime import date

from shared.x12.checks.acknowledgements import Acknowledgements, StatusReports, interchange_answer
from shared.x12.checks.claims import Claims
from shared.x12.checks.code_sets import CodeSets, Knows
from shared.x12.checks.datatypes import day
from shared.x12.checks.duplicates import Seen
from shared.x12.checks.envelopes import EnvelopeWalk, Told
from shared.x12.checks.finding import Finding
from shared.x12.checks.guides import guide_of
from shared.x12.checks.inquiries import Inquiries
from shared.x12.checks.levels import Levels, Lines
from shared.x12.checks.notation import Guide
from shared.x12.checks.parties import Parties
from shared.x12.checks.placing import Placed, Placing
from shared.x12.checks.remittances import Remittances
from shared.x12.checks.situation import Situations, at
from shared.x12.checks.syntax import segment_faults
from shared.x12.separators import Separators
from shared.x12.tokens import Segment, Source


def check(source: Source, *, knows: Knows | None = None, today: date | None = None) -> Iterator[Finding]:
    """Yield what is wrong with a file, as it is read; of a file without fault nothing.

    **Shape**: `knows` answers for code sets (`code_sets.py`), without it those checks say that they were not made;
    `today` lets a file of tomorrow be found. Findings come roughly in the order of the file: a sum is judged when all
    of it was read, and is told of the segment that states it. Memory does not grow with the file, but for the numbers
    by which duplicates are found. **Errors**: none; what cannot be read is a finding.
    """
    tell = Told()
    file = _OfFile(tell, knows)
    walk = EnvelopeWalk(tell, file.open_set, today)
    for segment in walk.segments(source):
        if segment.elements[0] == "TA1":
            for fault in segment_faults(segment, None, walk.separators):
                tell(fault.rule, segment, element=fault.element, detail=fault.detail)
            interchange_answer(segment, tell)
        yield from tell.out()
    yield from tell.out()


class _OfFile:
    """What the sets of one file share."""

    __slots__ = ("_knows", "_not_made", "_numbers", "_payments", "_tell")

    def __init__(self, tell: Told, knows: Knows | None) -> None:
        self._tell, self._knows = tell, knows
        self._numbers = Seen(tell, "7-claim-number", element="01", loop="2300")
        self._payments = Seen(tell, "7-payment", element="02", loop="835")
        self._not_made: set[str] = set()

    def open_set(self, st: Segment, gs: tuple[str, ...], separators: Separators) -> "_SetCheck":
        """Return who looks at a set."""
        group = Segment(gs, 0, 0)
        guide, is_older = guide_of(at(st, 1), at(st, 3) or at(group, 8))
        if guide is None:
            self._tell("2-guide", st, element="01")
        elif is_older:
            self._tell("2-older-guide", st, element="03" if at(st, 3) else "")
        if guide is not None and at(group, 1) and at(group, 1) != guide.functional_id:
            self._tell("2-functional-id", st, detail=f"GS01 is {guide.functional_id}")
        made_on = day(at(group, 4))
        rules = list(self._situations(guide, separators.component, made_on))
        return _SetCheck(guide, separators, self._tell, rules)

    def _situations(self, guide: Guide | None, component: str, made_on: date | None) -> Iterator[Situations]:
        if guide is None:
            return
        tell = self._tell
        yield Parties(tell, guide.code, made_on)
        yield CodeSets(tell, component, self._knows, self._not_made, made_on)
        if "HL" in guide.segment_ids:
            yield Levels(tell, may_end_early=guide.code == "271")
        match guide.code:
            case "837":
                yield Lines(tell)
                is_institutional = "SV2" in guide.segment_ids
                numbers = self._numbers
                yield Claims(tell, component, numbers=numbers, made_on=made_on, is_institutional=is_institutional)
            case "835":
                yield Remittances(tell, self._payments)
            case "999":
                yield Acknowledgements(tell)
            case "277":
                yield StatusReports(tell, component, is_acknowledgement=guide.name == "005010X214")
            case "270" | "271" | "276":
                yield Inquiries(tell, guide.code)
            case _:
                pass


class _SetCheck:
    """One transaction set, looked at."""

    __slots__ = ("_placing", "_rules", "_separators", "_tell")

    def __init__(self, guide: Guide | None, separators: Separators, tell: Told, rules: list[Situations]) -> None:
        self._separators, self._tell, self._rules = separators, tell, rules
        self._placing = Placing(guide, separators.component, tell) if guide is not None else None

    def take(self, segment: Segment) -> None:
        """Look at a segment."""
        placed = self._placing.place(segment) if self._placing is not None else Placed(segment, "", None)
        for fault in segment_faults(segment, placed.use, self._separators):
            if fault.rule == "1-unknown-segment" and self._placing is None:
                continue  # the dictionary has the segments of the guides that have a table
            if fault.rule == "2-code" and placed.is_guess and fault.element == placed.key_element:
                continue  # the qualifier was told already
            self._tell(fault.rule, segment, element=fault.element, loop=placed.loop, detail=fault.detail)
        for rules in self._rules:
            rules.take(placed)

    def end(self, segment: Segment) -> None:
        """Judge what is left; `segment` closes the set, or came where its SE should be."""
        if segment.elements[0] == "SE":
            self.take(segment)
        elif self._placing is not None:
            self._placing.end(segment)
        for rules in self._rules:
            rules.end(segment)
