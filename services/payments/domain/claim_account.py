"""The money of one claim: what was charged, what each payer decided, what was taken back.

Owns: the postings of a claim and the decisions that payers took on it. Refuses: which check a payment came with, and
whether that balances (`remittance.py`). Every command may come twice, and charge and payment in any order: what a claim
stands at is a sum. Next: `ledger.py`, `adjudication.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, TypeAlias, assert_never

from msgspec import Meta

from services.payments.domain import ledger
from services.payments.domain.adjudication import Adjudication, ClaimPayment, Outcome, adjudicate
from services.payments.domain.ledger import Entry, LedgerPosted
from shared.events.envelope import Event
from shared.events.payments import ClaimDenied, ClaimPaid, ClaimPartiallyPaid
from shared.events.registration import FilingOrder
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.errors import Rejected
from shared.kernel.identifiers import ClaimId, PatientId, PayerClaimNumber, RemittanceId
from shared.kernel.unions import members


class PaymentReversed(Event, frozen=True, kw_only=True):
    """A payer took a decision on a claim back. **Moment**: posted. **Key**: `claim_id`. **Versions**: 1 (2026-11)."""

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    patient_id: PatientId
    remittance_id: RemittanceId
    payer_claim_number: Annotated[
        PayerClaimNumber | None, Meta(description="The payer's number (CLP07).", examples=["ICN1"])
    ]
    reversed_batch_id: ledger.BatchId
    charged_cents: Annotated[int, Meta(description="CLP03, in cents: negative.", examples=[-15000])]
    paid_cents: Annotated[int, Meta(description="CLP04, in cents: negative.", examples=[-10000])]
    denied_cents: Annotated[int, Meta(description="Change of what is refused, in cents.", examples=[0])]
    patient_cents: Annotated[int, Meta(description="Change of what the patient owes, in cents.", examples=[-2000])]
    ledger_batch_id: ledger.BatchId
    reversed_at: Instant


ClaimDecision: TypeAlias = ClaimPaid | ClaimPartiallyPaid | ClaimDenied
ClaimAccountEvent: TypeAlias = ClaimDecision | PaymentReversed | LedgerPosted


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A payer's decision as it was posted. **Units**: cents."""

    entries: tuple[Entry, ...]
    denied_cents: int = 0
    patient_cents: int = 0
    is_reversed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAccount:
    """What stands on a claim. **Shape**: `postings` are payers' decisions by batch, `batches` all posted ids."""

    charged_cents: int = 0
    batches: frozenset[str] = frozenset()
    postings: Mapping[str, Posting] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCharge:
    """Charge what a claim is priced at; priced anew, only the difference."""

    claim_id: str
    patient_id: str
    charge_cents: int
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PostClaimPayment:
    """Post a payer's decision on the claim, with money from the check or from what was kept unapplied."""

    claim_id: str
    submission_id: str
    patient_id: str
    filing_order: FilingOrder
    remittance_id: str
    payment: ClaimPayment
    paid_on: date
    source: ledger.Source
    file_sha256: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseClaimPayment:
    """Undo a decision that was posted, because the payer takes it back."""

    claim_id: str
    patient_id: str
    remittance_id: str
    payment: ClaimPayment
    reversed_batch_id: str
    file_sha256: str
    now: datetime


Command: TypeAlias = PostCharge | PostClaimPayment | ReverseClaimPayment


def batch_id(remittance_id: str, index: int) -> str:
    """Return the id of the posting of one claim of a check."""
    return f"{remittance_id}/{index}"


def decide(account: ClaimAccount, command: Command) -> tuple[ClaimAccountEvent, ...]:
    """Return the batch and the fact that a command adds; none where it is posted already.

    **Errors**: `OriginalNotPosted`.
    """
    match command:
        case PostCharge():
            return _charge(account, command)
        case PostClaimPayment():
            return _pay(account, command)
        case ReverseClaimPayment():
            return _reverse(account, command)
        case _:
            assert_never(command)


def _charge(account: ClaimAccount, command: PostCharge) -> tuple[LedgerPosted, ...]:
    change_cents = command.charge_cents - account.charged_cents
    if not change_cents:
        return ()
    posted = LedgerPosted(
        batch_id=f"{command.claim_id}/charge/{len(account.batches) + 1}",
        subject_id=command.claim_id,
        kind="charge",
        entries=ledger.charge(change_cents),
        claim_id=command.claim_id,
        patient_id=command.patient_id,
        posted_at=command.now,
    )
    return (posted,)


def _pay(account: ClaimAccount, command: PostClaimPayment) -> tuple[ClaimAccountEvent, ...]:
    posting = batch_id(command.remittance_id, command.payment.index)
    if posting in account.batches or not command.payment.posts:
        return ()
    adjudication = adjudicate(command.payment, command.paid_on)
    posted = LedgerPosted(
        batch_id=posting,
        subject_id=command.claim_id,
        kind="payment",
        entries=ledger.payment(adjudication, command.source),
        claim_id=command.claim_id,
        patient_id=command.patient_id,
        remittance_id=command.remittance_id,
        file_sha256=command.file_sha256,
        posted_at=command.now,
    )
    return (posted, _decision(account, command, adjudication))


def _decision(account: ClaimAccount, command: PostClaimPayment, adjudication: Adjudication) -> ClaimDecision:
    said = _said(command, adjudication)
    match adjudication.outcome:
        case Outcome.PAID:
            return ClaimPaid(**said)
        case Outcome.PARTIALLY_PAID:
            return ClaimPartiallyPaid(**said)
        case Outcome.DENIED:
            return ClaimDenied(**said, is_initial=not account.postings, reasons=adjudication.reasons)
        case _:
            assert_never(adjudication.outcome)


def _said(command: PostClaimPayment, adjudication: Adjudication) -> dict[str, Any]:
    """Return the fields that the three decisions have in common; what earlier payers did counts as given up."""
    payment = command.payment
    return {
        "claim_id": command.claim_id,
        "submission_id": command.submission_id,
        "patient_id": command.patient_id,
        "remittance_id": command.remittance_id,
        "filing_order": command.filing_order,
        "claim_status_code": payment.claim_status_code,
        "payer_claim_number": payment.payer_claim_number,
        "charged_cents": adjudication.charged_cents,
        "paid_cents": adjudication.paid_cents,
        "contractual_cents": adjudication.contractual_cents + adjudication.other_cents,
        "denied_cents": adjudication.denied_cents,
        "patient_cents": adjudication.patient_cents,
        "lines": payment.lines,
        "adjustments": payment.adjustments,
        "ledger_batch_id": batch_id(command.remittance_id, payment.index),
        "posted_at": command.now,
    }


class OriginalNotPosted(Rejected):
    """A reversal undoes a decision that stands on this claim, once."""

    slug = "original-not-posted"


def _reverse(account: ClaimAccount, command: ReverseClaimPayment) -> tuple[ClaimAccountEvent, ...]:
    posting = batch_id(command.remittance_id, command.payment.index)
    if posting in account.batches:
        return ()
    original = account.postings.get(command.reversed_batch_id)
    if original is None or original.is_reversed:
        raise OriginalNotPosted("there is no posting to undo")
    posted = LedgerPosted(
        batch_id=posting,
        subject_id=command.claim_id,
        kind="reversal",
        entries=ledger.reversal(original.entries),
        claim_id=command.claim_id,
        patient_id=command.patient_id,
        remittance_id=command.remittance_id,
        file_sha256=command.file_sha256,
        reverses=command.reversed_batch_id,
        posted_at=command.now,
    )
    reversed_ = PaymentReversed(
        claim_id=command.claim_id,
        patient_id=command.patient_id,
        remittance_id=command.remittance_id,
        payer_claim_number=command.payment.payer_claim_number,
        reversed_batch_id=command.reversed_batch_id,
        charged_cents=command.payment.charged_cents,
        paid_cents=command.payment.paid_cents,
        denied_cents=-original.denied_cents,
        patient_cents=-original.patient_cents,
        ledger_batch_id=posting,
        reversed_at=command.now,
    )
    return (posted, reversed_)


def evolve(account: ClaimAccount, event: ClaimAccountEvent) -> ClaimAccount:
    """Return the account after a stored fact."""
    match event:
        case LedgerPosted():
            return _posted(account, event)
        case ClaimPaid() | ClaimPartiallyPaid() | ClaimDenied():
            original = account.postings.get(event.ledger_batch_id, Posting(entries=()))
            decided = replace(original, denied_cents=event.denied_cents, patient_cents=event.patient_cents)
            return replace(account, postings={**account.postings, event.ledger_batch_id: decided})
        case PaymentReversed():
            original = account.postings.get(event.reversed_batch_id, Posting(entries=()))
            undone = replace(original, is_reversed=True)
            return replace(account, postings={**account.postings, event.reversed_batch_id: undone})
        case _:
            assert_never(event)


def _posted(account: ClaimAccount, event: LedgerPosted) -> ClaimAccount:
    return replace(
        account,
        charged_cents=account.charged_cents + ledger.charged(event.entries),
        batches=account.batches | {event.batch_id},
        postings={**account.postings, event.batch_id: Posting(entries=event.entries)}
        if event.kind == "payment"
        else account.postings,
    )


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per claim."""
    return f"claim_account-{command.claim_id}"


CLAIM_ACCOUNTS: Final[Decider[ClaimAccount, Command, ClaimAccountEvent]] = Decider(
    commands=members(Command),
    events=members(ClaimAccountEvent),
    stream=stream,
    initial=ClaimAccount(),
    decide=decide,
    evolve=evolve,
)
