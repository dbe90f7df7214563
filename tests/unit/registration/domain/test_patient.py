"""The rules of `services/registration/domain/patient.py` as examples; all people are synthetic."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from msgspec import structs

from services.registration.domain.patient import (
    MEMBER_ID_SYSTEM,
    PATIENTS,
    BirthDateImpossible,
    KnowMemberId,
    MemberIdKnown,
    PatientDiffers,
    RegisterPatient,
    names,
)
from shared.events.registration import PatientRegistered
from shared.kernel.decider import Name
from shared.kernel.erased import ERASED
from shared.kernel.person import Identifier, PersonName

NOW = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
EHR = Identifier(system="urn:example:ehr", value="P-1")
MEMBER = Identifier(system=MEMBER_ID_SYSTEM, value="PAID0001")
REGISTER = RegisterPatient(
    patient_id="p-1",
    mrn="MRN-1001",
    name=PersonName(family="Sample", given="Ada"),
    birth_on=date(1970, 5, 15),
    sex="female",
    address=None,
    member_id="PAID0001",
    identifiers=(EHR,),
    now=NOW,
)
REGISTERED = PatientRegistered(
    patient_id="p-1",
    mrn="MRN-1001",
    name=REGISTER.name,
    birth_on=REGISTER.birth_on,
    sex="female",
    address=None,
    identifiers=(EHR, MEMBER),
    duplicate_check="none-found",
    registered_at=NOW,
)


def test_registers_a_person_once() -> None:
    assert PATIENTS.outcome(given=(), when=REGISTER) == (REGISTERED,)
    assert PATIENTS.outcome(given=[REGISTERED], when=REGISTER) == ()


def test_says_that_a_duplicate_check_without_member_id_has_not_enough_data() -> None:
    (event,) = PATIENTS.outcome(given=(), when=replace(REGISTER, member_id=None))

    assert event == structs.replace(REGISTERED, identifiers=(EHR,), duplicate_check="not-enough-data")
    assert [name.kind for name in names(event)] == ["mrn", "patient_identifier"]


def test_keeps_a_number_that_was_sent_twice_once() -> None:
    (event,) = PATIENTS.outcome(given=(), when=replace(REGISTER, identifiers=(EHR, EHR)))

    assert isinstance(event, PatientRegistered)
    assert event.identifiers == (EHR, MEMBER)


@pytest.mark.parametrize("birth_on", [date(2026, 3, 4), date(1970, 1, 1), date(1880, 1, 1)])
def test_takes_a_birth_date_that_has_come_somewhere_on_earth(birth_on: date) -> None:
    (event,) = PATIENTS.outcome(given=(), when=replace(REGISTER, birth_on=birth_on))

    assert event.birth_on == birth_on


@pytest.mark.parametrize("birth_on", [date(2026, 3, 5), date(1879, 12, 31), date(70, 5, 15)])
def test_refuses_a_birth_date_that_nobody_can_have(birth_on: date) -> None:
    with pytest.raises(BirthDateImpossible):
        PATIENTS.outcome(given=(), when=replace(REGISTER, birth_on=birth_on))


@pytest.mark.parametrize(
    ("family", "given", "member_id"),
    [("SAMPLE", "ada", "paid0001"), (" Sam  ple", "A da", "PAID 0001"), ("Sámple", "Àda", "PAID0001")],
    ids=["case", "spaces", "accents"],
)
def test_reserves_the_same_name_for_another_spelling_of_a_person(family: str, given: str, member_id: str) -> None:
    other = replace(REGISTER, name=PersonName(family=family, given=given, middle="Q"), member_id=member_id)
    (event,) = PATIENTS.outcome(given=(), when=other)

    assert names(event)[-1] == names(REGISTERED)[-1]
    assert names(event)[-1].kind == "patient"


@pytest.mark.parametrize(
    "other",
    [
        replace(REGISTER, name=PersonName(family="Sampl", given="eAda")),
        replace(REGISTER, birth_on=date(1970, 5, 16)),
        replace(REGISTER, member_id="PAID0002"),
    ],
    ids=["border between names", "birth date", "member id"],
)
def test_reserves_another_name_for_another_person(other: RegisterPatient) -> None:
    (event,) = PATIENTS.outcome(given=(), when=other)

    assert names(event)[-1] != names(REGISTERED)[-1]


KNOW = KnowMemberId(patient_id="p-1", member_id="PAID0002", now=NOW)


def test_reserves_the_person_with_the_member_id_of_a_card() -> None:
    (known,) = PATIENTS.outcome(given=[REGISTERED], when=KNOW)
    (registered,) = PATIENTS.outcome(given=(), when=replace(REGISTER, member_id="paid 0002"))

    assert names(known) == names(registered)[-1:]
    assert PATIENTS.outcome(given=[REGISTERED, known], when=replace(KNOW, member_id="paid0002")) == ()


def test_knows_a_member_id_from_the_registration() -> None:
    assert PATIENTS.outcome(given=[REGISTERED], when=replace(KNOW, member_id="paid 0001")) == ()


def test_knows_no_member_id_of_nobody_and_of_nobody_any_more() -> None:
    erased = structs.replace(REGISTERED, name=ERASED, birth_on=ERASED, identifiers=ERASED)
    (known,) = PATIENTS.outcome(given=[REGISTERED], when=KNOW)
    assert isinstance(known, MemberIdKnown)

    assert PATIENTS.outcome(given=(), when=KNOW) == ()
    assert PATIENTS.outcome(given=[erased], when=KNOW) == ()
    assert names(structs.replace(known, name=ERASED, birth_on=ERASED, member_id=ERASED)) == ()


@pytest.mark.parametrize(
    "again",
    [
        replace(REGISTER, mrn="MRN-9", identifiers=()),
        replace(REGISTER, name=PersonName(family="SÁMPLE", given=" ada"), sex="unknown", member_id=None),
    ],
    ids=["another number leads to the person", "says less, and that in another spelling"],
)
def test_takes_a_repeat_that_says_nothing_else(again: RegisterPatient) -> None:
    assert PATIENTS.outcome(given=[REGISTERED], when=again) == ()


def test_refuses_a_repeat_that_says_something_else() -> None:
    with pytest.raises(PatientDiffers):
        PATIENTS.outcome(given=[REGISTERED], when=replace(REGISTER, sex="male"))


def test_reserves_mrn_and_numbers_and_never_a_member_id_alone() -> None:
    assert names(REGISTERED)[:2] == (
        Name("mrn", "mrn-1001"),
        Name("patient_identifier", "urn:example:ehr\x1fP-1"),
    )
    assert len(names(REGISTERED)) == 3


def test_reserves_nothing_for_an_erased_patient() -> None:
    erased = structs.replace(REGISTERED, mrn=ERASED, name=ERASED, birth_on=ERASED, identifiers=ERASED)

    assert names(erased) == ()


def test_reserves_no_person_whose_name_alone_was_erased() -> None:
    assert [name.kind for name in names(structs.replace(REGISTERED, name=ERASED))] == ["mrn", "patient_identifier"]
