"""Which tables the last scrub of each encounter lacked; asked for when a table is here at last."""

from dataclasses import dataclass
from typing import Final

from shared.events.validation import ScrubEvent
from shared.kernel.projection import Projection
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One row. **Shape**: code sets by name, sorted; there is no row where the scrub lacked none."""

    encounter_id: str
    missing_tables: tuple[str, ...]


def keys(event: ScrubEvent) -> tuple[str, ...]:
    """Return the encounter."""
    return (event.encounter_id,)


def apply(_: Gap | None, event: ScrubEvent) -> Gap | None:
    """Return what the scrub lacked; None where that is nothing."""
    missing = {each.missing_table for each in event.findings if each.missing_table is not None}
    return Gap(encounter_id=event.encounter_id, missing_tables=tuple(sorted(missing))) if missing else None


GAPS: Final[Projection[Gap, ScrubEvent]] = Projection(
    name="gaps", version=1, source="own", row=Gap, events=members(ScrubEvent), keys=keys, apply=apply
)
