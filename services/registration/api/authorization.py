"""HTTP of authorizations: note that a payer wants to be asked, that it was, and what it answered."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Self, TypeAlias

from fastapi import Depends, Query
from pydantic import Field, StringConstraints

from services.registration.api.body import READ, ROUTER, WRITE, Body, Listed, Number, ReferenceOnClaims
from services.registration.api.coverage import known_patient
from services.registration.domain.authorization import (
    ApproveAuthorization,
    AuthorizationNotFound,
    CancelAuthorization,
    Command,
    DenyAuthorization,
    FindRequired,
    PendAuthorization,
    RequestAuthorization,
    Status,
)
from services.registration.projections.authorizations import AUTHORIZATIONS, AuthorizationRow
from services.registration.projections.coverages import COVERAGES
from services.registration.settings import Settings
from shared.events.registration import (
    AuthorizationChannel,
    AuthorizationSource,
    CancelReason,
    DenialReason,
    PendReason,
)
from shared.kernel.dates import local_day
from shared.kernel.errors import NotFound
from shared.runtime.access import Access
from shared.runtime.call import Call, CallAsOf, OneCall
from shared.runtime.days_and_instants import Day
from shared.runtime.pages import Cursor, PageSize
from shared.runtime.store import AtMost

_STREAM: Final = "authorization-{authorization_id}"
ACCESS: Final = {
    "POST /v1/authorizations": Access(scope=WRITE, does="FindRequired → AuthorizationFoundRequired", keyed=True),
    "GET /v1/authorizations": Access(scope=READ, reads="authorizations"),
    "GET /v1/authorizations/{authorization_id}": Access(
        scope=READ, reads="authorizations", as_of=True, version_of=_STREAM
    ),
    "POST /v1/authorizations/{authorization_id}/requests": Access(
        scope=WRITE, does="RequestAuthorization → AuthorizationRequested", version_of=_STREAM, changes=True
    ),
    "POST /v1/authorizations/{authorization_id}/approvals": Access(
        scope=WRITE, does="ApproveAuthorization → AuthorizationApproved", version_of=_STREAM, changes=True
    ),
    "POST /v1/authorizations/{authorization_id}/deferrals": Access(
        scope=WRITE, does="PendAuthorization → AuthorizationPended", version_of=_STREAM, changes=True
    ),
    "POST /v1/authorizations/{authorization_id}/denials": Access(
        scope=WRITE, does="DenyAuthorization → AuthorizationDenied", version_of=_STREAM, changes=True
    ),
    "POST /v1/authorizations/{authorization_id}/cancellations": Access(
        scope=WRITE, does="CancelAuthorization → AuthorizationCancelled", version_of=_STREAM, changes=True
    ),
}
ProcedureCodes: TypeAlias = Annotated[
    tuple[
        Annotated[str, StringConstraints(to_upper=True, max_length=5, pattern=r"^[0-9A-Za-z]{5}$")],
        ...,
    ],
    Field(min_length=1, max_length=50),
]
AuthorizationStatus: TypeAlias = Annotated[Status | None, Query(description="How far they are.")]
DueWithinDays: TypeAlias = Annotated[
    int | None,
    Query(
        ge=0, le=366, description="Only those on which no payer decided, whose services begin by then.", examples=[14]
    ),
]
Where: TypeAlias = Mapping[str, object]
Units: TypeAlias = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]


class NewAuthorization(Body):
    """For which services a payer wants to be asked, and who says so. **Shape**: both days belong to the range."""

    patient_id: Number
    coverage_id: Number
    procedure_codes: ProcedureCodes = Field(
        description="For which services: CPT or HCPCS Level II.", examples=[["97110"]]
    )
    service_from_on: Day
    service_to_on: Day
    source: AuthorizationSource


class SentRequest(Body):
    """How a payer was asked. **Shape**: services and days only where they are others than those that are known."""

    channel: AuthorizationChannel
    procedure_codes: ProcedureCodes | None = Field(
        default=None, description="For which services, where others than those noted.", examples=[["97110"]]
    )
    service_from_on: Day | None = None
    service_to_on: Day | None = None


class Approval(Body):
    """A payer's consent. **Shape**: without procedures those that were asked for; without units no limit was said.

    **Units**: of all procedures together. Both valid days belong to the range.
    """

    number: ReferenceOnClaims
    procedure_codes: ProcedureCodes | None = Field(
        default=None, description="For which services, where others than those asked for.", examples=[["97110"]]
    )
    units_approved: Units | None = None
    valid_from_on: Day
    valid_to_on: Day


class Deferral(Body):
    """A payer has not decided."""

    reason: PendReason


class Denial(Body):
    """A payer refuses, also what it had consented to."""

    reason: DenialReason


class Cancellation(Body):
    """Why nobody counts on an authorization any more."""

    reason: CancelReason


class Authorization(Body):
    """An authorization as it stands. **Shape**: `has_expired`: its last valid day is over, by the practice's calendar.

    `number` is none where it was erased, or no consent came.
    """

    authorization_id: str
    patient_id: str
    coverage_id: str
    procedure_codes: tuple[str, ...] = Field(description="For which services.", examples=[["97110"]])
    service_from_on: date
    service_to_on: date
    source: AuthorizationSource
    status: Status = Field(description="How far it is.")
    channel: AuthorizationChannel | None
    number: str | None
    units_approved: int | None
    valid_from_on: date | None
    valid_to_on: date | None
    has_expired: bool = Field(description="Whether its last valid day is over.")
    reason: str | None
    changed_at: datetime = Field(description="When something was last noted.")

    @classmethod
    def of(cls, row: AuthorizationRow, call: OneCall) -> Self:
        """Return what is shown of an authorization, on the day of the question or of the instant that it is about."""
        today = local_day(call.as_of or call.now, call.resource(Settings).practice_zone)
        has_expired = row.status == "approved" and row.valid_to_on is not None and row.valid_to_on < today
        shown = {name: getattr(row, name) for name in cls.model_fields if name != "has_expired"}
        return cls(**shown, has_expired=has_expired)


class CoverageNotFound(NotFound):
    """The patient has no coverage with this id."""

    slug = "coverage-not-found"


@ROUTER.post("/authorizations", status_code=201)
async def note_authorization(body: NewAuthorization, call: Call) -> Authorization:
    """Note that a payer wants to be asked before services. Each call notes one.

    **Errors**: 404 `patient-not-found`, `coverage-not-found`; 422 `date-range-reversed`.
    """
    await known_patient(body.patient_id, call)
    coverage = await call.row(COVERAGES, body.coverage_id)
    if coverage is None or coverage.patient_id != body.patient_id:
        raise CoverageNotFound("the patient has no such coverage")
    command = FindRequired(
        authorization_id=call.new_id(),
        patient_id=body.patient_id,
        coverage_id=body.coverage_id,
        procedure_codes=_distinct(body.procedure_codes),
        service_from_on=body.service_from_on,
        service_to_on=body.service_to_on,
        source=body.source,
        now=call.now,
    )
    return await _after(command, call)


def _asked(
    call: Call,
    *,
    patient_id: str | None = None,
    coverage_id: str | None = None,
    status: AuthorizationStatus = None,
    due_within_days: DueWithinDays = None,
) -> Where:
    where = {"patient_id": patient_id, "coverage_id": coverage_id, "status": status}
    if due_within_days is None:
        return where
    due_by = local_day(call.now, call.resource(Settings).practice_zone) + timedelta(days=due_within_days)
    return {**where, "is_open": True, "service_from_on": AtMost(due_by)}


@ROUTER.get("/authorizations")
async def authorizations(
    call: Call, where: Annotated[Where, Depends(_asked)], cursor: Cursor = None, page_size: PageSize = 100
) -> Listed[Authorization]:
    """Return authorizations: of a patient, of a coverage, in a state, or those that are due."""
    page = await call.page(AUTHORIZATIONS, where=where, cursor=cursor, page_size=page_size)
    return Listed(items=tuple(Authorization.of(row, call) for row in page.items), next=page.next)


@ROUTER.get("/authorizations/{authorization_id}")
async def authorization(authorization_id: str, call: CallAsOf) -> Authorization:
    """Return an authorization. **Errors**: 404 `authorization-not-found`."""
    return await _shown(authorization_id, call)


@ROUTER.post("/authorizations/{authorization_id}/requests")
async def request_authorization(authorization_id: str, body: SentRequest, call: Call) -> Authorization:
    """Note that the payer was asked; with other content, correct what was noted.

    **Errors**: 404 `authorization-not-found`; 409 `authorization-answered`, `authorization-cancelled`; 422
    `date-range-reversed`.
    """
    command = RequestAuthorization(
        authorization_id=authorization_id,
        procedure_codes=_distinct(body.procedure_codes) if body.procedure_codes else None,
        service_from_on=body.service_from_on,
        service_to_on=body.service_to_on,
        channel=body.channel,
        now=call.now,
    )
    return await _after(command, call)


@ROUTER.post("/authorizations/{authorization_id}/approvals")
async def approve_authorization(authorization_id: str, body: Approval, call: Call) -> Authorization:
    """Note that the payer consents; with other content, correct or extend its consent.

    **Errors**: 404 `authorization-not-found`; 409 `authorization-cancelled`; 422 `date-range-reversed`.
    """
    command = ApproveAuthorization(
        authorization_id=authorization_id,
        number=body.number,
        procedure_codes=_distinct(body.procedure_codes) if body.procedure_codes else None,
        units_approved=body.units_approved,
        valid_from_on=body.valid_from_on,
        valid_to_on=body.valid_to_on,
        now=call.now,
    )
    return await _after(command, call)


@ROUTER.post("/authorizations/{authorization_id}/deferrals")
async def pend_authorization(authorization_id: str, body: Deferral, call: Call) -> Authorization:
    """Note that the payer has the request, and has not decided.

    **Errors**: 404 `authorization-not-found`; 409 `authorization-not-requested`, `authorization-answered`,
    `authorization-cancelled`.
    """
    command = PendAuthorization(authorization_id=authorization_id, reason=body.reason, now=call.now)
    return await _after(command, call)


@ROUTER.post("/authorizations/{authorization_id}/denials")
async def deny_authorization(authorization_id: str, body: Denial, call: Call) -> Authorization:
    """Note that the payer refuses, also what it had consented to.

    **Errors**: 404 `authorization-not-found`; 409 `authorization-not-requested`, `authorization-cancelled`.
    """
    command = DenyAuthorization(authorization_id=authorization_id, reason=body.reason, now=call.now)
    return await _after(command, call)


@ROUTER.post("/authorizations/{authorization_id}/cancellations")
async def cancel_authorization(authorization_id: str, body: Cancellation, call: Call) -> Authorization:
    """Count on an authorization no more. **Errors**: 404 `authorization-not-found`."""
    command = CancelAuthorization(authorization_id=authorization_id, reason=body.reason, now=call.now)
    return await _after(command, call)


def _distinct(procedure_codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(procedure_codes))


async def _after(command: Command, call: OneCall) -> Authorization:
    await call.handle(command)
    return await _shown(command.authorization_id, call)


async def _shown(authorization_id: str, call: OneCall) -> Authorization:
    row = await call.row(AUTHORIZATIONS, authorization_id)
    if row is None:
        raise AuthorizationNotFound("nobody noted this authorization")
    return Authorization.of(row, call)
