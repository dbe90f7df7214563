"""What a payer was asked and what it answered: one row per authorization; the desk's list of those that are due."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, assert_never

from services.registration.domain.authorization import Status
from shared.events.registration import (
    AuthorizationApproved,
    AuthorizationCancelled,
    AuthorizationChannel,
    AuthorizationDenied,
    AuthorizationEvent,
    AuthorizationFoundRequired,
    AuthorizationPended,
    AuthorizationRequested,
    AuthorizationSource,
)
from shared.kernel.erased import known
from shared.kernel.projection import Projection, one_stream
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRow:
    """One authorization.

    **Shape**: `is_open`: the payer has not decided, so that somebody must see to it before `service_from_on`. Number,
    units and valid days are those of the last consent, also where it was withdrawn; `procedure_codes` are those agreed
    to, until then those asked for. `number` is None where it was erased. `reason` is that of the last answer.
    """

    authorization_id: str
    patient_id: str
    coverage_id: str
    procedure_codes: tuple[str, ...]
    service_from_on: date
    service_to_on: date
    source: AuthorizationSource
    status: Status
    is_open: bool
    changed_at: datetime
    channel: AuthorizationChannel | None = None
    number: str | None = None
    units_approved: int | None = None
    valid_from_on: date | None = None
    valid_to_on: date | None = None
    reason: str | None = None


def keys(event: AuthorizationEvent) -> tuple[str, ...]:
    """Return the authorization whose row a fact touches."""
    return (event.authorization_id,)


def apply(row: AuthorizationRow | None, event: AuthorizationEvent) -> AuthorizationRow | None:  # noqa: PLR0911 (one per fact)
    """Return the row of the authorization after a fact."""
    if isinstance(event, AuthorizationFoundRequired):
        return AuthorizationRow(
            authorization_id=event.authorization_id,
            patient_id=event.patient_id,
            coverage_id=event.coverage_id,
            procedure_codes=event.procedure_codes,
            service_from_on=event.service_from_on,
            service_to_on=event.service_to_on,
            source=event.source,
            status="required",
            is_open=True,
            changed_at=event.found_at,
        )
    if row is None:
        return None
    match event:
        case AuthorizationRequested():
            return replace(
                row,
                procedure_codes=event.procedure_codes,
                service_from_on=event.service_from_on,
                service_to_on=event.service_to_on,
                channel=event.channel,
                status="requested",
                is_open=True,
                reason=None,
                changed_at=event.requested_at,
            )
        case AuthorizationApproved():
            return _approved(row, event)
        case AuthorizationPended():
            return replace(row, status="pended", is_open=True, reason=event.reason, changed_at=event.pended_at)
        case AuthorizationDenied():
            return replace(row, status="denied", is_open=False, reason=event.reason, changed_at=event.denied_at)
        case AuthorizationCancelled():
            return replace(row, status="cancelled", is_open=False, reason=event.reason, changed_at=event.cancelled_at)
        case _:
            assert_never(event)


def _approved(row: AuthorizationRow, event: AuthorizationApproved) -> AuthorizationRow:
    return replace(
        row,
        procedure_codes=event.procedure_codes,
        number=known(event.number, otherwise=None),
        units_approved=event.units_approved,
        valid_from_on=event.valid_from_on,
        valid_to_on=event.valid_to_on,
        status="approved",
        is_open=False,
        reason=None,
        changed_at=event.approved_at,
    )


AUTHORIZATIONS: Final[Projection[AuthorizationRow, AuthorizationEvent]] = Projection(
    name="authorizations",
    version=1,
    source="own",
    row=AuthorizationRow,
    events=members(AuthorizationEvent),
    keys=keys,
    apply=apply,
    streams=one_stream("authorization"),
    filters=("patient_id", "coverage_id", "status", "is_open", "service_from_on"),
    countable=("status", "is_open"),
)
