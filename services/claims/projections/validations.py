"""The newest verdict on each encounter's codes; an older one that comes late changes nothing."""

from typing import Final

from services.claims.domain.assembly import Validation
from shared.events.validation import CodesRejected, ScrubEvent
from shared.kernel.projection import Projection
from shared.kernel.unions import members


def keys(event: ScrubEvent) -> tuple[str, ...]:
    """Return the encounter."""
    return (event.encounter_id,)


def apply(row: Validation | None, event: ScrubEvent) -> Validation:
    """Return the newest verdict after a fact."""
    if row and row.coding_version > event.coding_version:
        return row
    return Validation(
        encounter_id=event.encounter_id,
        patient_id=event.patient_id,
        coding_version=event.coding_version,
        rule_set_version=event.rule_set_version,
        filing_deadline_on=None if isinstance(event, CodesRejected) else event.filing_deadline_on,
        rejected=isinstance(event, CodesRejected),
        authorizations=() if isinstance(event, CodesRejected) else event.authorizations,
    )


VALIDATIONS: Final[Projection[Validation, ScrubEvent]] = Projection(
    name="validations",
    version=2,
    source="foreign",
    row=Validation,
    events=members(ScrubEvent),
    keys=keys,
    apply=apply,
)
