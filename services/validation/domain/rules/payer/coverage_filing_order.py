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

    A gap is in order: who has a tertiary card and no secondary one is billed primary, then tertiary.
    """
    orders = tuple(coverage.filing_order for coverage in subject.coverages)
    places = [_PLACES[order] for order in orders]
    wrong = next((at for at, (before, after) in enumerate(pairwise((0, *places)), 1) if after <= before), None)
    if places[0] != 1:
        wrong = 1
    if wrong is not None:
        yield Failure(field=f"coverages/{wrong}", inputs=orders)


COVERAGE_FILING_ORDER: Final = Rule(
    id="coverage_filing_order",
    version=1,
    about="The coverages of a visit begin with the primary and go on in filing order, each place at most once.",
    citation="005010X222A1, loop 2000B SBR01 payer responsibility sequence",
    source="X12 implementation guide 005010X222A1",
    severity="error",
    owner="front-desk",
    mend="Put the coverages of the visit into filing order, the primary first.",
    check=check,
    applies=lambda subject: bool(subject.coverages),
)
