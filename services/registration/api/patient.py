"""HTTP of patients: register, find, show with coverages."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Final, Self, TypeAlias

from fastapi import Response
from pydantic import Field, StringConstraints, model_validator

from services.registration.api.body import (
    PRINTABLE,
    READ,
    ROUTER,
    ROWS_MAX,
    WRITE,
    Address,
    Body,
    Identifier,
    Name,
    Number,
    NumberOnClaims,
    address_value,
)
from services.registration.api.coverage import Coverage, known_patient
from services.registration.domain.coverage import FILING_ORDERS
from services.registration.domain.identity import folded, identifier_key, person_key
from services.registration.domain.patient import MEMBER_ID_SYSTEM, RegisterPatient
from services.registration.domain.patient import Patient as RegisteredPerson
from services.registration.projections.coverages import COVERAGES
from services.registration.projections.patient_identifiers import PATIENT_IDENTIFIERS
from services.registration.projections.patients import PATIENTS, PatientRow
from services.registration.projections.patients import row_of as patient_row
from shared.kernel import person
from shared.runtime.access import Access
from shared.runtime.bulk import Intake, Key, one_by_one
from shared.runtime.call import Call, CallAsOf, OneCall
from shared.runtime.days_and_instants import Day
from shared.runtime.unit import NameTaken

ACCESS: Final = {
    "POST /v1/patients": Access(scope=WRITE, does="RegisterPatient → PatientRegistered", validates=True),
    "POST /v1/patients/bulk": Access(
        scope=WRITE, does="RegisterPatient → PatientRegistered", bulk=True, validates=True
    ),
    "POST /v1/patient-searches": Access(scope=READ, reads="patients, patient_identifiers"),
    "POST /v1/patient-names": Access(scope=READ, reads="patients"),
    "GET /v1/patients/{patient_id}": Access(
        scope=READ, reads="patients, coverages", as_of=True, version_of="patient-{patient_id}"
    ),
}


NAMES_MAX: Final = 500
PatientId: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=PRINTABLE)]


class NewPatient(Body):
    """Whom to register. **Shape**: `source_identifier` is the record that the patient was imported from."""

    mrn: Number
    name: Name
    birth_on: Day = Field(description="Birth date.", examples=["1984-07-02"])
    sex: person.Sex = Field(default="unknown", description="Administrative sex.")
    address: Address | None = Field(default=None, description="Where the patient lives.")
    member_id: NumberOnClaims | None = None
    identifiers: Annotated[tuple[Identifier, ...], Field(max_length=20)] = ()
    source_identifier: Identifier | None = Field(
        default=None, description="The record that the patient was imported from."
    )

    @model_validator(mode="after")
    def _member_id_has_its_own_field(self) -> Self:
        if any(each.system == MEMBER_ID_SYSTEM for each in self.numbers()):
            raise ValueError("a member id goes into member_id")
        return self

    def numbers(self) -> tuple[person.Identifier, ...]:
        """Return the numbers that others gave, that of the source among them."""
        source = () if self.source_identifier is None else (self.source_identifier,)
        return tuple(each.number() for each in (*source, *self.identifiers))


class Patient(Body):
    """A patient as registered. **Shape**: none where a value was erased."""

    patient_id: str
    mrn: str | None
    name: Name | None = Field(description="What the patient is called.")
    birth_on: date | None = Field(description="Birth date.", examples=["1984-07-02"])
    sex: person.Sex | None = Field(description="Administrative sex.")
    address: Address | None = Field(description="Where the patient lives.")
    identifiers: tuple[Identifier, ...]

    @classmethod
    def of(cls, row: PatientRow) -> Self:
        """Return what is shown of a patient."""
        return cls.model_validate(row)


class InsuredPatient(Patient):
    """A patient with the coverages, in filing order, newest first within it."""

    coverages: tuple[Coverage, ...] = Field(description="In filing order, newest first within it.")


@ROUTER.post("/patients", status_code=201, responses={200: {"model": Patient}})
async def register(body: NewPatient, call: Call) -> Patient:
    """Register a patient; 200 with the patient who is there where MRN, number or member id lead to the same person.

    **Errors**: 409 `name-taken` where somebody with another name or birth date holds the MRN or a number,
    `patient-differs` where the person is known with another sex, address or middle name, or without that member id;
    412 `several-match` where MRN and numbers lead to several patients; 422 `birth-date-impossible`.
    """
    return await _register(body, call)


async def _register(body: NewPatient, call: OneCall) -> Patient:
    command = RegisterPatient(
        patient_id=call.new_id(),
        mrn=body.mrn,
        name=body.name.value(),
        birth_on=body.birth_on,
        sex=body.sex,
        address=address_value(body.address),
        member_id=body.member_id,
        identifiers=body.numbers(),
        now=call.now,
    )
    try:
        return await _registered(command, call)
    except NameTaken as taken:
        patient_id = taken.stream.removeprefix("patient-")
        row = await call.row(PATIENTS, patient_id)
        if row is None or row.person_key != person_key(command.name, command.birth_on):
            raise
        call.response.status_code = 200
        return await _registered(replace(command, patient_id=patient_id), call)


async def _registered(command: RegisterPatient, call: OneCall) -> Patient:
    person_known: RegisteredPerson = await call.handle(command)
    return Patient.of(patient_row(person_known.registered))


class PatientLine(NewPatient):
    """One line of many: whom to register, and what the sender calls the line."""

    key: Key


IN_BULK: Final = Intake(PatientLine, one_by_one(_register, lambda patient: patient.patient_id))


@ROUTER.post("/patients/bulk", **IN_BULK.described)
async def register_in_bulk(call: Call) -> Response:
    """Register many patients, one to a line; each is answered as a request of its own would be.

    **Errors**: 422 `not-ndjson`; those of a line in its result.
    """
    return await IN_BULK.taken(call)


class PatientSearch(Body):
    """How to find patients: by MRN, by a number, or by name and birth date; exactly, but for case, accents, spaces."""

    mrn: Number | None = None
    identifier: Identifier | None = Field(default=None, description="A number that somebody else gave.")
    name: Name | None = Field(default=None, description="What the patient is called; with `birth_on`.")
    birth_on: Day | None = Field(default=None, description="Birth date; with `name`.", examples=["1984-07-02"])

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_person = self.name is not None and self.birth_on is not None
        half = (self.name is None) != (self.birth_on is None)
        if half or [self.mrn is not None, self.identifier is not None, by_person].count(True) != 1:
            raise ValueError("search by mrn, by identifier, or by name and birth_on")
        return self


class Found(Body):
    """The patients that a search leads to."""

    patients: tuple[Patient, ...] = Field(description="None, one or several.")


@ROUTER.post("/patient-searches")
async def search(body: PatientSearch, call: Call) -> Found:
    """Return the patients that fit, none or one or several. What identifies people travels in the body."""
    return Found(patients=tuple(map(Patient.of, await _matching(body, call))))


async def _matching(body: PatientSearch, call: OneCall) -> tuple[PatientRow, ...]:
    if body.identifier is not None:
        holder = await call.row(PATIENT_IDENTIFIERS, identifier_key(body.identifier.number()))
        if holder is None:
            return ()
        row = await call.row(PATIENTS, holder.patient_id)
        return (row,) if row else ()
    if body.mrn is not None:
        return await call.rows(PATIENTS, where={"mrn_key": folded(body.mrn)}, rows_max=ROWS_MAX)
    if body.name is None or body.birth_on is None:
        return ()
    wanted = person_key(body.name.value(), body.birth_on)
    return await call.rows(PATIENTS, where={"person_key": wanted}, rows_max=ROWS_MAX)


class PatientsToName(Body):
    """Whose names somebody needs: those of the rows of a list."""

    patient_ids: Annotated[tuple[PatientId, ...], Field(min_length=1, max_length=NAMES_MAX)] = Field(
        description="In any order; one that is there twice counts once.",
        examples=[["0190f3c2-0000-7000-8000-000000000001"]],
    )


class NamedPatient(Body):
    """By what people know a patient. **Shape**: none where a value was erased."""

    patient_id: str
    mrn: str | None
    name: Name | None = Field(description="What the patient is called.")
    birth_on: date | None = Field(description="Birth date.", examples=["1984-07-02"])


class NamedPatients(Body):
    """The patients of that question who are known."""

    patients: tuple[NamedPatient, ...] = Field(description="Each once, in the order of the question.")


@ROUTER.post("/patient-names")
async def names(body: PatientsToName, call: Call) -> NamedPatients:
    """Return by what people know up to 500 patients; an id that is nobody's is left out."""
    found = await call.rows_by_key(PATIENTS, body.patient_ids)
    asked = dict.fromkeys(body.patient_ids)
    return NamedPatients(patients=tuple(NamedPatient.model_validate(found[each]) for each in asked if each in found))


@ROUTER.get("/patients/{patient_id}")
async def patient(patient_id: str, call: CallAsOf) -> InsuredPatient:
    """Return a patient and how the patient is insured. **Errors**: 404 `patient-not-found`."""
    row = await known_patient(patient_id, call)
    coverages = await call.rows(COVERAGES, where={"patient_id": patient_id}, rows_max=ROWS_MAX)
    newest_first = sorted(coverages, key=lambda each: each.effective_from_on, reverse=True)
    ordered = sorted(newest_first, key=lambda each: FILING_ORDERS.index(each.filing_order))
    return InsuredPatient(**dict(Patient.of(row)), coverages=tuple(map(Coverage.of, ordered)))
