"""An authorization: a payer's consent to services, from being found needed to the payer's answer.

Owns: what may follow what, and which services and days were asked for and agreed to. Refuses: to say whether a service
has one (validation does, line by line), to count what was used, and a fact for its end, which follows from its last
day. Next: `coverage.py`, whose payer is asked.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal, TypeAlias, assert_never

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
    CancelReason,
    DenialReason,
    PendReason,
)
from shared.kernel.decider import Decider
from shared.kernel.errors import Malformed, NotFound, Rejected
from shared.kernel.unions import members

Status: TypeAlias = Literal["required", "requested", "pended", "approved", "denied", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """An authorization; `None` in its place means that nobody found one required. **Shape**: `latest` is its last fact.

    Procedures and days are those that were found, then those that were asked for; `latest` has those agreed to, and
    was said at `changed_at`.
    """

    patient_id: str
    coverage_id: str
    procedure_codes: tuple[str, ...]
    service_from_on: date
    service_to_on: date
    status: Status
    latest: AuthorizationEvent
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRequired:
    """Note that a payer wants to be asked before services."""

    authorization_id: str
    patient_id: str
    coverage_id: str
    procedure_codes: tuple[str, ...]
    service_from_on: date
    service_to_on: date
    source: AuthorizationSource
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAuthorization:
    """Note that the payer was asked. **Shape**: procedures and days None: those that are known."""

    authorization_id: str
    procedure_codes: tuple[str, ...] | None = None
    service_from_on: date | None = None
    service_to_on: date | None = None
    channel: AuthorizationChannel
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAuthorization:
    """Note that the payer consents. **Shape**: procedures None: those that were asked for."""

    authorization_id: str
    number: str
    procedure_codes: tuple[str, ...] | None = None
    units_approved: int | None
    valid_from_on: date
    valid_to_on: date
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PendAuthorization:
    """Note that the payer has not decided."""

    authorization_id: str
    reason: PendReason
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyAuthorization:
    """Note that the payer refuses."""

    authorization_id: str
    reason: DenialReason
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAuthorization:
    """Count on it no more."""

    authorization_id: str
    reason: CancelReason
    now: datetime


Answer: TypeAlias = ApproveAuthorization | PendAuthorization | DenyAuthorization
Command: TypeAlias = FindRequired | RequestAuthorization | Answer | CancelAuthorization


class DateRangeReversed(Malformed):
    """Days of service, or of a consent, end on or after the day on which they begin."""

    slug = "date-range-reversed"


class AuthorizationNotFound(NotFound):
    """No authorization has this id."""

    slug = "authorization-not-found"


class AuthorizationCancelledBefore(Rejected):
    """A cancelled authorization stays so: note another one."""

    slug = "authorization-cancelled"


class AuthorizationNotRequested(Rejected):
    """A payer puts off or refuses what it was asked for: note the request first."""

    slug = "authorization-not-requested"


class AuthorizationAnswered(Rejected):
    """The payer consented, or has the request under way: it is not asked for the same again."""

    slug = "authorization-answered"


def decide(authorization: Authorization | None, command: Command) -> tuple[AuthorizationEvent, ...]:
    """Return the fact that a command adds, none for a repeat; other content of the same kind corrects what was noted.

    **Errors**: `AuthorizationNotFound`, `AuthorizationCancelledBefore`, `AuthorizationNotRequested`,
    `AuthorizationAnswered`, `DateRangeReversed`.
    """
    if isinstance(command, FindRequired):
        return () if authorization else (_found(command),)
    if authorization is None:
        raise AuthorizationNotFound("nobody noted this authorization")
    if authorization.status == "cancelled":
        if isinstance(command, CancelAuthorization):
            return ()
        raise AuthorizationCancelledBefore("the authorization was cancelled")
    if _fact(authorization, replace(command, now=authorization.changed_at)) == authorization.latest:
        return ()
    return (_fact(authorization, command),)


def _fact(
    authorization: Authorization, command: RequestAuthorization | Answer | CancelAuthorization
) -> AuthorizationEvent:
    match command:
        case RequestAuthorization():
            return _requested(authorization, command)
        case ApproveAuthorization():
            return _approved(authorization, command)
        case PendAuthorization():
            _asked(authorization)
            if authorization.status in {"approved", "denied"}:
                raise AuthorizationAnswered("the payer has decided")
            return AuthorizationPended(
                authorization_id=command.authorization_id,
                patient_id=authorization.patient_id,
                reason=command.reason,
                pended_at=command.now,
            )
        case DenyAuthorization():
            _asked(authorization)
            return AuthorizationDenied(
                authorization_id=command.authorization_id,
                patient_id=authorization.patient_id,
                reason=command.reason,
                denied_at=command.now,
            )
        case CancelAuthorization():
            return AuthorizationCancelled(
                authorization_id=command.authorization_id,
                patient_id=authorization.patient_id,
                reason=command.reason,
                cancelled_at=command.now,
            )
        case _:
            assert_never(command)


def _asked(authorization: Authorization) -> None:
    if authorization.status == "required":
        raise AuthorizationNotRequested("the payer was not asked")


def _found(command: FindRequired) -> AuthorizationFoundRequired:
    _in_order(command.service_from_on, command.service_to_on)
    return AuthorizationFoundRequired(
        authorization_id=command.authorization_id,
        patient_id=command.patient_id,
        coverage_id=command.coverage_id,
        procedure_codes=command.procedure_codes,
        service_from_on=command.service_from_on,
        service_to_on=command.service_to_on,
        source=command.source,
        found_at=command.now,
    )


def _requested(authorization: Authorization, command: RequestAuthorization) -> AuthorizationRequested:
    if authorization.status in {"pended", "approved"}:
        raise AuthorizationAnswered("the payer has the request, or consented")
    from_on = command.service_from_on or authorization.service_from_on
    to_on = command.service_to_on or authorization.service_to_on
    _in_order(from_on, to_on)
    return AuthorizationRequested(
        authorization_id=command.authorization_id,
        patient_id=authorization.patient_id,
        coverage_id=authorization.coverage_id,
        procedure_codes=command.procedure_codes or authorization.procedure_codes,
        service_from_on=from_on,
        service_to_on=to_on,
        channel=command.channel,
        requested_at=command.now,
    )


def _approved(authorization: Authorization, command: ApproveAuthorization) -> AuthorizationApproved:
    _in_order(command.valid_from_on, command.valid_to_on)
    return AuthorizationApproved(
        authorization_id=command.authorization_id,
        patient_id=authorization.patient_id,
        coverage_id=authorization.coverage_id,
        number=command.number,
        procedure_codes=command.procedure_codes or authorization.procedure_codes,
        units_approved=command.units_approved,
        valid_from_on=command.valid_from_on,
        valid_to_on=command.valid_to_on,
        approved_at=command.now,
    )


def _in_order(first_on: date, last_on: date) -> None:
    if last_on < first_on:
        raise DateRangeReversed("the days end before they begin")


def evolve(  # noqa: PLR0911 (one per fact)
    authorization: Authorization | None, event: AuthorizationEvent
) -> Authorization | None:
    """Return the state after a stored fact. Nothing comes of an answer about what nobody noted."""
    if isinstance(event, AuthorizationFoundRequired):
        return Authorization(
            patient_id=event.patient_id,
            coverage_id=event.coverage_id,
            procedure_codes=event.procedure_codes,
            service_from_on=event.service_from_on,
            service_to_on=event.service_to_on,
            status="required",
            latest=event,
            changed_at=event.found_at,
        )
    if authorization is None:
        return None
    match event:
        case AuthorizationRequested():
            return replace(
                authorization,
                procedure_codes=event.procedure_codes,
                service_from_on=event.service_from_on,
                service_to_on=event.service_to_on,
                status="requested",
                latest=event,
                changed_at=event.requested_at,
            )
        case AuthorizationApproved():
            return replace(authorization, status="approved", latest=event, changed_at=event.approved_at)
        case AuthorizationPended():
            return replace(authorization, status="pended", latest=event, changed_at=event.pended_at)
        case AuthorizationDenied():
            return replace(authorization, status="denied", latest=event, changed_at=event.denied_at)
        case AuthorizationCancelled():
            return replace(authorization, status="cancelled", latest=event, changed_at=event.cancelled_at)
        case _:
            assert_never(event)


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per authorization."""
    return f"authorization-{command.authorization_id}"


AUTHORIZATIONS: Final[Decider[Authorization | None, Command, AuthorizationEvent]] = Decider(
    commands=members(Command),
    events=members(AuthorizationEvent),
    stream=stream,
    initial=None,
    decide=decide,
    evolve=evolve,
)
