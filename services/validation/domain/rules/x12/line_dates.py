"""A line is of days of the documented visit, in order."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line that ends before it begins, or leaves the days of the visit."""
    first_on, last_on = subject.visit
    for line in subject.lines:
        if not first_on <= line.service_from_on <= line.service_to_on <= last_on:
            inputs = (f"line {line.service_from_on} to {line.service_to_on}", f"visit {first_on} to {last_on}")
            yield Failure(field=f"lines/{line.line_no}/service_from_on", inputs=inputs, line_no=line.line_no)


LINE_DATES: Final = Rule(
    id="line_dates",
    version=1,
    about="Every line ends on or after its first day of service, and lies within the days of the documented visit.",
    citation="005010X222A1, loop 2400, DTP*472 service date",
    source="X12 implementation guide 005010X222A1; days of the visit as its documentation was signed",
    severity="error",
    owner="coder",
    mend="Date the line as the service was documented.",
    overridable=False,
    check=check,
    applies=lambda subject: bool(subject.lines),
)
