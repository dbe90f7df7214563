"""What was documented: one row per encounter, as signed."""

from datetime import date, datetime
from typing import Final

from msgspec import Struct

from shared.events.coding import DocumentedCondition, DocumentedProcedure, EncounterDocumented
from shared.kernel.erased import known
from shared.kernel.projection import Projection, one_stream


class EncounterRow(Struct, frozen=True, kw_only=True, gc=False):
    """One encounter. **Shape**: texts stand at the place of their condition or procedure; none of an erased patient."""

    encounter_id: str
    patient_id: str
    appointment_id: str | None
    service_from_on: date
    service_to_on: date
    place_of_service: str | None
    rendering_provider_id: str | None
    billing_provider_id: str | None
    coverage_ids: tuple[str, ...]
    conditions: tuple[DocumentedCondition, ...]
    condition_texts: tuple[str, ...]
    procedures: tuple[DocumentedProcedure, ...]
    procedure_texts: tuple[str, ...]
    note: str | None
    note_sha256: str | None
    signed_at: datetime


def row_of(event: EncounterDocumented) -> EncounterRow:
    """Return what is known of an encounter."""
    return EncounterRow(
        encounter_id=event.encounter_id,
        patient_id=event.patient_id,
        appointment_id=event.appointment_id,
        service_from_on=event.service_from_on,
        service_to_on=event.service_to_on,
        place_of_service=event.place_of_service,
        rendering_provider_id=event.rendering_provider_id,
        billing_provider_id=event.billing_provider_id,
        coverage_ids=event.coverage_ids,
        conditions=event.conditions,
        condition_texts=known(event.condition_texts, otherwise=()),
        procedures=event.procedures,
        procedure_texts=known(event.procedure_texts, otherwise=()),
        note=known(event.note, otherwise=None),
        note_sha256=event.note_sha256,
        signed_at=event.signed_at,
    )


def keys(event: EncounterDocumented) -> tuple[str, ...]:
    """Return the encounter whose row a fact touches."""
    return (event.encounter_id,)


def apply(_: EncounterRow | None, event: EncounterDocumented) -> EncounterRow:
    """Return the row of the encounter after a fact."""
    return row_of(event)


ENCOUNTERS: Final[Projection[EncounterRow, EncounterDocumented]] = Projection(
    name="encounters",
    version=1,
    source="own",
    row=EncounterRow,
    events=(EncounterDocumented,),
    keys=keys,
    apply=apply,
    streams=one_stream("encounter"),
    filters=("patient_id",),
)
