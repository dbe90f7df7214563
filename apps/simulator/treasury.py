"""What a payer sends for the claims that it decided: checks, and what stands in them besides claims (PLB).

Owns: the account of one payer with one payee: money to be taken back from later checks, a negative rest that moves on.
A check is what its claims are paid less its entries, never another sum. Refuses: bytes (`remitting.py`) and time.
**Units**: cents; an entry is positive where it makes the payment smaller. **Source**: x12.md section 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from apps.simulator.adjudication import Decided
from apps.simulator.scenario import Afterwards, Scenario
from shared.x12.sets.t837p_x222a1 import BillingProvider, Payer

OVERPAYMENT: Final = "WO"
FORWARD: Final = "FB"
INTEREST: Final = "L6"
_BASIS_POINTS_A_YEAR: Final = 1_000  # ten percent
_DAYS_A_YEAR: Final = 365
_TIMELY_DAYS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What a payer tells of one claim in a check. **Units**: cents."""

    payer_claim_number: str
    decided: Decided
    scenario: Scenario
    received_on: date
    is_reversal: bool = False
    interest_cents: int = 0

    @property
    def paid_cents(self) -> int:
        """Return what the check has for it: less than nothing where a payment is reversed."""
        return -self.decided.paid_cents if self.is_reversal else self.decided.paid_cents

    @property
    def is_recovered_later(self) -> bool:
        """Return whether its money stays for now, and is kept from a later check."""
        return self.is_reversal and self.scenario.afterwards is Afterwards.TAKES_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One amount of a check that is no claim's (PLB)."""

    reason: str
    reference: str
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One payment of one payer to one payee."""

    trace_number: str
    payer: Payer
    payee: BillingProvider
    payments: tuple[Payment, ...]
    entries: tuple[Entry, ...] = ()

    @property
    def paid_cents(self) -> int:
        """Return the amount of the check."""
        return sum(each.paid_cents for each in self.payments) - sum(each.amount_cents for each in self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a payee owes a payer. **Shape**: overpayments by claim, oldest first; a rest by the check it came from."""

    overpaid: tuple[tuple[str, int], ...] = ()
    forward: tuple[str, int] | None = None


def cut(check: Check, account: Account) -> tuple[Check, Account]:
    """Return a check with its entries, never below nothing, and what the payee owes after it."""
    entries = [
        Entry(reason=INTEREST, reference=each.payer_claim_number, amount_cents=-each.interest_cents)
        for each in check.payments
        if each.interest_cents
    ]
    later = [(each.payer_claim_number, -each.paid_cents) for each in check.payments if each.is_recovered_later]
    entries += [Entry(reason=OVERPAYMENT, reference=number, amount_cents=-cents) for number, cents in later if cents]
    if account.forward:
        reference, cents = account.forward
        entries.append(Entry(reason=FORWARD, reference=reference, amount_cents=cents))
    left = replace(check, entries=tuple(entries)).paid_cents
    overpaid = []
    for number, cents in account.overpaid:
        part = min(cents, max(left, 0))
        left -= part
        if part:
            entries.append(Entry(reason=OVERPAYMENT, reference=number, amount_cents=part))
        if part < cents:
            overpaid.append((number, cents - part))
    forward = None
    if left < 0:
        forward = (check.trace_number, -left)
        entries.append(Entry(reason=FORWARD, reference=check.trace_number, amount_cents=left))
    overpaid += [(number, cents) for number, cents in later if cents]
    return replace(check, entries=tuple(entries)), Account(overpaid=tuple(overpaid), forward=forward)


def files_of(check: Check) -> tuple[Check, ...]:
    """Return a check as its files have it: in two where a scenario splits it and each part is a payment by itself.

    Interest stays with its claim.
    """
    half = len(check.payments) // 2
    if not half or not any(each.scenario.splits_check for each in check.payments):
        return (check,)
    numbers = {each.payer_claim_number for each in check.payments[:half]}
    own = tuple(each for each in check.entries if each.reason == INTEREST and each.reference in numbers)
    rest = tuple(each for each in check.entries if each not in own)
    parts = (
        replace(check, payments=check.payments[:half], entries=own),
        replace(check, payments=check.payments[half:], entries=rest),
    )
    return parts if all(part.paid_cents >= 0 for part in parts) else (check,)


def interest_cents(paid_cents: int, *, received_on: date, paid_on: date) -> int:
    """Return what a late payer adds: ten percent a year from the thirty-first day on, whole cents."""
    late_days = (paid_on - received_on).days - _TIMELY_DAYS
    return max(0, paid_cents * _BASIS_POINTS_A_YEAR * late_days // (10_000 * _DAYS_A_YEAR))


def checks_of(payments: Sequence[Payment], *, claims_max: int) -> tuple[tuple[Payment, ...], ...]:
    """Return the payments of one payee in bounded checks; a reversal stands beside its correction."""
    checks: list[tuple[Payment, ...]] = []
    current: list[Payment] = []
    for payment in payments:
        if len(current) >= claims_max and not (current[-1].is_reversal and not payment.is_reversal):
            checks.append(tuple(current))
            current = []
        current.append(payment)
    return (*checks, tuple(current)) if current else tuple(checks)
