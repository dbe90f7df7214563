"""What was charged and submitted in each hour, counted from our own facts.

A row is touched by many claims, and each only adds to its sums, so their order does not matter.
"""

from typing import Final, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from shared.events.claims import ClaimPriced, ClaimSubmitted
from shared.kernel.dates import utc_hour
from shared.kernel.projection import Projection
from shared.kernel.unions import members

CountedEvent: TypeAlias = ClaimPriced | ClaimSubmitted


class ClaimHour(Struct, frozen=True, kw_only=True, gc=False):
    """One row. **Shape**: `hour` in UTC. **Units**: cents.

    A claim that is priced anew adds to `charged_cents` by how much it changed, and is no further claim; each sending
    of a claim counts.
    """

    hour: str
    charged_cents: int = 0
    charged_claims: int = 0
    submitted_cents: int = 0
    submitted_claims: int = 0


def keys(event: CountedEvent) -> tuple[str, ...]:
    """Return the hour."""
    return (utc_hour(event.priced_at if isinstance(event, ClaimPriced) else event.submitted_at),)


def apply(row: ClaimHour | None, event: CountedEvent) -> ClaimHour:
    """Return the sums after a fact."""
    before = row or ClaimHour(hour=keys(event)[0])
    match event:
        case ClaimPriced():
            return replace(
                before,
                charged_cents=before.charged_cents + event.charge_cents - (event.replaced_cents or 0),
                charged_claims=before.charged_claims + (event.replaced_cents is None),
            )
        case ClaimSubmitted():
            return replace(
                before,
                submitted_cents=before.submitted_cents + event.charge_cents,
                submitted_claims=before.submitted_claims + 1,
            )
        case _:
            assert_never(event)


HOURS: Final[Projection[ClaimHour, CountedEvent]] = Projection(
    name="hours",
    version=1,
    source="own",
    row=ClaimHour,
    events=members(CountedEvent),
    keys=keys,
    apply=apply,
)
