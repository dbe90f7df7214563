"""Whose number is it: one row per number that somebody else gave a patient; member ids, which families share, are none.

The number is a reserved name, so that it has one holder.
"""

from dataclasses import dataclass
from typing import Final

from services.registration.domain.identity import identifier_key
from services.registration.domain.patient import MEMBER_ID_SYSTEM
from shared.events.registration import PatientRegistered
from shared.kernel.erased import known
from shared.kernel.projection import Projection


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The patient who has a number. **Shape**: keyed by system and value."""

    patient_id: str


def keys(event: PatientRegistered) -> tuple[str, ...]:
    """Return the numbers whose rows a fact touches; none of an erased patient."""
    numbers = known(event.identifiers, otherwise=())
    return tuple(dict.fromkeys(identifier_key(each) for each in numbers if each.system != MEMBER_ID_SYSTEM))


def apply(_: Holder | None, event: PatientRegistered) -> Holder:
    """Return the holder of a number after a fact."""
    return Holder(patient_id=event.patient_id)


PATIENT_IDENTIFIERS: Final[Projection[Holder, PatientRegistered]] = Projection(
    name="patient_identifiers",
    version=1,
    source="own",
    row=Holder,
    events=(PatientRegistered,),
    keys=keys,
    apply=apply,
)
