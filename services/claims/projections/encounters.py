"""Encounters as coding told of them: where, by whom, and which coverages were known at the visit."""

from typing import Final

from services.claims.domain.assembly import Encounter
from shared.events.coding import EncounterDocumented
from shared.kernel.projection import Projection


def keys(event: EncounterDocumented) -> tuple[str, ...]:
    """Return the encounter."""
    return (event.encounter_id,)


def apply(_: Encounter | None, event: EncounterDocumented) -> Encounter:
    """Return the encounter after a fact."""
    return Encounter(
        encounter_id=event.encounter_id,
        patient_id=event.patient_id,
        place_of_service=event.place_of_service,
        rendering_provider_id=event.rendering_provider_id,
        billing_provider_id=event.billing_provider_id,
        coverage_ids=event.coverage_ids,
    )


ENCOUNTERS: Final[Projection[Encounter, EncounterDocumented]] = Projection(
    name="encounters", version=1, source="foreign", row=Encounter, events=(EncounterDocumented,), keys=keys, apply=apply
)
