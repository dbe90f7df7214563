"""`services/payments/domain/gate.py`: what stops a check, whether or not its claims are kept."""

import pytest

from services.payments.domain.gate import Gate, claims_max
from services.payments.domain.remittance import Quarantine
from shared.x12.sets.t835_x221a1 import Remittance
from tests.unit.payments.example import check, denied_claim, interest, paid_claim, reversed_claim


def verdict(remittance: Remittance, *, unit_events_max: int) -> Quarantine | None:
    gate = Gate(unit_events_max=unit_events_max, event_bytes_max=262_144)
    for claim in remittance.claims:
        gate.claim(claim)
    return gate.verdict(remittance)


@pytest.mark.parametrize(
    ("remittance", "held"),
    [
        (check(paid_claim(), denied_claim()), None),
        (
            check(paid_claim(), payment_cents=10001),
            Quarantine(level="transaction", reason="unbalanced", difference_cents=1),
        ),
        (check(paid_claim(paid_cents=9999)), Quarantine(level="claim", reason="unbalanced", difference_cents=-1)),
        (check(reversed_claim(paid_claim())), Quarantine(level="transaction", reason="payment-is-a-debit")),
        (
            check(paid_claim(), credit_or_debit="D"),
            Quarantine(level="transaction", reason="payment-is-a-debit"),
        ),
        (check(paid_claim(status="25")), Quarantine(level="claim", reason="paid-without-a-decision")),
        (check(*[paid_claim()] * 12), Quarantine(level="size", reason="over-unit-limit")),
    ],
    ids=["balanced", "transaction", "claim", "negative", "debit", "predetermination that pays", "too many claims"],
)
def test_stops_at_the_gate_what_may_not_be_posted(remittance: Remittance, held: Quarantine | None) -> None:
    assert verdict(remittance, unit_events_max=50) == held


@pytest.mark.parametrize(("unit_events_max", "claims"), [(1_000, 249), (50, 11), (7, 1)])
def test_lets_as_many_claims_through_as_it_says(unit_events_max: int, claims: int) -> None:
    fits, does_not = (check(*[paid_claim()] * number) for number in (claims, claims + 1))

    assert claims_max(unit_events_max) == claims
    assert verdict(fits, unit_events_max=unit_events_max) is None
    assert verdict(does_not, unit_events_max=unit_events_max) == Quarantine(level="size", reason="over-unit-limit")


def test_counts_what_is_changed_outside_the_claims() -> None:
    full = check(*[paid_claim()] * 11, plb=[interest(), interest()])

    assert verdict(full, unit_events_max=50) == Quarantine(level="size", reason="over-unit-limit")
    assert verdict(full, unit_events_max=51) is None


def test_says_what_does_not_balance_before_that_there_are_too_many() -> None:
    wrong = check(*[paid_claim()] * 12, paid_claim(paid_cents=9999))

    assert verdict(wrong, unit_events_max=50) == Quarantine(level="claim", reason="unbalanced", difference_cents=-1)
