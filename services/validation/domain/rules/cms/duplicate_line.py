"""The same service on the same day stands on an encounter once, unless a modifier says that it was done again."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import Line, ScrubSubject

DISTINGUISHING: Final = frozenset({"59", "76", "77", "91", "XE", "XP", "XS", "XU"})
"""Distinct or repeated services: 76 and 77 repeat a procedure, 91 a laboratory test, 59 and X… set one apart."""

_DRUGS: Final = "J"
_PRESCRIPTIONS: Final = frozenset({"S5000", "S5001"})


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
            yield _failure(line, inputs)


def _failure(line: Line, inputs: tuple[str, ...]) -> Failure:
    field = f"lines/{line.line_no}"
    if not may_be_another(line):
        return Failure(field=field, inputs=inputs, line_no=line.line_no)
    mend = "Count units on one line, unless the two are different drugs or items: then say on each which one."
    return Failure(field=field, inputs=inputs, line_no=line.line_no, severity="warning", mend=mend)


def may_be_another(line: Line) -> bool:
    """Return whether one code stands for many things, of which a claim says by NDC or in words which one it was."""
    code = line.procedure.code
    unspecific = line.level2 is not None and line.level2.unspecific
    return unspecific or code.startswith(_DRUGS) or code in _PRESCRIPTIONS


DUPLICATE_LINE: Final = Rule(
    id="duplicate_line",
    version=2,
    about="No two lines have the same procedure, modifiers and dates, unless a modifier says that the service is"
    " distinct or was repeated (59, 76, 77, 91, XE, XP, XS, XU). A warning for drugs (J, S5000, S5001) and codes that"
    " do not say what was given: a mixture has a line for each drug.",
    citation="Medicare Claims Processing Manual chapter 1, section 120 (duplicate claims); 005010X222A1, loop 2410 drug"
    " identification, whose example of an infusion has four lines of one code",
    source="Medicare Claims Processing Manual; NCCI Policy Manual chapter 1, section E for the modifiers",
    severity="error",
    owner="coder",
    mend="Count units on one line, or add the modifier that tells the two apart.",
    check=check,
    applies=lambda subject: len(subject.lines) > 1,
)
