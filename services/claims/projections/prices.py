"""What everything costs: one row with the prices of all schedules, read once for a whole batch of encounters.

One row, because assembly asks for any procedure of any encounter, and a practice charges for hundreds of them, not
millions. **Shape**: keyed `ALL`.
"""

from typing import Final

from services.claims.domain.fee_schedule import PriceList
from shared.events.claims import FeeScheduleVersionPublished
from shared.kernel.projection import Projection

ALL: Final = "all"


def keys(_: FeeScheduleVersionPublished) -> tuple[str, ...]:
    """Return the one row."""
    return (ALL,)


def apply(row: PriceList | None, event: FeeScheduleVersionPublished) -> PriceList:
    """Return the prices after a version was published."""
    return (row or PriceList()).with_version(event)


PRICES: Final[Projection[PriceList, FeeScheduleVersionPublished]] = Projection(
    name="prices",
    version=1,
    source="own",
    row=PriceList,
    events=(FeeScheduleVersionPublished,),
    keys=keys,
    apply=apply,
)
