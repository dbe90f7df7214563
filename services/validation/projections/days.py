"""Which encounters of a patient were coded with a service on a day; from coding's `CodesAssigned`.

Keyed by patient and day. The row only says where to look: what holds is the latest codes of each encounter, so a line
that a later set of codes moved to another day counts there alone. Each fact only adds its own encounter, so their order
does not matter.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.events.coding import CodesAssigned
from shared.kernel.projection import Projection

ENCOUNTERS_MAX: Final = 50
"""Encounters of one patient on one day that are compared with each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One row. **Shape**: sorted; `cut`: there were more, of which the last ones are left out."""

    encounter_ids: tuple[str, ...]
    cut: bool = False


def key(patient_id: str, on: date) -> str:
    """Return the key of a patient's day."""
    return f"{patient_id}/{on}"


def keys(event: CodesAssigned) -> tuple[str, ...]:
    """Return the days on which a line begins."""
    return tuple(dict.fromkeys(key(event.patient_id, line.service_from_on) for line in event.lines))


def apply(row: Day | None, event: CodesAssigned) -> Day:
    """Return the encounters of the day with this one."""
    before = row or Day(encounter_ids=())
    if event.encounter_id in before.encounter_ids:
        return before
    encounter_ids = tuple(sorted((*before.encounter_ids, event.encounter_id)))
    return Day(
        encounter_ids=encounter_ids[:ENCOUNTERS_MAX],
        cut=before.cut or len(encounter_ids) > ENCOUNTERS_MAX,
    )


DAYS: Final[Projection[Day, CodesAssigned]] = Projection(
    name="days", version=1, source="foreign", row=Day, events=(CodesAssigned,), keys=keys, apply=apply
)
