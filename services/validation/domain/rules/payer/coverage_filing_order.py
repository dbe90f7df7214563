"""A claim goes to the primary payer first, and to each place in the line once."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, get_args

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject
from shared.events.registration import FilingOrder

_PLACES: Final = {order: place for place, order in enumerate(get_args(FilingOrder), 1)}


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield the first coverage that is not in its place: the first is primary, and each is later than the one before.

    A gap stops nothing: a card may be marked as the third, and there is no second one.
    """
    orders = tuple(coverage.filing_order for coverage in subject.coverages)
    places = [_PLACES[order] for order in orders]
    wrong = next((at for at, (before, after) in enumerate(pairwise((0, *places)), 1) if after <= before), None)
    if places[0] != 1:
        wrong = 1
    if wrong is not None:
        yield Failure(field=f"coverages/{wrong}", inputs=orders)
    elif (gap := next((at for at, place in enumerate(places, 1) if place != at), None)) is not None:
        yield Failure(
            field=f"coverages/{gap}",
            inputs=orders,
            severity="warning",
            mend="Ask whether the patient has a coverage between the two, or register this one in the place before.",
        )


COVERAGE_FILING_ORDER: Final = Rule(
    id="coverage_filing_order",
    version=2,
    about="The coverages of a visit begin with the primary and go on in filing order, each place at most once"
    " (error); none is left out between (warning).",
    citation="005010X222A1, loop 2000B SBR01 payer responsibility sequence",
    source="X12 implementation guide 005010X222A1",
    severity="error",
    owner="front-desk",
    mend="Put the coverages of the visit into filing order, the primary first.",
    check=check,
    applies=lambda subject: bool(subject.coverages),
)
