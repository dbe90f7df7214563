"""The newest codes of each encounter that may be billed; an older verdict that comes late changes nothing."""

from typing import Final

from services.claims.domain.assembly import Validation
from shared.events.validation import CodesValidated
from shared.kernel.projection import Projection


def keys(event: CodesValidated) -> tuple[str, ...]:
    """Return the encounter."""
    return (event.encounter_id,)


def apply(row: Validation | None, event: CodesValidated) -> Validation:
    """Return the newest verdict after a fact."""
    if row and row.coding_version > event.coding_version:
        return row
    return Validation(
        encounter_id=event.encounter_id,
        patient_id=event.patient_id,
        coding_version=event.coding_version,
        rule_set_version=event.rule_set_version,
        filing_deadline_on=event.filing_deadline_on,
    )


VALIDATIONS: Final[Projection[Validation, CodesValidated]] = Projection(
    name="validations", version=1, source="foreign", row=Validation, events=(CodesValidated,), keys=keys, apply=apply
)
