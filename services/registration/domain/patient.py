"""A patient: one record for one person.

Owns: registration, and the names that keep a person from a second record. Refuses: likeness and merging, which a person
decides. Next: `identity.py` for what counts as the same, `coverage.py` for who insures the patient.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from msgspec import Meta, structs

from services.registration.domain.identity import folded, identifier_key, insured_person_key, same
from shared.events.envelope import Event
from shared.events.registration import PatientRegistered
from shared.kernel.dates import Instant, local_day
from shared.kernel.decider import Decider, Name
from shared.kernel.erased import PERSONAL, Erased
from shared.kernel.errors import Malformed, Rejected
from shared.kernel.identifiers import PatientId
from shared.kernel.person import Address, Identifier, PersonName, Sex
from shared.kernel.unions import members

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


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowMemberId:
    """Keep that a person has a number at a payer, because a card says so."""

    patient_id: str
    member_id: str
    now: datetime


Command: TypeAlias = RegisterPatient | KnowMemberId


class MemberIdKnown(Event, frozen=True, kw_only=True):
    """A card told a member id of a patient. **Moment**: in one unit with the coverage. **Key**: `patient_id`.

    **Versions**: 1 (2026-11). Private: it reserves the person with that number, as a registration with it would have,
    so that the person gets no second record. It repeats name and birth date, because a reservation follows from facts.
    """

    key: ClassVar[str] = "patient_id"
    patient_id: PatientId
    name: Annotated[
        PersonName | Erased, PERSONAL, Meta(description="Legal name.", examples=[{"family": "Sample", "given": "Ada"}])
    ]
    birth_on: Annotated[date | Erased, PERSONAL, Meta(description="Birth date.", examples=["1970-05-15"])]
    member_id: Annotated[str | Erased, PERSONAL, Meta(description="The number on the card.", examples=["PAID0001"])]
    known_at: Instant


PatientFact: TypeAlias = PatientRegistered | MemberIdKnown


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A person with a record; `None` in its place: nobody. **Shape**: `member_ids` of cards, in folded form."""

    registered: PatientRegistered
    member_ids: frozenset[str] = frozenset()


class BirthDateImpossible(Malformed):
    """Nobody was born in the future, and nobody alive before 1880."""

    slug = "birth-date-impossible"


class PatientDiffers(Rejected):
    """A person is registered once: other content is for a person to judge, and never dropped in silence."""

    slug = "patient-differs"


def decide(patient: Patient | None, command: Command) -> tuple[PatientFact, ...]:
    """Return the facts that a command adds, none for a repeat. Nobody searches for the person first: `names` decides.

    **Errors**: `BirthDateImpossible`, `PatientDiffers`.
    """
    match command:
        case RegisterPatient():
            return _register(patient, command)
        case KnowMemberId():
            return _know(patient, command)
        case _:
            assert_never(command)


def _register(patient: Patient | None, command: RegisterPatient) -> tuple[PatientRegistered, ...]:
    if patient is not None:
        if not _adds_nothing(patient, command):
            raise PatientDiffers("the patient is known with other content; nothing of it was changed")
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


def _adds_nothing(patient: Patient, command: RegisterPatient) -> bool:
    """Return whether all that is sent is known. MRN and numbers led to the person, and one of them may be new."""
    kept, name = patient.registered, command.name
    if name.middle is None and not isinstance(kept.name, Erased):
        name = structs.replace(name, middle=kept.name.middle)
    sent: tuple[tuple[object, object], ...] = (
        (name, kept.name),
        (command.birth_on, kept.birth_on),
        (None if command.sex == "unknown" else command.sex, kept.sex),
        (command.address, kept.address),
    )
    card_known = command.member_id is None or folded(command.member_id) in _member_ids(patient)
    return card_known and all(value is None or same(value, known) for value, known in sent)


def _member_ids(patient: Patient) -> frozenset[str]:
    if isinstance(patient.registered.identifiers, Erased):
        return patient.member_ids
    own = (each.value for each in patient.registered.identifiers if each.system == MEMBER_ID_SYSTEM)
    return patient.member_ids | {folded(each) for each in own}


def _know(patient: Patient | None, command: KnowMemberId) -> tuple[MemberIdKnown, ...]:
    if patient is None or folded(command.member_id) in _member_ids(patient):
        return ()
    who, birth_on = patient.registered.name, patient.registered.birth_on
    if isinstance(who, Erased) or isinstance(birth_on, Erased):
        return ()
    return (
        MemberIdKnown(
            patient_id=command.patient_id,
            name=who,
            birth_on=birth_on,
            member_id=command.member_id,
            known_at=command.now,
        ),
    )


def evolve(patient: Patient | None, event: PatientFact) -> Patient | None:
    """Return the state after a stored fact. A member id of nobody leaves nobody."""
    match event:
        case PatientRegistered():
            return Patient(registered=event)
        case MemberIdKnown():
            if patient is None or isinstance(event.member_id, Erased):
                return patient
            return replace(patient, member_ids=patient.member_ids | {folded(event.member_id)})
        case _:
            assert_never(event)


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per patient."""
    return f"patient-{command.patient_id}"


def names(event: PatientFact) -> tuple[Name, ...]:
    """Return what a fact reserves: the MRN, each number, and name + birth date + member id.

    **Shape**: nothing for an erased value; its reservation stands in the log beside the fact.
    """
    match event:
        case PatientRegistered():
            return _names_of_registered(event)
        case MemberIdKnown():
            return _person(
                event.name, event.birth_on, () if isinstance(event.member_id, Erased) else (event.member_id,)
            )
        case _:
            assert_never(event)


def _names_of_registered(event: PatientRegistered) -> tuple[Name, ...]:
    mrn = () if isinstance(event.mrn, Erased) else (Name("mrn", folded(event.mrn)),)
    if isinstance(event.identifiers, Erased):
        return mrn
    own = tuple(each for each in event.identifiers if each.system != MEMBER_ID_SYSTEM)
    cards = tuple(each.value for each in event.identifiers if each.system == MEMBER_ID_SYSTEM)
    numbers = (Name("patient_identifier", identifier_key(each)) for each in own)
    return (*mrn, *numbers, *_person(event.name, event.birth_on, cards))


def _person(name: PersonName | Erased, birth_on: date | Erased, cards: tuple[str, ...]) -> tuple[Name, ...]:
    if isinstance(name, Erased) or isinstance(birth_on, Erased):
        return ()
    return tuple(Name("patient", insured_person_key(name, birth_on, each)) for each in cards)


PATIENTS: Final[Decider[Patient | None, Command, PatientFact]] = Decider(
    commands=members(Command),
    events=members(PatientFact),
    stream=stream,
    initial=None,
    decide=decide,
    evolve=evolve,
    names=names,
)
