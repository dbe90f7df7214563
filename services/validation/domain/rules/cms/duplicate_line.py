"""The same service on the same day stands on an encounter once, unless a modifier says that it was done again."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject

DISTINGUISHING: Final = frozenset({"59", "76", "77", "91", "XE", "XP", "XS", "XU"})
"""Distinct or repeated services: 76 and 77 repeat a procedure, 91 a laboratory test, 59 and X… set one apart."""


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line that repeats an earlier one."""
    seen: dict[tuple[str, tuple[str, ...], date, date], int] = {}
    for line in subject.lines:
        modifiers = tuple(sorted(modifier.code for modifier in line.modifiers))
        if not DISTINGUISHING.isdisjoint(modifiers):
            continue
        first = seen.setdefault(
            (line.procedure.code, modifiers, line.service_from_on, line.service_to_on), line.line_no
        )
        if first != line.line_no:
            inputs = (line.procedure.code, *modifiers, str(line.service_from_on), f"as line {first}")
            yield Failure(field=f"lines/{line.line_no}", inputs=inputs, line_no=line.line_no)


DUPLICATE_LINE: Final = Rule(
    id="duplicate_line",
    version=1,
    about="No two lines have the same procedure, modifiers and dates, unless a modifier says that the service is"
    " distinct or was repeated (59, 76, 77, 91, XE, XP, XS, XU).",
    citation="Medicare Claims Processing Manual chapter 1, section 120 (duplicate claims)",
    source="Medicare Claims Processing Manual; NCCI Policy Manual chapter 1, section E for the modifiers",
    severity="error",
    owner="coder",
    mend="Count units on one line, or add the modifier that tells the two apart.",
    check=check,
    applies=lambda subject: len(subject.lines) > 1,
)
