"""The coding work for encounters over HTTP: the queue, and the sets of codes that coders sign."""

from datetime import date, datetime
from typing import Annotated, Final, Literal, Self

from fastapi import Query
from pydantic import Field

from services.coding.api.body import (
    READ,
    ROUTER,
    WRITE,
    Body,
    Code,
    Count,
    DiagnosisCode,
    Place,
    documented,
)
from services.coding.domain.coding_case import AssignCodes, LineWanted
from services.coding.domain.coding_case import CodingCase as CodedCase
from services.coding.domain.coding_rule import REASONS, Reason
from services.coding.domain.tables import diagnoses
from services.coding.projections.coding_cases import CODING_CASES, CodingCaseRow
from services.coding.projections.loaded_tables import LOADED_TABLES
from shared.events.coding import CodesAssigned
from shared.runtime.access import Access
from shared.runtime.call import Call
from shared.runtime.days_and_instants import Day
from shared.runtime.pages import Cursor, PageSize
from shared.runtime.tables import EVERYTHING, CodeTables

ACCESS: Final = {
    "POST /v1/encounters/{encounter_id}/code-assignments": Access(
        scope=WRITE,
        does="AssignCodes → CodesAssigned",
        version_of="coding_case-{encounter_id}",
        changes=True,
        keyed=True,
        validates=True,
    ),
    "GET /v1/coding-cases": Access(scope=READ, reads="coding_cases"),
}


class OrderedDiagnosis(Body):
    """One diagnosis; the first is why the patient came."""

    order: int
    code: str = Field(description="ICD-10-CM, without a dot.", examples=["E119"])


class Line(Body):
    """One billable line."""

    line_no: int
    procedure_code: str
    modifiers: tuple[str, ...]
    units: int
    pointers: tuple[int, ...] = Field(description="Diagnoses by order.", examples=[[1]])
    service_from_on: date
    service_to_on: date


class SetOfCodes(Body):
    """The latest codes of an encounter."""

    coding_version: int
    diagnoses: tuple[OrderedDiagnosis, ...]
    lines: tuple[Line, ...]
    editions: tuple[str, ...]
    attribution: Literal["coder", "documented-codes", "exact-title"]
    assigned_at: datetime

    @classmethod
    def of(cls, codes: CodesAssigned | CodingCaseRow | None) -> Self | None:
        """Return the codes, None where there are none yet."""
        return None if codes is None or codes.coding_version is None else cls.model_validate(codes)


class LineAssigned(Body):
    """One line as a coder writes it. **Shape**: `pointers` count diagnoses from 1; no day: the first of the visit."""

    procedure_code: Code
    modifiers: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    units: Count = 1
    pointers: Annotated[tuple[Place, ...], Field(max_length=20)] = Field(
        description="Diagnoses by place, from 1.", examples=[[1]]
    )
    service_from_on: Day | None = None
    service_to_on: Day | None = None

    def wanted(self) -> LineWanted:
        """Return the line as the command carries it."""
        return LineWanted(
            procedure_code=self.procedure_code,
            modifiers=self.modifiers,
            units=self.units,
            pointers=self.pointers,
            service_from_on=self.service_from_on,
            service_to_on=self.service_to_on,
        )


class Assignment(Body):
    """A complete set of codes. **Shape**: diagnoses in order, the reason of the visit first."""

    diagnoses: Annotated[tuple[DiagnosisCode, ...], Field(max_length=100)] = Field(
        description="ICD-10-CM, in order, the reason of the visit first.", examples=[["E11.9"]]
    )
    lines: Annotated[tuple[LineAssigned, ...], Field(max_length=500)]


@ROUTER.post("/encounters/{encounter_id}/code-assignments", status_code=201)
async def assign(encounter_id: str, body: Assignment, call: Call) -> SetOfCodes:
    """Sign a set of codes: each is a new coding version, and ends the waiting.

    **Errors**: 404 `encounter-not-found`; 409 `code-set-not-loaded`; 422 says which rule the assignment breaks:
    `no-diagnoses`, `too-many-diagnoses`, `diagnosis-twice`, `not-a-diagnosis-code`, `no-lines`, `too-many-lines`,
    `not-a-procedure-code`, `too-many-modifiers`, `not-a-modifier`, `pointers-wrong`, `service-date-outside-visit`.
    """
    visit = await documented(encounter_id, call)
    loaded = await call.row(LOADED_TABLES, EVERYTHING)
    table = diagnoses(call.resource(CodeTables).library(loaded), visit.service_from_on)
    command = AssignCodes(
        encounter_id=encounter_id,
        patient_id=visit.patient_id,
        service_from_on=visit.service_from_on,
        service_to_on=visit.service_to_on,
        diagnoses=body.diagnoses,
        lines=tuple(each.wanted() for each in body.lines),
        editions=() if table is None else (table.edition.name,),
        now=call.now,
    )
    case: CodedCase = await call.handle(command)
    return SetOfCodes.model_validate(case.latest)


class Case(Body):
    """The coding work for one encounter. **Shape**: `reason` is the first of `reasons`."""

    encounter_id: str
    patient_id: str
    status: Literal["open", "refused", "coded"]
    reason: str | None = Field(description="Why it waits, a slug.", examples=["no-exact-title"])
    reasons: tuple[str, ...]
    service_from_on: date | None
    opened_at: datetime | None
    coding_version: int | None
    attribution: Literal["coder", "documented-codes", "exact-title"] | None


class Cases(Body):
    """One page of cases. **Shape**: `next` is the cursor of the following page, none after the last."""

    items: tuple[Case, ...]
    next: str | None


@ROUTER.get("/coding-cases")
async def coding_cases(
    call: Call,
    status: Literal["open", "refused", "coded"] | None = None,
    reason: Annotated[Reason | None, Query(description=f"First reason of a case, one of {', '.join(REASONS)}.")] = None,
    cursor: Cursor = None,
    page_size: PageSize = 100,
) -> Cases:
    """Return coding cases: `status=open` is the coders' queue."""
    where = {"status": status, "reason": reason}
    page = await call.page(CODING_CASES, where=where, cursor=cursor, page_size=page_size)
    return Cases(items=tuple(map(Case.model_validate, page.items)), next=page.next)
