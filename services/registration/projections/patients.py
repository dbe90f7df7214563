"""Who is registered: one row per patient, found by id, MRN, or name and birth date in the form of comparison.

An erased patient keeps the row and its id, and nothing by which anyone could find or name the person.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.registration.domain.identity import folded, person_key
from shared.events.registration import PatientRegistered
from shared.kernel.erased import Erased, known
from shared.kernel.person import Address, Identifier, PersonName, Sex
from shared.kernel.projection import Projection, one_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRow:
    """One patient. **Shape**: None where the value was erased; `mrn_key`, `person_key`: what a search compares."""

    patient_id: str
    mrn: str | None
    name: PersonName | None
    birth_on: date | None
    sex: Sex | None
    address: Address | None
    identifiers: tuple[Identifier, ...]
    registered_at: datetime
    mrn_key: str | None
    person_key: str | None


def row_of(event: PatientRegistered) -> PatientRow:
    """Return what a registration says of the patient."""
    mrn: str | None = known(event.mrn, otherwise=None)
    name: PersonName | None = known(event.name, otherwise=None)
    birth_on: date | None = known(event.birth_on, otherwise=None)
    return PatientRow(
        patient_id=event.patient_id,
        mrn=mrn,
        name=name,
        birth_on=birth_on,
        sex=None if isinstance(event.sex, Erased) else event.sex,
        address=known(event.address, otherwise=None),
        identifiers=known(event.identifiers, otherwise=()),
        registered_at=event.registered_at,
        mrn_key=None if mrn is None else folded(mrn),
        person_key=None if name is None or birth_on is None else person_key(name, birth_on),
    )


def keys(event: PatientRegistered) -> tuple[str, ...]:
    """Return the patient whose row a fact touches."""
    return (event.patient_id,)


def apply(_: PatientRow | None, event: PatientRegistered) -> PatientRow:
    """Return the row of the patient after a fact."""
    return row_of(event)


PATIENTS: Final[Projection[PatientRow, PatientRegistered]] = Projection(
    name="patients",
    version=1,
    source="own",
    row=PatientRow,
    events=(PatientRegistered,),
    keys=keys,
    apply=apply,
    streams=one_stream("patient"),
    filters=("mrn_key", "person_key"),
)
