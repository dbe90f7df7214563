"""Which visits a patient had in a year; from coding's `EncounterDocumented`. A late coverage asks, for its days."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.events.coding import EncounterDocumented
from shared.kernel.projection import Projection


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit. **Shape**: both days belong to it."""

    encounter_id: str
    service_from_on: date
    service_to_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientYear:
    """One row. **Shape**: by encounter id."""

    visits: tuple[Visit, ...]


def key(patient_id: str, year: int) -> str:
    """Return the key of a patient's year."""
    return f"{patient_id}/{year}"


def keys(event: EncounterDocumented) -> tuple[str, ...]:
    """Return the year in which the visit began."""
    return (key(event.patient_id, event.service_from_on.year),)


def apply(row: PatientYear | None, event: EncounterDocumented) -> PatientYear:
    """Return the visits with this one."""
    visit = Visit(
        encounter_id=event.encounter_id, service_from_on=event.service_from_on, service_to_on=event.service_to_on
    )
    others = [each for each in (row.visits if row else ()) if each.encounter_id != event.encounter_id]
    return PatientYear(visits=tuple(sorted((*others, visit), key=lambda each: each.encounter_id)))


PATIENT_YEARS: Final[Projection[PatientYear, EncounterDocumented]] = Projection(
    name="patient_years",
    version=1,
    source="foreign",
    row=PatientYear,
    events=(EncounterDocumented,),
    keys=keys,
    apply=apply,
)
