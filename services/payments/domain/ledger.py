"""The double-entry ledger: its accounts, and the balanced batch that every posting is.

Owns: `LedgerPosted` and the batches that charges, claim payments, reversals and checks become. Refuses: to edit or drop
a batch; a reversal is a batch of its own. Next: `claim_account.py` and `remittance.py` post, `trial_balance.py` adds
up. A check passes through `remittance_clearing`: Cr what came in, Dr what each claim got, and 0 is left.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct

from services.payments.domain.adjudication import Adjudication
from shared.events.envelope import Event
from shared.kernel.dates import Instant


class Account(StrEnum):
    """Where money stands. Debits: what we have, are owed or gave up; credits: what we earned or hold for others."""

    AR_PAYER = "ar_payer"  # a payer owes it: charged and not decided
    AR_PATIENT = "ar_patient"  # a patient owes it
    AR_DENIED = "ar_denied"  # refused; open until worked or written off
    CHARGES = "charges"  # revenue, gross
    CONTRACTUAL = "contractual"  # given up by contract
    CASH = "cash"  # what the checks paid
    REMITTANCE_CLEARING = "remittance_clearing"  # a check on its way to its claims; 0 when it is posted
    UNAPPLIED = "unapplied"  # paid for claims that we do not know (yet)
    PROVIDER_ADJUSTMENTS = "provider_adjustments"  # PLB
    OTHER_ADJUSTMENTS = "other_adjustments"  # what earlier payers did, by a later payer's account


BatchKind: TypeAlias = Literal["charge", "self-pay-charge", "receipt", "payment", "reversal"]
BatchId = Annotated[str, Meta(description="The balanced posting; its own for ever.", examples=["R1/1"])]


class Entry(Struct, frozen=True, kw_only=True):
    """One side of a posting. **Shape**: one of the two amounts is 0, none is negative."""

    account: Annotated[Account, Meta(description="Which account.", examples=["ar_payer"])]
    debit_cents: Annotated[int, Meta(description="In cents.", examples=[15000], ge=0)] = 0
    credit_cents: Annotated[int, Meta(description="In cents.", examples=[0], ge=0)] = 0


_CHARGE_ENTRIES = [
    {"account": "ar_payer", "debit_cents": 15000, "credit_cents": 0},
    {"account": "charges", "debit_cents": 0, "credit_cents": 15000},
]


class LedgerPosted(Event, frozen=True, kw_only=True):
    """A balanced batch is in the ledger. **Moment**: posted. **Key**: `subject_id`. **Versions**: 1 (2026-11).

    It stands in the stream that posts: claim account, patient account or remittance.
    """

    key: ClassVar[str] = "subject_id"
    batch_id: BatchId
    subject_id: Annotated[str, Meta(description="Claim, patient or remittance that posts.", examples=["C1"])]
    kind: Annotated[BatchKind, Meta(description="What it is.", examples=["payment"])]
    entries: Annotated[
        tuple[Entry, ...], Meta(description="Debits and credits, of equal sums.", examples=[_CHARGE_ENTRIES])
    ]
    claim_id: Annotated[str | None, Meta(description="For this claim.", examples=["C1"])] = None
    encounter_id: Annotated[str | None, Meta(description="For this visit, self-pay.", examples=[None])] = None
    patient_id: Annotated[str | None, Meta(description="Of this patient.", examples=["P1"])] = None
    remittance_id: Annotated[str | None, Meta(description="From this check.", examples=["R1"])] = None
    file_sha256: Annotated[str | None, Meta(description="The file that says so.", examples=[None])] = None
    reverses: Annotated[str | None, Meta(description="The batch that it undoes.", examples=[None])] = None
    posted_at: Instant


Source: TypeAlias = Literal[Account.REMITTANCE_CLEARING, Account.UNAPPLIED]


class UnbalancedBatch(AssertionError):
    """Debits and credits of a batch differ: the gate let something through. A defect, never a payer's doing."""


def entries(moves: Iterable[tuple[Account, int]]) -> tuple[Entry, ...]:
    """Return entries from signed amounts: positive debits, negative credits, 0 leaves nothing; an account stands once.

    **Errors**: `UnbalancedBatch`.
    """
    totals: dict[Account, int] = {}
    for account, cents in moves:
        totals[account] = totals.get(account, 0) + cents
    if sum(totals.values()):
        raise UnbalancedBatch("debits and credits of a batch are equal")
    return tuple(
        Entry(account=account, debit_cents=max(cents, 0), credit_cents=max(-cents, 0))
        for account, cents in totals.items()
        if cents
    )


def charge(change_cents: int, *, debtor: Account = Account.AR_PAYER) -> tuple[Entry, ...]:
    """Return what a charge, or the change of one, posts: somebody owes it, we earned it."""
    return entries(((debtor, change_cents), (Account.CHARGES, -change_cents)))


def charged(posted: Iterable[Entry]) -> int:
    """Return what a batch earned. **Units**: cents."""
    return sum(entry.credit_cents - entry.debit_cents for entry in posted if entry.account == Account.CHARGES)


def payment(adjudication: Adjudication, source: Source) -> tuple[Entry, ...]:
    """Return what a payer's decision posts: the charge leaves the payer's debt, for whoever bears it now.

    **Shape**: the money comes out of `source`. What is pending stays the payer's debt. Balances where the claim does.
    """
    borne = (
        (source, adjudication.paid_cents),
        (Account.CONTRACTUAL, adjudication.contractual_cents),
        (Account.AR_PATIENT, adjudication.patient_cents),
        (Account.AR_DENIED, adjudication.denied_cents),
        (Account.OTHER_ADJUSTMENTS, adjudication.other_cents),
    )
    return entries((*borne, (Account.AR_PAYER, -(adjudication.charged_cents - adjudication.pending_cents))))


def reversal(original: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return what undoes a payment. The money goes out through the check that takes it back, wherever it came from."""
    return entries(
        (
            Account.REMITTANCE_CLEARING if entry.account == Account.UNAPPLIED else entry.account,
            entry.credit_cents - entry.debit_cents,
        )
        for entry in original
    )


def receipt(
    paid_cents: int, *, provider_adjustments_cents: Iterable[int], unapplied_cents: Iterable[int]
) -> tuple[Entry, ...]:
    """Return what a check posts besides its claims: its money, what was taken outside claims, what has no claim yet.

    **Units**: cents; a positive provider adjustment reduced the payment, so the claims got more than came in.
    """
    adjusted, unapplied = sum(provider_adjustments_cents), sum(unapplied_cents)
    return entries(
        (
            (Account.CASH, paid_cents),
            (Account.PROVIDER_ADJUSTMENTS, adjusted),
            (Account.UNAPPLIED, -unapplied),
            (Account.REMITTANCE_CLEARING, unapplied - paid_cents - adjusted),
        )
    )
