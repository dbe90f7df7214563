"""A professional claim has at least one line and room for fifty."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject

LINES_MAX: Final = 50


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield the count where it does not fit."""
    if not 1 <= len(subject.lines) <= LINES_MAX:
        yield Failure(field="lines", inputs=(str(len(subject.lines)),))


LINE_COUNT: Final = Rule(
    id="line_count",
    version=1,
    about="There are 1 to 50 lines.",
    citation="005010X222A1, loop 2400 service line number (repeat 50)",
    source="X12 implementation guide 005010X222A1",
    severity="error",
    owner="coder",
    mend="Code at least one service, and split what has more than 50 lines.",
    overridable=False,
    check=check,
)
