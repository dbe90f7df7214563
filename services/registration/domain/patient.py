"""A patient: one record for one person.

Owns: registration, and the names that keep a person from a second record. Refuses: likeness and merging, which a person
decides. Next: `identity.py` for what counts as the same, `coverage.py` for who insures the patient.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.registration.domain.identity import folded, identifier_key, insured_person_key
from shared.events.registration import PatientRegistered
from shared.kernel.dates import local_day
from shared.kernel.decider import Decider, Name
from shared.kernel.erased import Erased
from shared.kernel.errors import Malformed
from shared.kernel.person import Address, Identifier, PersonName, Sex

MEMBER_ID_SYSTEM: Final = "urn:claimlog:member-id"
"""Numbers of this system are shared by a family, so that alone they reserve nothing."""
FIRST_ZONE: Final = "Pacific/Kiritimati"  # the first place on earth to begin a day: later than its day is nowhere yet
BORN_FROM_ON: Final = date(1880, 1, 1)  # nobody alive is older; a year of 2 digits lands before it


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPatient:
    """Give a person a record. **Shape**: `member_id` as on the insurance card, where there is one."""

    patient_id: str
    mrn: str
    name: PersonName
    birth_on: date
    sex: Sex
    address: Address | None
    member_id: str | None
    identifiers: tuple[Identifier, ...]
    now: datetime


class BirthDateImpossible(Malformed):
    """Nobody was born in the future, and nobody alive before 1880."""

    slug = "birth-date-impossible"


def decide(patient: PatientRegistered | None, command: RegisterPatient) -> tuple[PatientRegistered, ...]:
    """Return the registration, none for a repeat. Nobody searches for the person first: `names` decides.

    **Errors**: `BirthDateImpossible`.
    """
    if patient is not None:
        return ()
    if not BORN_FROM_ON <= command.birth_on <= local_day(command.now, FIRST_ZONE):
        raise BirthDateImpossible("the birth date lies in the future or before 1880")
    numbers = command.identifiers
    if command.member_id is not None:
        numbers = (*numbers, Identifier(system=MEMBER_ID_SYSTEM, value=command.member_id))
    return (
        PatientRegistered(
            patient_id=command.patient_id,
            mrn=command.mrn,
            name=command.name,
            birth_on=command.birth_on,
            sex=command.sex,
            address=command.address,
            identifiers=tuple(dict.fromkeys(numbers)),
            duplicate_check="not-enough-data" if command.member_id is None else "none-found",
            registered_at=command.now,
        ),
    )


def evolve(_: PatientRegistered | None, event: PatientRegistered) -> PatientRegistered:
    """Return the state after a stored fact: what is known of the patient is what was registered."""
    return event


def stream(command: RegisterPatient) -> str:
    """Return the history that a command is decided on: one per patient."""
    return f"patient-{command.patient_id}"


def names(event: PatientRegistered) -> tuple[Name, ...]:
    """Return what a fact reserves: the MRN, each number, and name + birth date + member id.

    **Shape**: nothing for an erased value; its reservation stands in the log beside the fact.
    """
    mrn = () if isinstance(event.mrn, Erased) else (Name("mrn", folded(event.mrn)),)
    if isinstance(event.identifiers, Erased):
        return mrn
    own = tuple(each for each in event.identifiers if each.system != MEMBER_ID_SYSTEM)
    members = tuple(each for each in event.identifiers if each.system == MEMBER_ID_SYSTEM)
    person: tuple[Name, ...] = ()
    if not isinstance(event.name, Erased) and not isinstance(event.birth_on, Erased):
        who, birth_on = event.name, event.birth_on
        person = tuple(Name("patient", insured_person_key(who, birth_on, each.value)) for each in members)
    return (*mrn, *(Name("patient_identifier", identifier_key(each)) for each in own), *person)


PATIENTS: Final[Decider[PatientRegistered | None, RegisterPatient, PatientRegistered]] = Decider(
    commands=(RegisterPatient,),
    events=(PatientRegistered,),
    stream=stream,
    initial=None,
    decide=decide,
    evolve=evolve,
    names=names,
)
