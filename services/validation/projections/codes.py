"""The latest complete set of codes of each encounter; from coding's `CodesAssigned`."""

from typing import Final

from services.validation.domain.facts import Codes
from shared.events.coding import CodesAssigned
from shared.kernel.projection import Projection


def keys(event: CodesAssigned) -> tuple[str, ...]:
    """Return the encounter."""
    return (event.encounter_id,)


def apply(row: Codes | None, event: CodesAssigned) -> Codes:
    """Return the set with the higher version, whichever came last."""
    if row is not None and row.coding_version >= event.coding_version:
        return row
    return Codes(
        encounter_id=event.encounter_id,
        patient_id=event.patient_id,
        coding_version=event.coding_version,
        diagnoses=tuple(each.code for each in sorted(event.diagnoses, key=lambda each: each.order)),
        lines=event.lines,
        assigned_at=event.assigned_at,
    )


CODES: Final[Projection[Codes, CodesAssigned]] = Projection(
    name="codes", version=2, source="foreign", row=Codes, events=(CodesAssigned,), keys=keys, apply=apply
)
