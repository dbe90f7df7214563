"""The newest codes of each encounter; an older set that comes late changes nothing."""

from typing import Final

from services.claims.domain.assembly import Coding
from shared.events.coding import CodesAssigned
from shared.kernel.projection import Projection


def keys(event: CodesAssigned) -> tuple[str, ...]:
    """Return the encounter."""
    return (event.encounter_id,)


def apply(row: Coding | None, event: CodesAssigned) -> Coding:
    """Return the newest codes after a fact."""
    if row and row.coding_version >= event.coding_version:
        return row
    diagnoses = sorted(event.diagnoses, key=lambda diagnosis: diagnosis.order)
    return Coding(
        encounter_id=event.encounter_id,
        coding_version=event.coding_version,
        diagnoses=tuple(diagnosis.code for diagnosis in diagnoses),
        lines=tuple(sorted(event.lines, key=lambda line: line.line_no)),
    )


CODINGS: Final[Projection[Coding, CodesAssigned]] = Projection(
    name="codings", version=1, source="foreign", row=Coding, events=(CodesAssigned,), keys=keys, apply=apply
)
