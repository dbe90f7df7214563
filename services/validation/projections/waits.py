"""Which encounters wait for a fact of others: asked when that fact arrives.

Keyed by kind and id of the fact (`payer/0190f3c2…`). A row is touched by the scrubs of many encounters, and each only
adds and removes its own encounter, so their order does not matter.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from services.validation.domain.scrub import AwaitedFactsArrived, ScrubWaiting
from shared.kernel.projection import Projection
from shared.kernel.unions import members

WaitEvent: TypeAlias = ScrubWaiting | AwaitedFactsArrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiters:
    """One row: who waits. **Shape**: sorted."""

    encounter_ids: tuple[str, ...]


def keys(event: WaitEvent) -> tuple[str, ...]:
    """Return what is waited for, or no more."""
    return event.missing if isinstance(event, ScrubWaiting) else event.arrived


def apply(row: Waiters | None, event: WaitEvent) -> Waiters | None:
    """Return who waits after a fact; None when nobody does."""
    before = row.encounter_ids if row else ()
    match event:
        case ScrubWaiting():
            return Waiters(encounter_ids=tuple(sorted({*before, event.encounter_id})))
        case AwaitedFactsArrived():
            left = tuple(each for each in before if each != event.encounter_id)
            return Waiters(encounter_ids=left) if left else None
        case _:
            assert_never(event)


WAITS: Final[Projection[Waiters, WaitEvent]] = Projection(
    name="waits", version=1, source="own", row=Waiters, events=members(WaitEvent), keys=keys, apply=apply
)
