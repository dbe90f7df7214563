"""Where the money of a claim stands, and every posting behind it with the check and the file that it came from."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias, assert_never

from services.payments.domain.adjudication import ClaimPayment
from services.payments.domain.claim_account import PaymentReversed
from services.payments.domain.ledger import Account, BatchKind, Entry, LedgerPosted
from shared.events.payments import ClaimDenied, ClaimPaid, ClaimPartiallyPaid
from shared.events.registration import FilingOrder
from shared.kernel.projection import Projection, one_stream
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True)
class AccountBatch:
    """One posting on the claim. **Shape**: `reverses` names the batch that it undoes."""

    batch_id: str
    kind: BatchKind
    entries: tuple[Entry, ...]
    posted_at: datetime
    remittance_id: str | None = None
    file_sha256: str | None = None
    reverses: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a payer that was posted. **Units**: cents."""

    batch_id: str
    outcome: str
    payer_claim_number: str | None
    charged_cents: int
    paid_cents: int
    patient_cents: int
    filing_order: FilingOrder = "primary"
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class ClaimAccountRow:
    """One row: a claim's money; charge = paid + contractual + denied + patient + open.

    **Shape**: keyed by claim. What earlier payers did counts as contractual. **Units**: cents.
    """

    claim_id: str
    patient_id: str | None = None
    charge_cents: int = 0
    paid_cents: int = 0
    contractual_cents: int = 0
    denied_cents: int = 0
    patient_cents: int = 0
    open_cents: int = 0
    batches: tuple[AccountBatch, ...] = ()
    decisions: tuple[Decision, ...] = ()


ClaimDecision: TypeAlias = ClaimPaid | ClaimPartiallyPaid | ClaimDenied
Fact: TypeAlias = LedgerPosted | ClaimDecision | PaymentReversed


def original(account: ClaimAccountRow | None, reversal: ClaimPayment) -> Decision | None:
    """Return the decision that a reversal takes back: the latest that stands, of the same number and amounts."""
    for decision in reversed(account.decisions if account else ()):
        same_amounts = (decision.charged_cents, decision.paid_cents) == (-reversal.charged_cents, -reversal.paid_cents)
        same_number = reversal.payer_claim_number in {None, decision.payer_claim_number}
        if same_amounts and same_number and not decision.is_reversed:
            return decision
    return None


def keys(event: Fact) -> tuple[str, ...]:
    """Return the claim that a fact is about; a check's own batch is about none."""
    return (event.claim_id,) if event.claim_id else ()


def apply(row: ClaimAccountRow | None, event: Fact) -> ClaimAccountRow | None:
    """Return the claim's money after a fact."""
    row = row or ClaimAccountRow(event.claim_id or "")
    match event:
        case LedgerPosted():
            return _posted(row, event)
        case ClaimPaid() | ClaimPartiallyPaid() | ClaimDenied():
            return replace(row, decisions=(*row.decisions, _decision(event)))
        case PaymentReversed():
            decisions = tuple(
                replace(each, is_reversed=True) if each.batch_id == event.reversed_batch_id else each
                for each in row.decisions
            )
            return replace(row, decisions=decisions)
        case _:
            assert_never(event)


def _posted(row: ClaimAccountRow, event: LedgerPosted) -> ClaimAccountRow:
    change = dict.fromkeys(Account, 0)
    for entry in event.entries:
        change[entry.account] += entry.debit_cents - entry.credit_cents
    batch = AccountBatch(
        batch_id=event.batch_id,
        kind=event.kind,
        entries=event.entries,
        posted_at=event.posted_at,
        remittance_id=event.remittance_id,
        file_sha256=event.file_sha256,
        reverses=event.reverses,
    )
    return replace(
        row,
        patient_id=event.patient_id or row.patient_id,
        charge_cents=row.charge_cents - change[Account.CHARGES],
        paid_cents=row.paid_cents + change[Account.REMITTANCE_CLEARING] + change[Account.UNAPPLIED],
        contractual_cents=row.contractual_cents + change[Account.CONTRACTUAL] + change[Account.OTHER_ADJUSTMENTS],
        denied_cents=row.denied_cents + change[Account.AR_DENIED],
        patient_cents=row.patient_cents + change[Account.AR_PATIENT],
        open_cents=row.open_cents + change[Account.AR_PAYER],
        batches=(*row.batches, batch),
    )


def _decision(event: ClaimDecision) -> Decision:
    return Decision(
        batch_id=event.ledger_batch_id,
        outcome=type(event).__name__,
        payer_claim_number=event.payer_claim_number,
        charged_cents=event.charged_cents,
        paid_cents=event.paid_cents,
        patient_cents=event.patient_cents,
        filing_order=event.filing_order,
    )


CLAIM_ACCOUNTS: Final[Projection[ClaimAccountRow, Fact]] = Projection(
    name="claim_accounts",
    version=1,
    source="own",
    row=ClaimAccountRow,
    events=members(Fact),
    keys=keys,
    apply=apply,
    streams=one_stream("claim_account"),
    filters=("patient_id",),
)
