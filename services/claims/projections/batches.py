"""Every file that goes out: whether it left, how often it was tried, what was said of it.

A later success never hides a failure: `failures` keeps every one.
"""

from datetime import datetime
from typing import Final, Literal, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

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
from shared.kernel.projection import Projection, one_stream
from shared.kernel.unions import members

Status: TypeAlias = Literal["queued", "attempted", "unknown", "failed", "failed-for-good", "transmitted"]


class Failure(Struct, frozen=True, kw_only=True):
    """One try that failed."""

    attempt: int
    error_slug: str
    retryable: bool
    failed_at: datetime


class FileAnswer(Struct, frozen=True, kw_only=True):
    """What a TA1 or a 999 said. **Shape**: `transaction_control_number` is None for a TA1."""

    transaction_control_number: str | None
    accepted: bool
    codes: tuple[str, ...]
    file_sha256: str
    answered_at: datetime


class BatchRow(Struct, frozen=True, kw_only=True):
    """One row: a file. **Shape**: `attempted_at`, `attempt_channel` and `temporary_name` of the last try.

    `unknown_reason` as long as nobody can tell what became of it.
    """

    batch_id: str
    status: Status
    receiver_id: str
    channel: str
    interchange_control_number: str
    group_control_number: str
    file_sha256: str
    claims: tuple[BatchedClaim, ...]
    queued_at: datetime
    attempts: int = 0
    attempted_at: datetime | None = None
    attempt_channel: str | None = None
    temporary_name: str | None = None
    unknown_reason: str | None = None
    transmitted_at: datetime | None = None
    receipt: str | None = None
    failures: tuple[Failure, ...] = ()
    answers: tuple[FileAnswer, ...] = ()


def keys(event: BatchEvent) -> tuple[str, ...]:
    """Return the batch."""
    return (event.batch_id,)


def apply(row: BatchRow | None, event: BatchEvent) -> BatchRow | None:  # noqa: PLR0911 (one per fact)
    """Return the file after a fact."""
    if isinstance(event, BatchQueued):
        return BatchRow(
            batch_id=event.batch_id,
            status="queued",
            receiver_id=event.receiver_id,
            channel=event.channel,
            interchange_control_number=event.interchange_control_number,
            group_control_number=event.group_control_number,
            file_sha256=event.file_sha256,
            claims=event.claims,
            queued_at=event.queued_at,
        )
    if row is None:
        return None
    match event:
        case BatchAttempted():
            return replace(
                row,
                status="attempted",
                attempts=event.attempt,
                attempted_at=event.attempted_at,
                attempt_channel=event.channel,
                temporary_name=event.temporary_name,
            )
        case BatchTransmitted():
            return replace(
                row,
                status="transmitted",
                transmitted_at=event.transmitted_at,
                receipt=event.receipt,
                unknown_reason=None,
            )
        case BatchOutcomeUnknown():
            return replace(row, status="unknown", unknown_reason=event.reason)
        case SubmissionFailed():
            failure = Failure(
                attempt=event.attempt,
                error_slug=event.error_slug,
                retryable=event.retryable,
                failed_at=event.failed_at,
            )
            status: Status = "failed" if event.retryable else "failed-for-good"
            return replace(row, status=status, failures=(*row.failures, failure), unknown_reason=None)
        case BatchRequeued():
            return replace(row, status="queued", unknown_reason=None)
        case InterchangeAccepted() | InterchangeRejected():
            return _answered(row, event, None, accepted=isinstance(event, InterchangeAccepted))
        case TransactionSetAccepted() | TransactionSetRejected():
            number = event.transaction_control_number
            return _answered(row, event, number, accepted=isinstance(event, TransactionSetAccepted))
        case _:
            assert_never(event)


def _answered(
    row: BatchRow,
    event: InterchangeAccepted | InterchangeRejected | TransactionSetAccepted | TransactionSetRejected,
    number: str | None,
    *,
    accepted: bool,
) -> BatchRow:
    answer = FileAnswer(
        transaction_control_number=number,
        accepted=accepted,
        codes=event.codes,
        file_sha256=event.file_sha256,
        answered_at=event.answered_at,
    )
    return replace(row, answers=(*row.answers, answer))


BATCH_ROWS: Final[Projection[BatchRow, BatchEvent]] = Projection(
    name="batches",
    version=2,
    source="own",
    row=BatchRow,
    events=members(BatchEvent),
    keys=keys,
    apply=apply,
    streams=one_stream("batch"),
    filters=("status",),
    countable=("status",),
)
