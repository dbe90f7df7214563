"""On which days an encounter was ever coded with a service; from coding's `CodesAssigned`.

Codes that change may leave a day: who was compared with the encounter there has to be compared anew. Each fact only
adds its days, so their order does not matter.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.events.coding import CodesAssigned
from shared.kernel.projection import Projection


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedDays:
    """One row. **Shape**: sorted; days on which a line of any set of codes begins."""

    patient_id: str
    days: tuple[date, ...]


def keys(event: CodesAssigned) -> tuple[str, ...]:
    """Return the encounter."""
    return (event.encounter_id,)


def apply(row: CodedDays | None, event: CodesAssigned) -> CodedDays:
    """Return the days with those of another set of codes."""
    before = row.days if row else ()
    days = tuple(sorted({*before, *(line.service_from_on for line in event.lines)}))
    return row if row and days == before else CodedDays(patient_id=event.patient_id, days=days)


CODED_DAYS: Final[Projection[CodedDays, CodesAssigned]] = Projection(
    name="coded_days", version=1, source="foreign", row=CodedDays, events=(CodesAssigned,), keys=keys, apply=apply
)
