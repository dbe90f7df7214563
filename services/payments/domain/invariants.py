"""What is true of the ledger whenever a unit is whole: the accounts agree with each other and with what was published.

Owns: sums over facts, for `claimlog verify`. They are written a second time, apart from the code that posts, so that a
defect there shows here. Refuses: mending. Next: `ledger.py` for the accounts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from services.payments.domain.claim_account import PaymentReversed
from services.payments.domain.ledger import Account, Entry, LedgerPosted
from shared.events.payments import ClaimDenied, ClaimPaid, ClaimPartiallyPaid, RemittancePosted
from shared.kernel.invariant import Invariant

Decision: TypeAlias = ClaimPaid | ClaimPartiallyPaid | ClaimDenied | PaymentReversed

_GIVEN_UP: Final = (Account.CONTRACTUAL, Account.OTHER_ADJUSTMENTS)
_MONEY: Final = (Account.REMITTANCE_CLEARING, Account.UNAPPLIED)


def _balance(entries: Iterable[Entry], *accounts: Account) -> int:
    """Return debits less credits. **Units**: cents."""
    return sum(entry.debit_cents - entry.credit_cents for entry in entries if entry.account in accounts)


def _unbalanced(_: bool | None, event: LedgerPosted) -> bool | None:  # noqa: FBT001 (a row)
    return True if _balance(event.entries, *Account) else None


BALANCED: Final[Invariant[bool, LedgerPosted]] = Invariant(
    name="ledger-balanced",
    about="Debits and credits of each batch are equal.",
    events=(LedgerPosted,),
    keys=lambda event: (event.batch_id,),
    apply=_unbalanced,
    is_broken=lambda _: True,
)


def _cleared(cents: int | None, event: LedgerPosted) -> int | None:
    return ((cents or 0) + _balance(event.entries, Account.REMITTANCE_CLEARING)) or None


CLEARED: Final[Invariant[int, LedgerPosted]] = Invariant(
    name="clearing-accounts",
    about="A check that is posted leaves nothing in its clearing account; it is posted as one unit.",
    events=(LedgerPosted,),
    keys=lambda event: (event.remittance_id,) if event.remittance_id else (),
    apply=_cleared,
    is_broken=bool,
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A check's own batch until its `RemittancePosted`. **Units**: cents."""

    paid_cents: int = 0
    adjusted_cents: int = 0


def _received(row: Receipt | None, event: LedgerPosted | RemittancePosted) -> Receipt | None:
    if isinstance(event, LedgerPosted):
        if event.kind != "receipt":
            return row
        return Receipt(_balance(event.entries, Account.CASH), _balance(event.entries, Account.PROVIDER_ADJUSTMENTS))
    said = Receipt(event.paid_cents, event.provider_adjustment_cents)
    return None if (row or Receipt()) == said else said


CHECKS: Final[Invariant[Receipt, LedgerPosted | RemittancePosted]] = Invariant(
    name="checks-posted",
    about="The ledger has each posted check's money, and what was taken outside its claims.",
    events=(LedgerPosted, RemittancePosted),
    keys=lambda event: (event.remittance_id,) if event.remittance_id else (),
    apply=_received,
    is_broken=lambda _: True,
)


@dataclass(frozen=True, slots=True)
class Shares:
    """Who bears what, by a batch until the decision that it posts. **Units**: cents."""

    paid_cents: int
    denied_cents: int
    patient_cents: int
    contractual_cents: int | None = None


def _decided(row: Shares | None, event: LedgerPosted | Decision) -> Shares | None:
    match event:
        case LedgerPosted():
            return _shares(event) if event.kind in {"payment", "reversal"} else row
        case PaymentReversed():  # it says nothing of the contract
            said = Shares(event.paid_cents, event.denied_cents, event.patient_cents)
            return None if row and replace(row, contractual_cents=None) == said else said
        case _:
            said = Shares(event.paid_cents, event.denied_cents, event.patient_cents, event.contractual_cents)
            return None if row == said else said


def _shares(event: LedgerPosted) -> Shares:
    return Shares(
        _balance(event.entries, *_MONEY),
        _balance(event.entries, Account.AR_DENIED),
        _balance(event.entries, Account.AR_PATIENT),
        _balance(event.entries, *_GIVEN_UP),
    )


DECISIONS: Final[Invariant[Shares, LedgerPosted | Decision]] = Invariant(
    name="decisions-posted",
    about="What is published of each decision is what its batch posted, and no batch is without one.",
    events=(LedgerPosted, ClaimPaid, ClaimPartiallyPaid, ClaimDenied, PaymentReversed),
    keys=lambda event: (event.batch_id if isinstance(event, LedgerPosted) else event.ledger_batch_id,),
    apply=_decided,
    is_broken=lambda _: True,
)


@dataclass(frozen=True, slots=True)
class Split:
    """What became of all charges. **Units**: cents; `owed_cents` by payers, what is unposted among it."""

    charged_cents: int = 0
    paid_cents: int = 0
    contractual_cents: int = 0
    denied_cents: int = 0
    patient_cents: int = 0
    owed_cents: int = 0


def _split(row: Split | None, event: LedgerPosted) -> Split:
    row, posted = row or Split(), event.entries
    received_cents = _balance(posted, Account.CASH, Account.PROVIDER_ADJUSTMENTS, *_MONEY)
    return Split(
        row.charged_cents - _balance(posted, Account.CHARGES),
        row.paid_cents + received_cents,
        row.contractual_cents + _balance(posted, *_GIVEN_UP),
        row.denied_cents + _balance(posted, Account.AR_DENIED),
        row.patient_cents + _balance(posted, Account.AR_PATIENT),
        row.owed_cents + _balance(posted, Account.AR_PAYER),
    )


def _does_not_add_up(row: Split) -> bool:
    borne_cents = row.paid_cents + row.contractual_cents + row.denied_cents + row.patient_cents + row.owed_cents
    return row.charged_cents != borne_cents


SPLIT: Final[Invariant[Split, LedgerPosted]] = Invariant(
    name="every-cent",
    about="Charged is paid, contractual, denied, the patient's, open and unposted together.",
    events=(LedgerPosted,),
    keys=lambda _: ("ledger",),
    apply=_split,
    is_broken=_does_not_add_up,
)

INVARIANTS: Final[tuple[Invariant[Any, Any], ...]] = (BALANCED, CLEARED, CHECKS, DECISIONS, SPLIT)
