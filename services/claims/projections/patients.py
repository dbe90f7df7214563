"""Patients as registration told of them: what a claim says about a person.

Foreign facts, so a missing row may only be late. Personal values stay erased where they were erased.
"""

from typing import Final

from services.claims.domain.parties import Patient
from shared.events.registration import PatientRegistered
from shared.kernel.projection import Projection


def keys(event: PatientRegistered) -> tuple[str, ...]:
    """Return the patient."""
    return (event.patient_id,)


def apply(_: Patient | None, event: PatientRegistered) -> Patient:
    """Return the patient after a fact."""
    return Patient(
        patient_id=event.patient_id, name=event.name, birth_on=event.birth_on, sex=event.sex, address=event.address
    )


PATIENTS: Final[Projection[Patient, PatientRegistered]] = Projection(
    name="patients", version=1, source="foreign", row=Patient, events=(PatientRegistered,), keys=keys, apply=apply
)
