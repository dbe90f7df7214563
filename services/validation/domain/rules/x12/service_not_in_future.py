"""A service is billed once it was rendered."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject

_AHEAD_MAX: Final = timedelta(days=1)
"""How far the calendar of a place on earth is ahead of the payer's."""


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line that ends after today, by the payer's clock."""
    for line in subject.lines:
        if line.service_to_on > subject.today:
            begun = line.service_to_on - subject.today <= _AHEAD_MAX
            yield Failure(
                field=f"lines/{line.line_no}/service_to_on",
                inputs=(str(line.service_from_on), str(line.service_to_on)),
                line_no=line.line_no,
                severity="warning" if begun else "error",
            )


SERVICE_NOT_IN_FUTURE: Final = Rule(
    id="service_not_in_future",
    version=1,
    about="No line ends later than tomorrow by the payer's clock (error); one that ends tomorrow may be over where it"
    " was rendered (warning).",
    citation="005010X222A1, loop 2400, DTP*472 service date; refused otherwise with CARC 110",
    source="X12 implementation guide 005010X222A1",
    severity="error",
    owner="coder",
    mend="Correct the dates, or bill when the service is over and have the codes scrubbed again then.",
    check=check,
    applies=lambda subject: bool(subject.lines),
)
