"""Modifiers that say where on the body fit together, and there are no more places than units."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import Line, ScrubSubject

LEFT: Final = frozenset({"LT", "E1", "E2", "FA", "F1", "F2", "F3", "F4", "TA", "T1", "T2", "T3", "T4"})
RIGHT: Final = frozenset({"RT", "E3", "E4", "F5", "F6", "F7", "F8", "F9", "T5", "T6", "T7", "T8", "T9"})
CORONARY: Final = frozenset({"LC", "LD", "LM", "RC", "RI"})
_SIDES: Final = frozenset({"LT", "RT"})
BOTH_SIDES: Final = "50"
_PLACES: Final = LEFT | RIGHT | CORONARY


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line whose places contradict each other."""
    for line in subject.lines:
        codes = frozenset(line.modifier_codes)
        places = codes & _PLACES
        if places and (why := _why(line, places, both_sides=BOTH_SIDES in codes)):
            inputs = (*sorted(places | codes & {BOTH_SIDES}), f"{line.units} units", why)
            yield Failure(field=f"lines/{line.line_no}/modifiers", inputs=inputs, line_no=line.line_no)


def _why(line: Line, places: frozenset[str], *, both_sides: bool) -> str | None:
    if both_sides and places - CORONARY:
        return "both sides, and one place"
    exact = places - _SIDES
    if ("LT" in places and exact & RIGHT) or ("RT" in places and exact & LEFT):
        return "one side, and a place on the other"
    if exact & CORONARY and (places - CORONARY):
        return "a coronary artery, and another part of the body"
    return "more places than units" if len(exact or places) > max(line.units, 1) else None


ANATOMICAL_MODIFIERS: Final = Rule(
    id="anatomical_modifiers",
    version=1,
    about="On one line, LT and RT, digits, eyelids and coronary arteries name no more places than there are units, lie"
    " on the side that is named, and do not stand with 50, which says both sides.",
    citation="Medicare NCCI Policy Manual, chapter I, section E; Medicare Claims Processing Manual chapter 12,"
    " section 40.7",
    source="HCPCS Level II modifiers E1 to E4, FA to F9, TA to T9, LC, LD, LM, LT, RC, RI, RT",
    severity="error",
    owner="coder",
    mend="Give each place a line of its own; both sides are modifier 50 on one line, or LT and RT on two.",
    check=check,
    applies=lambda subject: any(line.modifiers for line in subject.lines),
)
