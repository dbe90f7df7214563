"""A service is rendered where such services are: not in an office what hospitals do, nor the other way round."""

from collections.abc import Iterator
from typing import Final, assert_never

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import ScrubSubject
from shared.codesets.edition import TableNotLoaded, UnknownCode
from shared.codesets.mpfs import RelativeValues


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line that the fee schedule calls seldom in such a place; then the gap, with all codes, if any."""
    place, in_facility = subject.place_of_service, subject.in_facility
    if place is None or in_facility is None:
        return
    gaps: dict[TableNotLoaded, list[str]] = {}
    for line in subject.lines:
        match line.values:
            case None | UnknownCode():
                continue
            case TableNotLoaded() as answer:
                gaps.setdefault(answer, []).append(line.procedure.code)
            case RelativeValues(indicators=says, edition=edition):
                if says.seldom_in_facility if in_facility else says.seldom_in_office:
                    yield Failure(
                        field=f"lines/{line.line_no}/procedure_code",
                        inputs=(line.procedure.code, f"place {place.code}"),
                        line_no=line.line_no,
                        edition=edition.name,
                    )
            case _:
                assert_never(line.values)
    for answer, codes in gaps.items():
        yield not_loaded(answer, field="lines", inputs=tuple(dict.fromkeys(codes)))


PLACE_SELDOM: Final = Rule(
    id="place_seldom",
    version=1,
    about="No service is one that the fee schedule calls seldom or never rendered in such a place (NA): in a facility,"
    " or outside of one.",
    citation="Medicare Claims Processing Manual chapter 12, section 20.4.2, and chapter 23, addendum (NA indicators)",
    source="Medicare physician fee schedule, relative value file of the quarter",
    severity="warning",
    owner="coder",
    mend="Check the place of service and the code against the documentation.",
    check=check,
    applies=lambda subject: bool(subject.lines) and subject.in_facility is not None,
)
