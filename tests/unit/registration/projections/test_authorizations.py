"""`services/registration/projections/authorizations.py`: what the desk sees, and what an erasure takes away."""

from collections.abc import Sequence
from datetime import date
from functools import reduce

import pytest
from msgspec import structs

from services.registration.projections.authorizations import AUTHORIZATIONS, AuthorizationRow
from shared.events.registration import AuthorizationEvent
from shared.kernel.erased import ERASED
from tests.unit.registration.domain.test_authorization import (
    APPROVED,
    CANCELLED,
    DENIED,
    PENDED,
    REQUESTED,
    REQUIRED,
)


def row_after(*facts: AuthorizationEvent) -> AuthorizationRow:
    row = reduce(AUTHORIZATIONS.apply, facts, None)
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("facts", "status", "is_open", "reason"),
    [
        ((REQUIRED,), "required", True, None),
        ((REQUIRED, REQUESTED), "requested", True, None),
        ((REQUIRED, REQUESTED, PENDED), "pended", True, "under-review"),
        ((REQUIRED, REQUESTED, PENDED, APPROVED), "approved", False, None),
        ((REQUIRED, REQUESTED, DENIED), "denied", False, "not-covered"),
        ((REQUIRED, REQUESTED, DENIED, REQUESTED), "requested", True, None),
        ((REQUIRED, CANCELLED), "cancelled", False, "not-needed"),
    ],
)
def test_is_due_until_the_payer_decided(
    facts: Sequence[AuthorizationEvent], status: str, reason: str | None, *, is_open: bool
) -> None:
    row = row_after(*facts)

    assert (row.status, row.is_open, row.reason) == (status, is_open, reason)


def test_keeps_what_was_agreed_to() -> None:
    row = row_after(REQUIRED, REQUESTED, structs.replace(APPROVED, procedure_codes=("70553",)))

    assert AUTHORIZATIONS.keys(REQUIRED) == ("a-1",)
    assert (row.number, row.units_approved, row.procedure_codes) == ("AUTH0001", 2, ("70553",))
    assert (row.valid_from_on, row.valid_to_on) == (date(2026, 3, 1), date(2026, 5, 31))
    assert (row.source, row.channel) == ("payer-rule", "portal")


def test_leaves_no_number_of_an_erased_consent() -> None:
    assert row_after(REQUIRED, structs.replace(APPROVED, number=ERASED)).number is None


def test_makes_no_row_of_an_answer_about_nothing() -> None:
    assert AUTHORIZATIONS.apply(None, APPROVED) is None
