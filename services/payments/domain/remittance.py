"""A remittance: one check or transfer of a payer, received once, gated as a whole, posted as a whole.

Owns: identity of a check, the gate, duplicates, and the check's own batch in the ledger. Refuses: to mend amounts; a
check that does not balance waits for a person, and nothing of it is posted. Its claims post in their own streams
(`claim_account.py`), in the same unit as `FinishPosting`. Next: `remittance_835.py` makes `ReceiveRemittance`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal, TypeAlias, assert_never

from services.payments.domain import ledger
from services.payments.domain.adjudication import ClaimPayment
from services.payments.domain.ledger import LedgerPosted
from services.payments.domain.remittance_facts import (
    ClaimPaymentRead,
    DuplicateRemittanceDetected,
    MatchMethod,
    ProviderAdjustment,
    QuarantineEnded,
    QuarantineLevel,
    RemittanceClaimMatched,
    RemittanceClaimUnmatched,
    RemittanceFact,
    RemittanceQuarantined,
    RemittanceRead,
    RemittanceSource,
)
from shared.events.payments import ProviderAdjustmentPosted, RemittancePosted, RemittanceReceived
from shared.kernel.decider import Decider, Name
from shared.kernel.unions import members

Stage: TypeAlias = Literal["unknown", "received", "posted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """Why a check may not be posted. **Units**: cents."""

    level: QuarantineLevel
    reason: str
    difference_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """A check as it stands. **Shape**: `held` are the bodies in quarantine; `files` all that brought the check."""

    stage: Stage = "unknown"
    body_sha256: str = ""
    file_sha256: str = ""
    paid_cents: int = 0
    payments: tuple[ClaimPayment, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    unapplied: frozenset[int] = frozenset()
    files: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    held_cents: int = 0
    held_reason: str = ""
    waits_for: frozenset[str] = frozenset()

    @property
    def is_held(self) -> bool:
        """Return whether it was read and balances, and could not be posted when it came."""
        return self.stage == "received" and self.body_sha256 in self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveRemittance:
    """Take in one ST of an 835.

    **Shape**: `quarantine` is what the gate found. A check with more claims than are posted at once has no `payments`,
    whatever else the gate found; `claim_count` counts them all. `reading_id` is new with every try.
    """

    remittance_id: str
    reading_id: str
    payer_identifier: str
    trace_number: str
    originator: str
    paid_cents: int
    paid_on: date | None
    method: str
    claim_count: int
    payments: tuple[ClaimPayment, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...]
    quarantine: Quarantine | None
    transaction_control_number: str
    file_sha256: str
    body_sha256: str
    source: RemittanceSource
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which claim a payment of the check belongs to."""

    index: int
    patient_control_number: str
    claim_id: str
    method: MatchMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishPosting:
    """Post what a check posts besides its claims, and close it; held till now or not.

    **Shape**: payments without a match go unapplied.
    """

    remittance_id: str
    matches: tuple[Match, ...]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchClaimPayment:
    """Tie a payment that waited without a claim to the claim that turned up."""

    remittance_id: str
    match: Match
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRemittance:
    """Hold a check that was read, because it cannot be posted as a whole; `waits_for` may change that."""

    remittance_id: str
    quarantine: Quarantine
    waits_for: tuple[str, ...] = ()
    now: datetime


Command: TypeAlias = ReceiveRemittance | FinishPosting | MatchClaimPayment | QuarantineRemittance


def decide(check: Remittance, command: Command) -> tuple[RemittanceFact, ...]:
    """Return the facts that a command adds, none where it changes nothing."""
    match command:
        case ReceiveRemittance():
            return _receive(check, command)
        case FinishPosting():
            return tuple(_finish(check, command)) if check.stage == "received" else ()
        case MatchClaimPayment():
            return _match_late(check, command)
        case QuarantineRemittance():
            return _quarantine_read(check, command)
        case _:
            assert_never(command)


def _receive(check: Remittance, command: ReceiveRemittance) -> tuple[RemittanceFact, ...]:
    """Tell the same check again from another one under its name, and both from a first one.

    A mended explanation takes the place of one that is held, never of one that is posted or about to be. One that was
    held and passes the gate now, because a limit was raised, is taken.
    """
    passes_now = not check.body_sha256 and command.quarantine is None and command.paid_on is not None
    if (command.body_sha256 in check.held and not passes_now) or command.body_sha256 == (check.body_sha256 or None):
        return _again(check, command)
    if check.body_sha256 and (not check.is_held or command.quarantine or command.paid_on is None):
        return (_hold(check, command, Quarantine(level="identity", reason="same-trace-other-content")),)
    if command.quarantine is not None:
        return (_hold(check, command, command.quarantine),)
    if command.paid_on is None:
        return (_hold(check, command, Quarantine(level="transaction", reason="payment-date-missing")),)
    return tuple(_take(check, command, command.paid_on))


def _again(check: Remittance, command: ReceiveRemittance) -> tuple[DuplicateRemittanceDetected, ...]:
    if command.file_sha256 in check.files:
        return ()
    detected = DuplicateRemittanceDetected(
        remittance_id=command.remittance_id,
        file_sha256=command.file_sha256,
        body_sha256=command.body_sha256,
        transaction_control_number=command.transaction_control_number,
        source=command.source,
        detected_at=command.now,
    )
    return (detected,)


def _hold(check: Remittance, command: ReceiveRemittance, why: Quarantine) -> RemittanceQuarantined:
    # The money of one check is counted once, however many versions of its explanation came.
    return RemittanceQuarantined(
        remittance_id=command.remittance_id,
        level=why.level,
        difference_cents=why.difference_cents,
        reason=why.reason,
        payer_identifier=command.payer_identifier,
        trace_number=command.trace_number,
        paid_cents=command.paid_cents,
        unposted_cents=0 if check.held or check.body_sha256 else command.paid_cents,
        claim_count=command.claim_count,
        transaction_control_number=command.transaction_control_number,
        file_sha256=command.file_sha256,
        body_sha256=command.body_sha256,
        quarantined_at=command.now,
    )


def _take(check: Remittance, command: ReceiveRemittance, paid_on: date) -> Iterator[RemittanceFact]:
    for body_sha256 in sorted(check.held):
        yield _ended(check, body_sha256, command)
    yield RemittanceReceived(
        remittance_id=command.remittance_id,
        payer_identifier=command.payer_identifier,
        trace_number=command.trace_number,
        originator=command.originator,
        paid_cents=command.paid_cents,
        paid_on=paid_on,
        method=command.method,
        claim_count=command.claim_count,
        file_sha256=command.file_sha256,
        body_sha256=command.body_sha256,
        received_at=command.now,
    )
    yield RemittanceRead(
        remittance_id=command.remittance_id,
        reading_id=command.reading_id,
        transaction_control_number=command.transaction_control_number,
        source=command.source,
        released_cents=check.held_cents,
        provider_adjustments=command.provider_adjustments,
        read_at=command.now,
    )
    for payment in command.payments:
        yield ClaimPaymentRead(remittance_id=command.remittance_id, payment=payment)


def _ended(
    check: Remittance, body_sha256: str, command: ReceiveRemittance | FinishPosting, *, released_cents: int = 0
) -> QuarantineEnded:
    return QuarantineEnded(
        remittance_id=command.remittance_id,
        body_sha256=body_sha256,
        released_cents=released_cents,
        waits_for=tuple(sorted(check.waits_for)),
        ended_at=command.now,
    )


def _finish(check: Remittance, command: FinishPosting) -> Iterator[RemittanceFact]:
    if check.is_held:
        yield _ended(check, check.body_sha256, command, released_cents=check.held_cents)
    matches = {match.index: match for match in command.matches}
    unmatched = [payment for payment in check.payments if payment.index not in matches]
    for match in command.matches:
        yield _matched(command.remittance_id, match, command.now)
    for payment in unmatched:
        yield RemittanceClaimUnmatched(
            remittance_id=command.remittance_id,
            index=payment.index,
            patient_control_number=payment.patient_control_number,
            paid_cents=payment.paid_cents,
            reason="no-claim-has-this-control-number",
            unmatched_at=command.now,
        )
    for adjustment in check.provider_adjustments:
        yield ProviderAdjustmentPosted(
            remittance_id=command.remittance_id,
            plb_code=adjustment.plb_code,
            reference=adjustment.reference,
            amount_cents=adjustment.amount_cents,
            posted_at=command.now,
        )
    adjusted = [adjustment.amount_cents for adjustment in check.provider_adjustments]
    yield LedgerPosted(
        batch_id=f"{command.remittance_id}/receipt",
        subject_id=command.remittance_id,
        kind="receipt",
        entries=ledger.receipt(
            check.paid_cents,
            provider_adjustments_cents=adjusted,
            unapplied_cents=[payment.paid_cents for payment in unmatched],
        ),
        remittance_id=command.remittance_id,
        file_sha256=check.file_sha256,
        posted_at=command.now,
    )
    yield RemittancePosted(
        remittance_id=command.remittance_id,
        paid_cents=check.paid_cents,
        claim_count=len(check.payments),
        unmatched_count=len(unmatched),
        provider_adjustment_cents=sum(adjusted),
        posted_at=command.now,
    )


def _matched(remittance_id: str, match: Match, now: datetime) -> RemittanceClaimMatched:
    return RemittanceClaimMatched(
        remittance_id=remittance_id,
        index=match.index,
        patient_control_number=match.patient_control_number,
        claim_id=match.claim_id,
        method=match.method,
        matched_at=now,
    )


def _match_late(check: Remittance, command: MatchClaimPayment) -> tuple[RemittanceClaimMatched, ...]:
    if command.match.index not in check.unapplied:
        return ()
    return (_matched(command.remittance_id, command.match, command.now),)


def _quarantine_read(check: Remittance, command: QuarantineRemittance) -> tuple[RemittanceQuarantined, ...]:
    why = command.quarantine
    is_known = check.is_held and why.reason == check.held_reason and check.waits_for.issuperset(command.waits_for)
    if check.stage != "received" or is_known:
        return ()
    quarantined = RemittanceQuarantined(
        remittance_id=command.remittance_id,
        level=why.level,
        difference_cents=why.difference_cents,
        reason=why.reason,
        payer_identifier=None,
        trace_number=None,
        paid_cents=check.paid_cents,
        unposted_cents=0 if check.is_held else check.paid_cents,
        claim_count=len(check.payments),
        transaction_control_number=None,
        file_sha256=check.file_sha256,
        body_sha256=check.body_sha256,
        waits_for=command.waits_for,
        quarantined_at=command.now,
    )
    return (quarantined,)


def evolve(check: Remittance, event: RemittanceFact) -> Remittance:  # noqa: C901, PLR0911 (one branch for each fact)
    """Return the check after a stored fact."""
    match event:
        case RemittanceReceived():
            return replace(
                check,
                stage="received",
                body_sha256=event.body_sha256,
                file_sha256=event.file_sha256,
                paid_cents=event.paid_cents,
                payments=(),
                provider_adjustments=(),
                files=check.files | {event.file_sha256},
                held_cents=0,
            )
        case RemittanceRead():
            return replace(check, provider_adjustments=event.provider_adjustments)
        case ClaimPaymentRead():
            return replace(check, payments=(*check.payments, event.payment))
        case RemittanceQuarantined():
            return replace(
                check,
                held=check.held | {event.body_sha256},
                held_cents=check.held_cents + event.unposted_cents,
                held_reason=event.reason if event.body_sha256 == check.body_sha256 else check.held_reason,
                waits_for=check.waits_for | set(event.waits_for),
                files=check.files | {event.file_sha256},
            )
        case QuarantineEnded():
            return replace(
                check,
                held=check.held - {event.body_sha256},
                held_cents=check.held_cents - event.released_cents,
                waits_for=check.waits_for - set(event.waits_for),
            )
        case DuplicateRemittanceDetected():
            return replace(check, files=check.files | {event.file_sha256})
        case RemittanceClaimMatched():
            return replace(check, unapplied=check.unapplied - {event.index})
        case RemittanceClaimUnmatched():
            return replace(check, unapplied=check.unapplied | {event.index})
        case RemittancePosted():
            return replace(check, stage="posted")
        case LedgerPosted() | ProviderAdjustmentPosted():
            return check
        case _:
            assert_never(event)


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per check; its id follows from its natural key."""
    return f"remittance-{command.remittance_id}"


def names(event: RemittanceFact) -> tuple[Name, ...]:
    """Return what a received check reserves: who paid under which number, and what it says between ST and SE."""
    if not isinstance(event, RemittanceReceived):
        return ()
    key = (event.payer_identifier, event.trace_number, event.originator)
    return (Name("remittance", "\x1f".join(key)), Name("remittance_body", event.body_sha256))


REMITTANCES: Final[Decider[Remittance, Command, RemittanceFact]] = Decider(
    commands=members(Command),
    events=members(RemittanceFact),
    stream=stream,
    initial=Remittance(),
    decide=decide,
    evolve=evolve,
    names=names,
)
