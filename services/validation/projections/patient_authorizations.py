"""What payers were asked and answered about each patient; from registration's authorizations. No number is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, assert_never

from services.validation.domain.facts import Authorization, Consent
from shared.events.registration import (
    AuthorizationApproved,
    AuthorizationCancelled,
    AuthorizationDenied,
    AuthorizationEvent,
    AuthorizationFoundRequired,
    AuthorizationPended,
    AuthorizationRequested,
)
from shared.kernel.projection import Projection
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientAuthorizations:
    """One row. **Shape**: by authorization id."""

    authorizations: tuple[Authorization, ...]


def keys(event: AuthorizationEvent) -> tuple[str, ...]:
    """Return the patient."""
    return (event.patient_id,)


def apply(row: PatientAuthorizations | None, event: AuthorizationEvent) -> PatientAuthorizations:
    """Return the authorizations with what a fact says of one; the facts of each come in their order."""
    known = row.authorizations if row else ()
    before = next((each for each in known if each.authorization_id == event.authorization_id), None)
    others = [each for each in known if each.authorization_id != event.authorization_id]
    held = sorted((*others, *_after(before, event)), key=lambda each: each.authorization_id)
    return PatientAuthorizations(authorizations=tuple(held))


def _after(before: Authorization | None, event: AuthorizationEvent) -> Iterator[Authorization]:
    match event:
        case AuthorizationFoundRequired() | AuthorizationRequested():
            yield _wanted(before, event)
        case AuthorizationApproved():
            consent = Consent(
                procedure_codes=event.procedure_codes,
                units_approved=event.units_approved,
                valid_from_on=event.valid_from_on,
                valid_to_on=event.valid_to_on,
            )
            if before is not None:
                yield _reaching(replace(before, status="approved", consent=consent), consent.days)
        case AuthorizationPended() if before is not None:
            yield replace(before, status="pended", consent=None)
        case AuthorizationDenied() if before is not None:
            yield replace(before, status="denied", consent=None)
        case AuthorizationCancelled() if before is not None:
            yield replace(before, status="cancelled", consent=None)
        case AuthorizationPended() | AuthorizationDenied() | AuthorizationCancelled():
            return
        case _:
            assert_never(event)


def _wanted(before: Authorization | None, event: AuthorizationFoundRequired | AuthorizationRequested) -> Authorization:
    days = (event.service_from_on, event.service_to_on)
    wanted = Authorization(
        authorization_id=event.authorization_id,
        coverage_id=event.coverage_id,
        procedure_codes=event.procedure_codes,
        service_from_on=event.service_from_on,
        service_to_on=event.service_to_on,
        status="required" if isinstance(event, AuthorizationFoundRequired) else "requested",
        concerned=days,
    )
    return _reaching(wanted, before.concerned) if before else wanted


def _reaching(authorization: Authorization, days: tuple[date, date]) -> Authorization:
    """Return an authorization that concerns more days: what was said of a day before may have to be taken back."""
    first, last = authorization.concerned
    return replace(authorization, concerned=(min(first, days[0]), max(last, days[1])))


PATIENT_AUTHORIZATIONS: Final[Projection[PatientAuthorizations, AuthorizationEvent]] = Projection(
    name="patient_authorizations",
    version=1,
    source="foreign",
    row=PatientAuthorizations,
    events=members(AuthorizationEvent),
    keys=keys,
    apply=apply,
)
