"""Lending with a worklist that has all there is: why a copy is away, until when, and what it costs.

A loan's title is its reason, "nothing" none; its pages are days until it is due, from `FIRST` on, 0 no day.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from shared.kernel.projection import Projection
from shared.runtime.definition import Service, Worklist
from tests.support.lending import CopyEvent, CopyLent, lending

FIRST: Final = date(2026, 3, 1)


@dataclass(frozen=True, slots=True)
class Loan:
    """A copy that is away."""

    copy_id: str
    why: str | None
    due_on: date | None
    fee_cents: int


def _lent(_: Loan | None, event: CopyEvent) -> Loan | None:
    if not isinstance(event, CopyLent):
        return None
    return Loan(
        event.copy_id,
        None if event.title == "nothing" else event.title,
        FIRST + timedelta(days=event.pages) if event.pages else None,
        fee_cents=event.pages * event.pages % 7 * 100,
    )


LOANS: Final[Projection[Loan, CopyEvent]] = Projection(
    name="loans",
    version=1,
    source="own",
    row=Loan,
    events=(CopyLent,),
    keys=lambda event: (event.copy_id,),
    apply=_lent,
    filters=("due_on",),
    columns=("why", "fee_cents"),
    countable=("why",),
)
WAITING: Final = Worklist(
    projection=LOANS, where={}, owner="clerk", about="Copies away", reason="why", due="due_on", amount="fee_cents"
)


def waiting(**settings: object) -> Service:
    """Return the service."""
    service = lending(**settings)
    return replace(
        service,
        projections=(*service.projections, LOANS),
        worklists={**service.worklists, "loans": WAITING},
    )
