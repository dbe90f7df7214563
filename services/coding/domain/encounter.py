"""An encounter: one visit and its signed documentation.

Owns: taking the documentation once. Refuses: judging it; a visit can always be signed, whatever its codes are worth.
Next: `coding_rule.py` reads the documentation, `coding_case.py` is what becomes of it.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from msgspec import Meta, structs

from shared.events.coding import DocumentedCondition, DocumentedProcedure, EncounterDocumented
from shared.events.envelope import Event
from shared.kernel.dates import Instant, local_day
from shared.kernel.decider import Decider, Name
from shared.kernel.erased import PERSONAL, Erased
from shared.kernel.errors import Malformed, Rejected
from shared.kernel.identifiers import EncounterId, PatientId
from shared.kernel.person import Identifier
from shared.kernel.unions import members

FIRST_ZONE: Final = "Pacific/Kiritimati"  # the first place on earth to begin a day: later than its day is nowhere yet


class EncounterSourced(Event, frozen=True, kw_only=True):
    """An encounter came from a record of another system. **Moment**: with its documentation. **Key**: `encounter_id`.

    **Versions**: 1 (2026-11). Private: it reserves the record's name, so that a second import adds nothing.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    source: Annotated[
        Identifier | Erased,
        PERSONAL,
        Meta(description="The record there.", examples=[{"system": "urn:example:ehr", "value": "Encounter/e-1"}]),
    ]
    sourced_at: Instant


DocumentationEvent: TypeAlias = EncounterDocumented | EncounterSourced


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """A visit that was documented; `None` in its place means that it was not. **Shape**: `source` where imported."""

    documented: EncounterDocumented
    source: Identifier | Erased | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEncounter:
    """Take the signed documentation of a visit. **Shape**: texts stand at the place of their condition or procedure."""

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
    source: Identifier | None
    signed_at: datetime
    now: datetime


class ServiceDatesImpossible(Malformed):
    """A visit ends on or after the day on which it begins, and has begun."""

    slug = "service-dates-impossible"


class EncounterAlreadyDocumented(Rejected):
    """A visit is documented once; what is different later is an amendment."""

    slug = "encounter-already-documented"


def decide(encounter: Encounter | None, command: DocumentEncounter) -> tuple[DocumentationEvent, ...]:
    """Return the documentation, none for a repeat: the same record of another system, or the same content.

    **Errors**: `ServiceDatesImpossible`, `EncounterAlreadyDocumented`.
    """
    documented = _documented(command)
    if encounter is not None:
        if not _repeats(encounter, command, documented):
            raise EncounterAlreadyDocumented("this encounter was documented with other content")
        return ()
    if command.service_to_on < command.service_from_on:
        raise ServiceDatesImpossible("the visit ends before it begins")
    if command.service_from_on > local_day(command.now, FIRST_ZONE):
        raise ServiceDatesImpossible("the visit lies in the future")
    if command.source is None:
        return (documented,)
    sourced = EncounterSourced(
        encounter_id=command.encounter_id,
        patient_id=command.patient_id,
        source=command.source,
        sourced_at=command.now,
    )
    return documented, sourced


def _repeats(encounter: Encounter, command: DocumentEncounter, documented: EncounterDocumented) -> bool:
    if command.source is not None and command.source == encounter.source:
        return True
    return structs.replace(documented, signed_at=encounter.documented.signed_at) == encounter.documented


def _documented(command: DocumentEncounter) -> EncounterDocumented:
    return EncounterDocumented(
        encounter_id=command.encounter_id,
        patient_id=command.patient_id,
        appointment_id=command.appointment_id,
        service_from_on=command.service_from_on,
        service_to_on=command.service_to_on,
        place_of_service=command.place_of_service,
        rendering_provider_id=command.rendering_provider_id,
        billing_provider_id=command.billing_provider_id,
        coverage_ids=command.coverage_ids,
        conditions=command.conditions,
        condition_texts=command.condition_texts,
        procedures=command.procedures,
        procedure_texts=command.procedure_texts,
        note=command.note,
        note_sha256=command.note_sha256,
        signed_at=command.signed_at,
    )


def evolve(encounter: Encounter | None, event: DocumentationEvent) -> Encounter | None:
    """Return the state after a stored fact. A source of nothing leaves nothing."""
    match event:
        case EncounterDocumented():
            return Encounter(documented=event)
        case EncounterSourced():
            return replace(encounter, source=event.source) if encounter else None
        case _:
            assert_never(event)


def stream(command: DocumentEncounter) -> str:
    """Return the history that a command is decided on: one per encounter."""
    return f"encounter-{command.encounter_id}"


def names(event: DocumentationEvent) -> tuple[Name, ...]:
    """Return what a fact reserves: the record of the other system, as written there; nothing once it was erased."""
    match event:
        case EncounterDocumented():
            return ()
        case EncounterSourced():
            if isinstance(event.source, Erased):
                return ()
            return (Name("encounter_source", f"{event.source.system}\x1f{event.source.value}"),)
        case _:
            assert_never(event)


ENCOUNTERS: Final[Decider[Encounter | None, DocumentEncounter, DocumentationEvent]] = Decider(
    commands=(DocumentEncounter,),
    events=members(DocumentationEvent),
    stream=stream,
    initial=None,
    decide=decide,
    evolve=evolve,
    names=names,
)
