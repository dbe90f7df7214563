"""A batch: claims in one file, from fixed bytes to the receiver's word that it has them.

Owns: that a file is sent by one attempt at a time and never again once it arrived, and what TA1 and 999 said of it.
Refuses: bytes (`claim_837.py`), sending (`effects.py`), what an answer means for a claim (`reactors.py`). An attempt
without a result is unknown: it stays open until the receiver is asked, or an acknowledgment proves that the file
arrived. Where asking tells nothing, a person lets it be sent again, or waits for that proof. A later success never
erases a failure.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias, assert_never

from services.claims.domain.batch_facts import (
    BatchAttempted,
    BatchedClaim,
    BatchEvent,
    BatchOutcomeUnknown,
    BatchQueued,
    BatchRequeued,
    BatchTransmitted,
    InterchangeAccepted,
    InterchangeRejected,
    SubmissionFailed,
    TransactionSetAccepted,
    TransactionSetRejected,
)
from shared.kernel.decider import Decider
from shared.kernel.errors import Rejected
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueBatch:
    """Let a file be sent. **Shape**: bytes, numbers and claims belong together for ever."""

    batch_id: str
    receiver_id: str
    channel: str
    interchange_control_number: str
    group_control_number: str
    file_sha256: str
    claims: tuple[BatchedClaim, ...]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptBatch:
    """Begin to send: the fence against a second sender."""

    batch_id: str
    channel: str = "http"
    temporary_name: str | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTransmission:
    """Note that the receiver has the file."""

    batch_id: str
    receipt: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUnknown:
    """Note that nobody here can tell whether the receiver has the file."""

    batch_id: str
    reason: Literal["temporary-name-swept", "channel-changed", "nobody-answered"]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFailure:
    """Note that the receiver does not have the file, and whether the same bytes may be sent again."""

    batch_id: str
    error_slug: str
    retryable: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequeueBatch:
    """Let a file whose sending failed be sent again, byte for byte.

    **Shape**: `by_person` also where the receiver refused it (what it did not like may have been mended there), and
    where nobody could tell whether it has the file.
    """

    batch_id: str
    by_person: bool = False
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInterchangeAnswer:
    """Note what a TA1 said."""

    batch_id: str
    accepted: bool
    codes: tuple[str, ...]
    file_sha256: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSetAnswer:
    """Note what a 999 said of one transaction set; None: of all that the group holds."""

    batch_id: str
    transaction_control_number: str | None
    accepted: bool
    codes: tuple[str, ...]
    file_sha256: str
    now: datetime


Command: TypeAlias = (
    QueueBatch
    | AttemptBatch
    | RecordTransmission
    | RecordUnknown
    | RecordFailure
    | RequeueBatch
    | RecordInterchangeAnswer
    | RecordSetAnswer
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A file; `None` in its place means that there is none.

    **Shape**: `attempt_open` between an attempt and its result, `unknown` where asking told nothing; `may_retry` after
    a failure that allows it, or once somebody wants it (`requeued`); `answers` are those recorded, so that a repeat
    adds nothing; `accepted` where a TA1 or 999 took the file or a part of it.
    """

    file_sha256: str
    claims: tuple[BatchedClaim, ...]
    attempts: int = 0
    attempt_open: bool = False
    unknown: bool = False
    transmitted: bool = False
    may_retry: bool = False
    requeued: bool = False
    answers: frozenset[tuple[str, ...]] = frozenset()
    accepted: bool = False

    def claim_ids(self, transaction_control_number: str | None = None) -> tuple[str, ...]:
        """Return the claims of one transaction set, or of all."""
        every = transaction_control_number is None
        return tuple(
            claim.claim_id
            for claim in self.claims
            if every or claim.transaction_control_number == transaction_control_number
        )


class AttemptRefused(Rejected):
    """A file is sent by one attempt at a time, and not again after it arrived or failed for good."""

    slug = "attempt-refused"


class BatchNotFailed(Rejected):
    """A person can only requeue a file whose sending failed or is unknown, and that is not under way again."""

    slug = "batch-not-failed"


class BatchExists(Rejected):
    """A batch is queued once."""

    slug = "batch-exists"


def decide(batch: Batch | None, command: Command) -> tuple[BatchEvent, ...]:  # noqa: PLR0911 (one per command)
    """Return the facts that a command adds; none for a repeat or a file that is not ours.

    **Errors**: `AttemptRefused`, `BatchExists`, `BatchNotFailed`.
    """
    match command:
        case QueueBatch():
            return (_queue(batch, command),)
        case AttemptBatch():
            return (_attempt(batch, command),)
        case RecordTransmission():
            return _transmitted(batch, command.batch_id, command.receipt, command.now)
        case RecordUnknown():
            return _lose(batch, command)
        case RecordFailure():
            return _fail(batch, command)
        case RequeueBatch():
            return _requeue(batch, command)
        case RecordInterchangeAnswer():
            return _answer_interchange(batch, command)
        case RecordSetAnswer():
            return _answer_set(batch, command)
        case _:
            assert_never(command)


def _queue(batch: Batch | None, command: QueueBatch) -> BatchQueued:
    if batch is not None:
        raise BatchExists("the batch was queued before")
    return BatchQueued(
        batch_id=command.batch_id,
        receiver_id=command.receiver_id,
        channel=command.channel,
        interchange_control_number=command.interchange_control_number,
        group_control_number=command.group_control_number,
        file_sha256=command.file_sha256,
        claims=command.claims,
        queued_at=command.now,
    )


def _attempt(batch: Batch | None, command: AttemptBatch) -> BatchAttempted:
    if batch is None or batch.attempt_open or batch.transmitted or (batch.attempts and not batch.may_retry):
        raise AttemptRefused("the file is under way, has arrived, or failed for good")
    return BatchAttempted(
        batch_id=command.batch_id,
        attempt=batch.attempts + 1,
        attempted_at=command.now,
        channel=command.channel,
        temporary_name=command.temporary_name,
    )


def _transmitted(batch: Batch | None, batch_id: str, receipt: str, now: datetime) -> tuple[BatchEvent, ...]:
    if batch is None or batch.transmitted:
        return ()
    return (BatchTransmitted(batch_id=batch_id, attempt=batch.attempts, receipt=receipt, transmitted_at=now),)


def _lose(batch: Batch | None, command: RecordUnknown) -> tuple[BatchEvent, ...]:
    if batch is None or not batch.attempt_open or batch.unknown:
        return ()
    return (
        BatchOutcomeUnknown(
            batch_id=command.batch_id, attempt=batch.attempts, reason=command.reason, noted_at=command.now
        ),
    )


def _fail(batch: Batch | None, command: RecordFailure) -> tuple[BatchEvent, ...]:
    if batch is None or not batch.attempt_open:
        return ()
    return (
        SubmissionFailed(
            batch_id=command.batch_id,
            attempt=batch.attempts,
            error_slug=command.error_slug,
            retryable=command.retryable,
            claim_ids=batch.claim_ids(),
            failed_at=command.now,
        ),
    )


def _requeue(batch: Batch | None, command: RequeueBatch) -> tuple[BatchEvent, ...]:
    failed = batch is not None and batch.attempts and (batch.unknown or not batch.attempt_open)
    if batch is None or not failed or batch.transmitted or batch.requeued:
        if command.by_person:
            raise BatchNotFailed("the file did not fail, or is under way again")
        return ()
    if not batch.may_retry and not command.by_person:
        return ()
    return (BatchRequeued(batch_id=command.batch_id, file_sha256=batch.file_sha256, requeued_at=command.now),)


def _answer_interchange(batch: Batch | None, command: RecordInterchangeAnswer) -> tuple[BatchEvent, ...]:
    if batch is None or _said("TA1", command) in batch.answers:
        return ()
    if batch.accepted and not command.accepted:
        return ()  # what was accepted is with payers: the contradiction is kept for a person, and rejects no claim
    event = InterchangeAccepted if command.accepted else InterchangeRejected
    answered = event(
        batch_id=command.batch_id,
        codes=command.codes,
        file_sha256=command.file_sha256,
        claim_ids=batch.claim_ids(),
        answered_at=command.now,
    )
    return (*_transmitted(batch, command.batch_id, "TA1", command.now), answered)


def _answer_set(batch: Batch | None, command: RecordSetAnswer) -> tuple[BatchEvent, ...]:
    if batch is None:
        return ()
    numbers = dict.fromkeys(claim.transaction_control_number for claim in batch.claims)
    asked = numbers if command.transaction_control_number is None else (command.transaction_control_number,)
    event = TransactionSetAccepted if command.accepted else TransactionSetRejected
    answered = tuple(
        event(
            batch_id=command.batch_id,
            transaction_control_number=number,
            codes=command.codes,
            file_sha256=command.file_sha256,
            claim_ids=batch.claim_ids(number),
            answered_at=command.now,
        )
        for number in asked
        if number in numbers and _said(number, command) not in batch.answers
    )
    return (*_transmitted(batch, command.batch_id, "999", command.now), *answered) if answered else ()


def evolve(batch: Batch | None, event: BatchEvent) -> Batch | None:  # noqa: PLR0911 (one per fact)
    """Return the state after a stored fact. Nothing comes of facts about a file that was never queued."""
    if isinstance(event, BatchQueued):
        return Batch(file_sha256=event.file_sha256, claims=event.claims)
    if batch is None:
        return None
    match event:
        case BatchAttempted():
            return replace(batch, attempts=event.attempt, attempt_open=True, may_retry=False, requeued=False)
        case BatchTransmitted():
            return replace(batch, transmitted=True, attempt_open=False, unknown=False, may_retry=False)
        case BatchOutcomeUnknown():
            return replace(batch, unknown=True)
        case SubmissionFailed():
            return replace(batch, attempt_open=False, unknown=False, may_retry=event.retryable)
        case BatchRequeued():
            return replace(batch, attempt_open=False, unknown=False, may_retry=True, requeued=True)
        case InterchangeAccepted() | InterchangeRejected():
            accepted = batch.accepted or isinstance(event, InterchangeAccepted)
            return replace(batch, answers=batch.answers | {_said("TA1", event)}, accepted=accepted)
        case TransactionSetAccepted() | TransactionSetRejected():
            accepted = batch.accepted or isinstance(event, TransactionSetAccepted)
            said = _said(event.transaction_control_number, event)
            return replace(batch, answers=batch.answers | {said}, accepted=accepted)
        case _:
            assert_never(event)


Answer: TypeAlias = (
    RecordInterchangeAnswer
    | RecordSetAnswer
    | InterchangeAccepted
    | InterchangeRejected
    | TransactionSetAccepted
    | TransactionSetRejected
)


def _said(what: str, answer: Answer) -> tuple[str, ...]:
    """Return what makes an answer the same as another one: what is answered, file and codes."""
    return (what, answer.file_sha256, *answer.codes)


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per file."""
    return f"batch-{command.batch_id}"


BATCHES: Final[Decider[Batch | None, Command, BatchEvent]] = Decider(
    commands=members(Command), events=members(BatchEvent), stream=stream, initial=None, decide=decide, evolve=evolve
)
