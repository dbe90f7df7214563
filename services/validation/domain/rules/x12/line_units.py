"""A line counts at least one unit, and not more than anybody means."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject

UNITS_MAX: Final = 999
"""The largest whole number of the paper form's field; more is a slip of the keys."""


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line whose count cannot be meant."""
    for line in subject.lines:
        if not 1 <= line.units <= UNITS_MAX:
            yield Failure(
                field=f"lines/{line.line_no}/units",
                inputs=(line.procedure.code, str(line.units)),
                line_no=line.line_no,
            )


LINE_UNITS: Final = Rule(
    id="line_units",
    version=1,
    about="Units of a line are 1 to 999.",
    citation="005010X222A1, loop 2400, SV104 service unit count; CMS-1500 item 24G (three digits)",
    source="X12 implementation guide 005010X222A1; Medicare Claims Processing Manual chapter 26, section 10.4",
    severity="error",
    owner="coder",
    mend="Say how often the service was rendered.",
    overridable=False,
    check=check,
    applies=lambda subject: bool(subject.lines),
)
