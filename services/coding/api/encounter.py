"""Visits over HTTP: a visit can always be documented; what its documentation is worth is seen in its state."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Final, Literal, Self, TypeAlias

from fastapi import Query, Response
from pydantic import Field, StringConstraints

from services.coding.api.body import READ, ROUTER, WRITE, Body, Code, Count, Id, Moment, Place, Text, Words, documented
from services.coding.api.coding_case import SetOfCodes
from services.coding.domain.encounter import DocumentEncounter
from services.coding.domain.encounter import Encounter as DocumentedVisit
from services.coding.projections.check_ins import CHECK_INS, CheckInRow
from services.coding.projections.coding_cases import CODING_CASES, CodingCaseRow
from services.coding.projections.encounters import ENCOUNTERS, EncounterRow, row_of
from services.coding.settings import Settings
from shared.codesets.icd10cm import stored_form
from shared.events.coding import DocumentedCode, DocumentedCondition, DocumentedProcedure
from shared.kernel import person
from shared.kernel.errors import KnownError, Malformed
from shared.runtime.access import Access
from shared.runtime.bulk import Answer, Intake, Key, Taken
from shared.runtime.call import Call, CallAsOf, OneCall
from shared.runtime.days_and_instants import Day
from shared.runtime.files import File
from shared.runtime.pages import CURSOR_EXAMPLE, Cursor, PageSize
from shared.runtime.unit import NameTaken, Outcome, Unit

_CODING: Final = "coding_case-{encounter_id}"
"""What changes about an encounter is its coding: that is the version that an answer tells."""
ACCESS: Final = {
    "POST /v1/encounters": Access(
        scope=WRITE, does="DocumentEncounter → EncounterDocumented", reads="check_ins", validates=True
    ),
    "POST /v1/encounters/bulk": Access(
        scope=WRITE, does="DocumentEncounter → EncounterDocumented", reads="check_ins", bulk=True, validates=True
    ),
    "GET /v1/encounters": Access(scope=READ, reads="encounters, coding_cases"),
    "GET /v1/encounters/{encounter_id}": Access(
        scope=READ, reads="encounters, coding_cases", as_of=True, version_of=_CODING
    ),
    "GET /v1/encounters/{encounter_id}/note": Access(scope=READ, reads="encounters", as_of=True, version_of=_CODING),
}
NOTE_CHARACTERS_MAX: Final = 1_000_000
_BILLED_SYSTEMS: Final = frozenset({"icd10cm", "cpt", "hcpcs"})


class DocumentedAs(Body):
    """A code in the documentation. **Shape**: `system` is icd10cm, cpt, hcpcs, snomed, or a URI as sent."""

    system: Text = Field(description="Which code system.", examples=["icd10cm"])
    code: Text = Field(description="The code, as documented.", examples=["E11.9"])

    def value(self) -> DocumentedCode:
        """Return the code as facts carry it: those that we bill in their stored form, all others as sent."""
        code = stored_form(self.code) if self.system in _BILLED_SYSTEMS else self.code
        return DocumentedCode(system=self.system, code=code)


_STATES: Final = {"open": "waiting-for-coder", "refused": "refused", "coded": "coded"}
State: TypeAlias = Annotated[
    Literal["documented", "waiting-for-coder", "refused", "coded"], Field(description="What became of it.")
]
PatientId: TypeAlias = Annotated[
    str, Query(max_length=80, description="Whose visits.", examples=["0190f3c2-0000-7000-8000-000000000001"])
]
Codes: TypeAlias = Annotated[tuple[DocumentedAs, ...], Field(max_length=20)]


class Condition(Body):
    """A condition of the visit: its codes, its words, or both."""

    codes: Codes = ()
    text: Words = Field(default="", description="Its words.", examples=["type 2 diabetes"])


class Procedure(Body):
    """A service that was rendered. **Shape**: `pointers` count conditions from 1; no day: the first of the visit."""

    codes: Codes = ()
    text: Words = Field(default="", description="Its words.", examples=["office visit"])
    modifiers: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    units: Count = 1
    pointers: Annotated[tuple[Place, ...], Field(max_length=20)] = Field(
        default=(), description="Conditions by place, from 1.", examples=[[1]]
    )
    service_on: Day | None = None

    def value(self) -> DocumentedProcedure:
        """Return the procedure as facts carry it."""
        return DocumentedProcedure(
            codes=tuple(each.value() for each in self.codes),
            modifiers=self.modifiers,
            units=self.units,
            pointers=self.pointers,
            service_on=self.service_on,
        )


class Source(Body):
    """The record of another system that an encounter comes from."""

    system: Text = Field(description="Who numbers.", examples=["urn:example:ehr"])
    value: Text


class NewEncounter(Body):
    """A visit's signed documentation.

    **Shape**: `encounter_id` from the check-in, `source_identifier` of an import; `coverage_ids` in filing order, empty
    where the patient pays, left out where the check-in has them.
    """

    encounter_id: Id | None = None
    source_identifier: Source | None = Field(
        default=None, description="The record that the encounter was imported from."
    )
    patient_id: Id
    appointment_id: Id | None = None
    service_from_on: Day
    service_to_on: Day | None = None
    place_of_service: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")] | None = None
    rendering_provider_id: Id | None = None
    billing_provider_id: Id | None = None
    coverage_ids: Annotated[tuple[Id, ...], Field(max_length=10)] | None = None
    conditions: Annotated[tuple[Condition, ...], Field(max_length=100)] = ()
    procedures: Annotated[tuple[Procedure, ...], Field(max_length=300)] = ()
    note: (
        Annotated[str, StringConstraints(min_length=1, max_length=NOTE_CHARACTERS_MAX, pattern=r"^[^\x00]*$")] | None
    ) = None
    signed_at: Moment | None = None


class Encounter(Body):
    """An encounter and what became of it. **Shape**: `reasons` say why it waits, or had waited, for a coder."""

    encounter_id: str
    patient_id: str
    appointment_id: str | None
    service_from_on: date
    service_to_on: date
    place_of_service: str | None
    rendering_provider_id: str | None
    billing_provider_id: str | None
    coverage_ids: tuple[str, ...]
    conditions: tuple[Condition, ...]
    procedures: tuple[Procedure, ...]
    has_note: bool = Field(description="Whether somebody wrote a note.")
    state: State
    reasons: tuple[str, ...]
    codes: SetOfCodes | None = Field(description="Its latest codes; null: none yet.")

    @classmethod
    def of(cls, row: EncounterRow, case: CodingCaseRow | None) -> Self:
        """Return what is shown of an encounter."""
        shown = {
            "encounter_id": row.encounter_id,
            "patient_id": row.patient_id,
            "appointment_id": row.appointment_id,
            "service_from_on": row.service_from_on,
            "service_to_on": row.service_to_on,
            "place_of_service": row.place_of_service,
            "rendering_provider_id": row.rendering_provider_id,
            "billing_provider_id": row.billing_provider_id,
            "coverage_ids": row.coverage_ids,
            "conditions": _conditions(row),
            "procedures": _procedures(row),
            "has_note": row.note is not None or row.note_sha256 is not None,
            "state": _state(case),
            "reasons": case.reasons if case else (),
            "codes": SetOfCodes.of(case),
        }
        return cls.model_validate(shown)  # one pass, 13 µs; a model for each condition, procedure and code makes it 20


def _state(case: CodingCaseRow | None) -> str:
    return _STATES[case.status] if case else "documented"


def _conditions(row: EncounterRow) -> list[dict[str, object]]:
    texts = row.condition_texts or ("",) * len(row.conditions)
    return [{"codes": each.codes, "text": text} for each, text in zip(row.conditions, texts, strict=False)]


def _procedures(row: EncounterRow) -> list[dict[str, object]]:
    texts = row.procedure_texts or ("",) * len(row.procedures)
    return [
        {
            "codes": each.codes,
            "text": text,
            "modifiers": each.modifiers,
            "units": each.units,
            "pointers": each.pointers,
            "service_on": each.service_on,
        }
        for each, text in zip(row.procedures, texts, strict=False)
    ]


@ROUTER.post("/encounters", status_code=201, responses={200: {"model": Encounter}})
async def document(body: NewEncounter, call: Call) -> Encounter:
    """Take a visit's documentation; 200 with the encounter that is there where it was taken before.

    **Errors**: 400 `idempotency-key-missing` where neither id, source nor key names the visit; 409
    `encounter-already-documented` for other content under the same id; 422 `service-dates-impossible`,
    `coverage-ids-missing` where neither the request nor a check-in says how the patient is insured.
    """
    if body.encounter_id is None and body.source_identifier is None:
        call.ask_for_key("encounter_id or source_identifier")
    encounter_id = body.encounter_id or call.new_id()
    check_ins = await call.rows_by_key(CHECK_INS, {encounter_id} if _asks_check_in(body) else ())
    command, files = _documentation(body, encounter_id, check_ins.get(encounter_id), call)
    before = await _before(body, call)
    if before:
        call.response.status_code = 200
    try:
        visit: DocumentedVisit = await call.handle(command, files=files)
    except NameTaken as taken:
        row = await call.row(ENCOUNTERS, _named(taken))
        if row is None or row.patient_id != body.patient_id:
            raise
        call.response.status_code = 200
        return await _known(row, call)
    if before:
        return await _known(before, call)
    call.tell_version(0)  # nobody coded it yet
    return Encounter.of(row_of(visit.documented), None)


class CoverageIdsMissing(Malformed):
    """Who pays for a visit is said, or known from the check-in, and never guessed."""

    slug = "coverage-ids-missing"


def _asks_check_in(body: NewEncounter) -> bool:
    return body.coverage_ids is None and body.encounter_id is not None


def _coverage_ids(body: NewEncounter, check_in: CheckInRow | None) -> tuple[str, ...]:
    if body.coverage_ids is not None:
        return body.coverage_ids
    if check_in is not None and check_in.patient_id == body.patient_id:
        return check_in.coverage_ids
    raise CoverageIdsMissing("send coverage_ids in filing order, empty where the patient pays; no check-in has them")


def _named(taken: NameTaken) -> str:
    """Return the encounter that has the record already."""
    return taken.stream.removeprefix("encounter-")


async def _before(body: NewEncounter, call: OneCall) -> EncounterRow | None:
    if body.encounter_id is None:
        return None
    row = await call.row(ENCOUNTERS, body.encounter_id)
    return row  # noqa: RET504 (mypy infers the row's type only without the context of the return)


async def _known(row: EncounterRow, call: OneCall) -> Encounter:
    await call.tell_version_of(_CODING.format(encounter_id=row.encounter_id))
    case = await call.row(CODING_CASES, row.encounter_id)
    return Encounter.of(row, case)


def _documentation(
    body: NewEncounter, encounter_id: str, check_in: CheckInRow | None, call: OneCall
) -> tuple[DocumentEncounter, tuple[File, ...]]:
    """Return the command, and the note as a file where it is too long for a fact. **Errors**: `CoverageIdsMissing`."""
    note = body.note
    file: File | None = None
    if note is not None and len(note) > call.resource(Settings).note_characters_max:
        file, note = File(kind="note", content=note.encode()), None
    source = body.source_identifier
    command = DocumentEncounter(
        encounter_id=encounter_id,
        patient_id=body.patient_id,
        appointment_id=body.appointment_id,
        service_from_on=body.service_from_on,
        service_to_on=body.service_to_on or body.service_from_on,
        place_of_service=body.place_of_service,
        rendering_provider_id=body.rendering_provider_id,
        billing_provider_id=body.billing_provider_id,
        coverage_ids=_coverage_ids(body, check_in),
        conditions=tuple(DocumentedCondition(codes=tuple(c.value() for c in each.codes)) for each in body.conditions),
        condition_texts=tuple(each.text for each in body.conditions),
        procedures=tuple(each.value() for each in body.procedures),
        procedure_texts=tuple(each.text for each in body.procedures),
        note=note,
        note_sha256=file.sha256 if file else None,
        source=person.Identifier(system=source.system, value=source.value) if source else None,
        signed_at=body.signed_at or call.now,
        now=call.now,
    )
    return command, (file,) if file else ()


class EncounterLine(NewEncounter):
    """One line of many: a visit's signed documentation, and what its sender calls the line."""

    key: Key


async def _document_each(lines: Sequence[EncounterLine], call: OneCall) -> Sequence[Answer]:
    """Take the documentation of many visits, each for itself, as `document` does of one."""
    check_ins = await call.rows_by_key(CHECK_INS, {each.encounter_id or "" for each in lines if _asks_check_in(each)})
    planned: list[Unit | KnownError] = []
    for each in lines:
        try:
            encounter_id = each.encounter_id or call.id_under(each.key)
            command, files = _documentation(each, encounter_id, check_ins.get(encounter_id), call)
            planned.append(call.unit(command, files=files))
        except KnownError as error:
            planned.append(error)
    outcomes = await call.engine.handle_each([each for each in planned if isinstance(each, Unit)])
    taken = {_named(each) for each in outcomes if isinstance(each, NameTaken)}
    rows = await call.rows_by_key(ENCOUNTERS, taken)
    found = iter(outcomes)
    results = [next(found) if isinstance(each, Unit) else each for each in planned]
    return [_answer(line, result, rows) for line, result in zip(lines, results, strict=True)]


def _answer(line: EncounterLine, result: Outcome | Exception, rows: Mapping[str, EncounterRow]) -> Answer:
    match result:
        case Outcome():
            return Taken(result.stream.removeprefix("encounter-"), created=result.added > 0)
        case NameTaken() if (row := rows.get(_named(result))) and row.patient_id == line.patient_id:
            return Taken(row.encounter_id, created=False)
        case _:
            return result


IN_BULK: Final = Intake(EncounterLine, _document_each)


@ROUTER.post("/encounters/bulk", **IN_BULK.described)
async def document_in_bulk(call: Call) -> Response:
    """Take the documentation of many visits, one to a line; each is answered as a request of its own would be.

    **Errors**: 422 `not-ndjson`; those of a line in its result.
    """
    return await IN_BULK.taken(call)


class Visit(Body):
    """A visit of a list: when it was, and how far its coding is."""

    encounter_id: Id
    service_from_on: date = Field(description="First day of service.", examples=["2026-03-02"])
    service_to_on: date = Field(description="Last day of service.", examples=["2026-03-02"])
    state: State


class Visits(Body):
    """One page of a patient's visits."""

    items: tuple[Visit, ...] = Field(description="By id.")
    next: str | None = Field(description="Cursor of the following page, null at the end.", examples=[CURSOR_EXAMPLE])


@ROUTER.get("/encounters")
async def encounters(call: Call, patient_id: PatientId, cursor: Cursor = None, page_size: PageSize = 100) -> Visits:
    """Return the documented visits of a patient."""
    page = await call.page(ENCOUNTERS, where={"patient_id": patient_id}, cursor=cursor, page_size=page_size)
    cases = await call.rows_by_key(CODING_CASES, [row.encounter_id for row in page.items])
    visits = (
        {
            "encounter_id": row.encounter_id,
            "service_from_on": row.service_from_on,
            "service_to_on": row.service_to_on,
            "state": _state(cases.get(row.encounter_id)),
        }
        for row in page.items
    )
    return Visits.model_validate({"items": tuple(visits), "next": page.next})


@ROUTER.get("/encounters/{encounter_id}")
async def encounter(encounter_id: str, call: CallAsOf) -> Encounter:
    """Return an encounter: its documentation, its codes, why it waits. **Errors**: 404 `encounter-not-found`."""
    row = await documented(encounter_id, call)
    case = await call.row(CODING_CASES, encounter_id)
    return Encounter.of(row, case)


class Note(Body):
    """The words of a visit."""

    note: str | None


@ROUTER.get("/encounters/{encounter_id}/note")
async def note(encounter_id: str, call: CallAsOf) -> Note:
    """Return the note of an encounter, none where nobody wrote one. **Errors**: 404 `encounter-not-found`."""
    row = await documented(encounter_id, call)
    if row.note_sha256 is None:
        return Note(note=row.note)
    return Note(note=(await call.file(row.note_sha256)).decode())
