"""The rules of `services/registration/domain/authorization.py` as examples; all numbers are synthetic."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec import structs

from services.registration.domain.authorization import (
    AUTHORIZATIONS,
    ApproveAuthorization,
    AuthorizationAnswered,
    AuthorizationCancelledBefore,
    AuthorizationNotFound,
    AuthorizationNotRequested,
    CancelAuthorization,
    Command,
    DateRangeReversed,
    DenyAuthorization,
    FindRequired,
    PendAuthorization,
    RequestAuthorization,
)
from shared.events.registration import (
    AuthorizationApproved,
    AuthorizationCancelled,
    AuthorizationDenied,
    AuthorizationEvent,
    AuthorizationFoundRequired,
    AuthorizationPended,
    AuthorizationRequested,
)
from shared.kernel.erased import ERASED

NOW = datetime(2026, 3, 3, 14, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
FIND = FindRequired(
    authorization_id="a-1",
    patient_id="p-1",
    coverage_id="c-1",
    procedure_codes=("70551",),
    service_from_on=date(2026, 3, 1),
    service_to_on=date(2026, 3, 31),
    source="payer-rule",
    now=NOW,
)
ASK = RequestAuthorization(authorization_id="a-1", channel="portal", now=NOW)
APPROVE = ApproveAuthorization(
    authorization_id="a-1",
    number="AUTH0001",
    units_approved=2,
    valid_from_on=date(2026, 3, 1),
    valid_to_on=date(2026, 5, 31),
    now=NOW,
)
PEND = PendAuthorization(authorization_id="a-1", reason="under-review", now=NOW)
DENY = DenyAuthorization(authorization_id="a-1", reason="not-covered", now=NOW)
CANCEL = CancelAuthorization(authorization_id="a-1", reason="not-needed", now=NOW)
REQUIRED = AuthorizationFoundRequired(
    authorization_id="a-1",
    patient_id="p-1",
    coverage_id="c-1",
    procedure_codes=("70551",),
    service_from_on=date(2026, 3, 1),
    service_to_on=date(2026, 3, 31),
    source="payer-rule",
    found_at=NOW,
)
REQUESTED = AuthorizationRequested(
    authorization_id="a-1",
    patient_id="p-1",
    coverage_id="c-1",
    procedure_codes=("70551",),
    service_from_on=date(2026, 3, 1),
    service_to_on=date(2026, 3, 31),
    channel="portal",
    requested_at=NOW,
)
APPROVED = AuthorizationApproved(
    authorization_id="a-1",
    patient_id="p-1",
    coverage_id="c-1",
    number="AUTH0001",
    procedure_codes=("70551",),
    units_approved=2,
    valid_from_on=date(2026, 3, 1),
    valid_to_on=date(2026, 5, 31),
    approved_at=NOW,
)
PENDED = AuthorizationPended(authorization_id="a-1", patient_id="p-1", reason="under-review", pended_at=NOW)
DENIED = AuthorizationDenied(authorization_id="a-1", patient_id="p-1", reason="not-covered", denied_at=NOW)
CANCELLED = AuthorizationCancelled(authorization_id="a-1", patient_id="p-1", reason="not-needed", cancelled_at=NOW)
ASKED = (REQUIRED, REQUESTED)


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        ((), FIND, REQUIRED),
        ((REQUIRED,), ASK, REQUESTED),
        ((*ASKED, DENIED), ASK, REQUESTED),
        (ASKED, PEND, PENDED),
        ((REQUIRED,), APPROVE, APPROVED),
        (ASKED, APPROVE, APPROVED),
        ((*ASKED, PENDED), APPROVE, APPROVED),
        ((*ASKED, DENIED), APPROVE, APPROVED),
        (ASKED, DENY, DENIED),
        ((*ASKED, PENDED), DENY, DENIED),
        ((*ASKED, APPROVED), DENY, DENIED),
        ((REQUIRED,), CANCEL, CANCELLED),
        ((*ASKED, APPROVED), CANCEL, CANCELLED),
        ((*ASKED, DENIED), CANCEL, CANCELLED),
    ],
)
def test_goes_from_being_needed_to_the_payers_answer(
    given: Sequence[AuthorizationEvent], when: Command, then: AuthorizationEvent
) -> None:
    assert AUTHORIZATIONS.outcome(given=given, when=when) == (then,)


@pytest.mark.parametrize(
    ("given", "when"),
    [
        ((REQUIRED,), FIND),
        (ASKED, ASK),
        ((*ASKED, PENDED), PEND),
        ((*ASKED, APPROVED), APPROVE),
        ((*ASKED, DENIED), DENY),
        ((REQUIRED, CANCELLED), CANCEL),
        ((REQUIRED, CANCELLED), replace(CANCEL, reason="entered-in-error")),
    ],
)
def test_adds_nothing_for_a_repeat_at_a_later_time(given: Sequence[AuthorizationEvent], when: Command) -> None:
    assert AUTHORIZATIONS.outcome(given=given, when=replace(when, now=LATER)) == ()


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        (ASKED, replace(ASK, channel="fax"), structs.replace(REQUESTED, channel="fax")),
        (
            ASKED,
            replace(ASK, procedure_codes=("70553",), service_to_on=date(2026, 4, 30)),
            structs.replace(REQUESTED, procedure_codes=("70553",), service_to_on=date(2026, 4, 30)),
        ),
        (
            (*ASKED, PENDED),
            replace(PEND, reason="information-requested"),
            structs.replace(PENDED, reason="information-requested"),
        ),
        ((*ASKED, APPROVED), replace(APPROVE, number="AUTH0002"), structs.replace(APPROVED, number="AUTH0002")),
        ((*ASKED, APPROVED), replace(APPROVE, units_approved=None), structs.replace(APPROVED, units_approved=None)),
        (
            (*ASKED, APPROVED),
            replace(APPROVE, valid_to_on=date(2026, 8, 31)),
            structs.replace(APPROVED, valid_to_on=date(2026, 8, 31)),
        ),
        ((*ASKED, structs.replace(APPROVED, number=ERASED)), APPROVE, APPROVED),
        ((*ASKED, DENIED), replace(DENY, reason="other"), structs.replace(DENIED, reason="other")),
    ],
)
def test_takes_other_content_of_the_same_kind_as_a_correction(
    given: Sequence[AuthorizationEvent], when: Command, then: AuthorizationEvent
) -> None:
    assert AUTHORIZATIONS.outcome(given=given, when=when) == (then,)


def test_an_approval_covers_what_was_asked_for_unless_the_payer_says_otherwise() -> None:
    asked = (REQUIRED, structs.replace(REQUESTED, procedure_codes=("70551", "70553")))
    (as_asked,) = AUTHORIZATIONS.outcome(given=asked, when=APPROVE)
    (less,) = AUTHORIZATIONS.outcome(given=asked, when=replace(APPROVE, procedure_codes=("70553",)))

    assert as_asked == structs.replace(APPROVED, procedure_codes=("70551", "70553"))
    assert less == structs.replace(APPROVED, procedure_codes=("70553",))


@pytest.mark.parametrize(
    ("given", "when", "error"),
    [
        ((), ASK, AuthorizationNotFound),
        ((), APPROVE, AuthorizationNotFound),
        ((), CANCEL, AuthorizationNotFound),
        ((REQUIRED,), PEND, AuthorizationNotRequested),
        ((REQUIRED,), DENY, AuthorizationNotRequested),
        ((*ASKED, PENDED), ASK, AuthorizationAnswered),
        ((*ASKED, APPROVED), ASK, AuthorizationAnswered),
        ((*ASKED, APPROVED), PEND, AuthorizationAnswered),
        ((*ASKED, DENIED), PEND, AuthorizationAnswered),
        ((REQUIRED, CANCELLED), ASK, AuthorizationCancelledBefore),
        ((*ASKED, CANCELLED), APPROVE, AuthorizationCancelledBefore),
        ((), replace(FIND, service_to_on=date(2026, 2, 28)), DateRangeReversed),
        ((REQUIRED,), replace(ASK, service_from_on=date(2026, 4, 1)), DateRangeReversed),
        ((REQUIRED,), replace(APPROVE, valid_to_on=date(2026, 2, 28)), DateRangeReversed),
    ],
)
def test_refuses_what_does_not_follow(
    given: Sequence[AuthorizationEvent], when: Command, error: type[Exception]
) -> None:
    with pytest.raises(error):
        AUTHORIZATIONS.outcome(given=given, when=when)


def test_takes_a_consent_for_one_day() -> None:
    (approved,) = AUTHORIZATIONS.outcome(given=[REQUIRED], when=replace(APPROVE, valid_to_on=date(2026, 3, 1)))

    assert approved == structs.replace(APPROVED, valid_to_on=date(2026, 3, 1))


def test_folds_an_answer_about_nothing_into_nothing() -> None:
    assert AUTHORIZATIONS.state([APPROVED]) is None
