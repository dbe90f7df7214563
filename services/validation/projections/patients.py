"""Birth date, sex and whether there is an address; from `PatientRegistered`. Nothing else of a person is kept."""

from typing import Final

from services.validation.domain.facts import Patient
from shared.events.registration import PatientRegistered
from shared.kernel.erased import Erased, known
from shared.kernel.projection import Projection


def keys(event: PatientRegistered) -> tuple[str, ...]:
    """Return the patient."""
    return (event.patient_id,)


def apply(_: Patient | None, event: PatientRegistered) -> Patient:
    """Return what edits ask; nothing of it where the patient's key was destroyed."""
    return Patient(
        patient_id=event.patient_id,
        birth_on=known(event.birth_on, otherwise=None),
        sex=known(event.sex, otherwise=None),
        has_address=None if isinstance(event.address, Erased) else event.address is not None,
    )


PATIENTS: Final[Projection[Patient, PatientRegistered]] = Projection(
    name="patients", version=2, source="foreign", row=Patient, events=(PatientRegistered,), keys=keys, apply=apply
)
