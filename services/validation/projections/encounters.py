"""The visits that scrubs judge; from coding's `EncounterDocumented`."""

from typing import Final

from services.validation.domain.facts import Encounter
from shared.events.coding import EncounterDocumented
from shared.kernel.projection import Projection


def keys(event: EncounterDocumented) -> tuple[str, ...]:
    """Return the encounter."""
    return (event.encounter_id,)


def apply(_: Encounter | None, event: EncounterDocumented) -> Encounter:
    """Return what a scrub asks of the visit."""
    return Encounter(
        encounter_id=event.encounter_id,
        patient_id=event.patient_id,
        service_from_on=event.service_from_on,
        service_to_on=event.service_to_on,
        place_of_service=event.place_of_service,
        rendering_provider_id=event.rendering_provider_id,
        billing_provider_id=event.billing_provider_id,
        coverage_ids=event.coverage_ids,
    )


ENCOUNTERS: Final[Projection[Encounter, EncounterDocumented]] = Projection(
    name="encounters",
    version=2,
    source="foreign",
    row=Encounter,
    events=(EncounterDocumented,),
    keys=keys,
    apply=apply,
)
