"""Who waits for what: for each missing fact, the encounters whose billing it holds up.

Every fact that can fill a gap asks here whom it frees. A row is touched by many encounters, and each only adds and
removes itself, so their order does not matter. No row: nobody waits.
"""

from typing import Final, TypeAlias, assert_never

from msgspec import Struct

from services.claims.domain.encounter_billing import BillingFactsArrived, EncounterBillingWaiting
from shared.kernel.projection import Projection
from shared.kernel.unions import members

WaitEvent: TypeAlias = EncounterBillingWaiting | BillingFactsArrived


class Waiting(Struct, frozen=True, kw_only=True):
    """One row, keyed by kind and id of the missing fact: who waits. **Shape**: sorted."""

    encounter_ids: tuple[str, ...]


def keys(event: WaitEvent) -> tuple[str, ...]:
    """Return the facts that an encounter waits for, or does not wait for any more."""
    return event.missing if isinstance(event, EncounterBillingWaiting) else event.arrived


def apply(row: Waiting | None, event: WaitEvent) -> Waiting | None:
    """Return who waits for a fact after a change."""
    before = row.encounter_ids if row else ()
    match event:
        case EncounterBillingWaiting():
            return Waiting(encounter_ids=tuple(sorted({*before, event.encounter_id})))
        case BillingFactsArrived():
            left = tuple(each for each in before if each != event.encounter_id)
            return Waiting(encounter_ids=left) if left else None
        case _:
            assert_never(event)


WAITING: Final[Projection[Waiting, WaitEvent]] = Projection(
    name="waits", version=1, source="own", row=Waiting, events=members(WaitEvent), keys=keys, apply=apply
)
