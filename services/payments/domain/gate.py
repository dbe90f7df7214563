"""The gate: why a check may not be posted, found claim by claim, so that none of a long one need be kept.

Owns: sums, sign and size. Refuses: to mend anything; what a check does to claims that others paid before is seen when
it is posted (`reactors/obstacles.py`). **Source**: `shared/x12/sets/t835_x221a1/balance.py`; RFI 1604: a payment is
never negative.
"""

from typing import Final

from msgspec import json

from services.payments.domain.adjudication import NOTHING_POSTED, ClaimPayment
from services.payments.domain.remittance import Quarantine
from services.payments.domain.remittance_facts import ProviderAdjustment
from shared.x12.sets import t835_x221a1 as x12

_FACTS_PER_CLAIM: Final = 4  # matched, posted, decided, patient's balance
_FACTS_PER_PROVIDER_ADJUSTMENT: Final = 2
_FACTS_PER_CHECK: Final = 3  # receipt, posted, and one to spare
_DECISION_BYTES: Final = 4_096  # what a decision says besides the lines


def claims_max(unit_events_max: int) -> int:
    """Return with how many claims a check is still posted, if nothing else is on it."""
    return (unit_events_max - _FACTS_PER_CHECK) // _FACTS_PER_CLAIM


class Gate:
    """One check on its way through. **Shape**: `claim` for each of its claims, in order, then `verdict`."""

    __slots__ = (
        "_claims_max",
        "_event_bytes_max",
        "_facts_max",
        "_has_long_fact",
        "_sums",
        "_unbalanced",
        "_undecided",
        "claim_count",
    )

    def __init__(self, *, unit_events_max: int, event_bytes_max: int) -> None:
        self._facts_max = unit_events_max
        self._claims_max = claims_max(unit_events_max)
        self._event_bytes_max = event_bytes_max
        self._sums = x12.Sums()
        self._unbalanced: x12.Imbalance | None = None
        self._undecided = self._has_long_fact = False
        self.claim_count = 0

    @property
    def has_too_many_claims(self) -> bool:
        """Return whether it will be quarantined whatever comes: its claims need not be kept."""
        return self.claim_count > self._claims_max

    def claim(self, claim: x12.RemittanceClaim) -> None:
        """Look at the next claim."""
        self.claim_count += 1
        imbalances = self._sums.claim(claim)
        if self._unbalanced is None and imbalances:
            self._unbalanced = imbalances[0]
        self._undecided = self._undecided or (claim.status in NOTHING_POSTED and claim.paid_cents != 0)

    def measure(self, fact: ClaimPayment | tuple[ProviderAdjustment, ...]) -> None:
        """Look whether a claim, or all that was changed outside the claims, fits into one fact.

        Every one is measured: a line alone may have more adjustments than a fact holds.
        """
        is_long = len(json.encode(fact)) + _DECISION_BYTES > self._event_bytes_max
        self._has_long_fact = self._has_long_fact or is_long

    def verdict(self, remittance: x12.Remittance) -> Quarantine | None:
        """Return why the check may not be posted, None where it may: its sums, its sign, its size."""
        for imbalance in (self._unbalanced, *self._sums.transaction(remittance)):
            if imbalance is not None:
                difference = imbalance.difference_cents
                return Quarantine(level=imbalance.level, reason="unbalanced", difference_cents=difference)
        if remittance.payment_cents < 0 or remittance.credit_or_debit != "C":
            return Quarantine(level="transaction", reason="payment-is-a-debit")
        if self._undecided:
            return Quarantine(level="claim", reason="paid-without-a-decision")
        outside = _FACTS_PER_PROVIDER_ADJUSTMENT * len(remittance.provider_adjustments)
        if _FACTS_PER_CLAIM * self.claim_count + outside + _FACTS_PER_CHECK > self._facts_max:
            return Quarantine(level="size", reason="over-unit-limit")
        return Quarantine(level="size", reason="over-event-limit") if self._has_long_fact else None
