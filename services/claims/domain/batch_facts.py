"""The facts of a batch; all private: `ClaimSubmitted` and `ClaimRejected` tell others what came of them."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct

from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.identifiers import BatchId, ClaimId, PatientControlNumber, Sha256, SubmissionId

Attempt = Annotated[int, Meta(description="Which try, from 1; 0 where none was recorded.", examples=[1], ge=0)]
ClaimIds = Annotated[
    tuple[str, ...],
    Meta(description="Claims that it is about.", examples=[["0190f3c2-0000-7000-8000-000000000007"]]),
]
Codes = Annotated[
    tuple[str, ...], Meta(description="Codes as answered, segment first.", examples=[["IK5:R", "IK5:5", "AK9:R"]])
]
TransactionControlNumber = Annotated[str, Meta(description="ST02.", examples=["0001"])]
_CLAIM = {
    "claim_id": "0190f3c2-0000-7000-8000-000000000007",
    "submission_id": "0190f3c2-0000-7000-8000-00000000000a",
    "patient_control_number": "CLM7H2K9Q4M1X",
    "transaction_control_number": "0001",
}


class BatchedClaim(Struct, frozen=True, kw_only=True):
    """One claim in a file."""

    claim_id: ClaimId
    submission_id: SubmissionId
    patient_control_number: PatientControlNumber
    transaction_control_number: TransactionControlNumber


class BatchQueued(Event, frozen=True, kw_only=True):
    """A file's bytes are fixed, and it is to be sent. **Moment**: the intent. **Key**: `batch_id`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "batch_id"
    batch_id: BatchId
    receiver_id: Annotated[str, Meta(description="Who receives (ISA08).", examples=["CLEARINGHOUSE"])]
    channel: Annotated[str, Meta(description="How it is sent.", examples=["http"])]
    interchange_control_number: Annotated[str, Meta(description="ISA13, nine digits.", examples=["000000001"])]
    group_control_number: Annotated[str, Meta(description="GS06.", examples=["1"])]
    file_sha256: Sha256
    claims: Annotated[tuple[BatchedClaim, ...], Meta(description="Claims, as in the file.", examples=[[_CLAIM]])]
    queued_at: Instant


class BatchAttempted(Event, frozen=True, kw_only=True):
    """A send begins; without a result it is unknown. **Key**: `batch_id`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "batch_id"
    batch_id: BatchId
    attempt: Attempt
    attempted_at: Instant
    channel: Annotated[str, Meta(description="How it is sent this time.", examples=["sftp"])] = "http"
    temporary_name: Annotated[
        str | None,
        Meta(
            description="Under which the file was uploaded before, to be renamed; none: nothing was.",
            examples=[".claimlog-0190f3c2-0000-7000-8000-000000000009-5f1d3ab27c90e4b8.tmp"],
        ),
    ] = None


class BatchTransmitted(Event, frozen=True, kw_only=True):
    """The receiver has the file. **Moment**: its receipt, or an acknowledgment. **Key**: `batch_id`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "batch_id"
    batch_id: BatchId
    attempt: Attempt
    receipt: Annotated[str, Meta(description="The receiver's receipt, or what proves it.", examples=["R-1"])]
    transmitted_at: Instant


class BatchOutcomeUnknown(Event, frozen=True, kw_only=True):
    """Nobody here can tell whether the receiver has the file. **Moment**: it was asked in vain. **Key**: `batch_id`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "batch_id"
    batch_id: BatchId
    attempt: Attempt
    reason: Annotated[
        Literal["temporary-name-swept", "channel-changed", "nobody-answered"],
        Meta(description="Why it cannot be told.", examples=["temporary-name-swept"]),
    ]
    noted_at: Instant


class SubmissionFailed(Event, frozen=True, kw_only=True):
    """The receiver does not have the file. **Moment**: a try ended. **Key**: `batch_id`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "batch_id"
    batch_id: BatchId
    attempt: Attempt
    error_slug: Annotated[str, Meta(description="Why.", examples=["clearinghouse-unreachable"])]
    retryable: Annotated[bool, Meta(description="Whether the same bytes may be sent again.", examples=[True])]
    claim_ids: ClaimIds
    failed_at: Instant


class BatchRequeued(Event, frozen=True, kw_only=True):
    """A file is to be sent again, byte for byte. **Moment**: the wait is over. **Key**: `batch_id`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "batch_id"
    batch_id: BatchId
    file_sha256: Sha256
    requeued_at: Instant


class InterchangeAccepted(Event, frozen=True, kw_only=True):
    """The envelope is in order. **Moment**: TA1 A or E. **Key**: `batch_id`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "batch_id"
    batch_id: BatchId
    codes: Codes
    file_sha256: Sha256
    claim_ids: ClaimIds
    answered_at: Instant


class InterchangeRejected(Event, frozen=True, kw_only=True):
    """Nothing of the file was processed. **Moment**: TA1 R. **Key**: `batch_id`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "batch_id"
    batch_id: BatchId
    codes: Codes
    file_sha256: Sha256
    claim_ids: ClaimIds
    answered_at: Instant


class TransactionSetAccepted(Event, frozen=True, kw_only=True):
    """A set can be processed. **Moment**: 999 A or E. **Key**: `batch_id`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "batch_id"
    batch_id: BatchId
    transaction_control_number: TransactionControlNumber
    codes: Codes
    file_sha256: Sha256
    claim_ids: ClaimIds
    answered_at: Instant


class TransactionSetRejected(Event, frozen=True, kw_only=True):
    """No claim of a set was processed. **Moment**: 999 R, M, W or X. **Key**: `batch_id`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "batch_id"
    batch_id: BatchId
    transaction_control_number: TransactionControlNumber
    codes: Codes
    file_sha256: Sha256
    claim_ids: ClaimIds
    answered_at: Instant


BatchEvent: TypeAlias = (
    BatchQueued
    | BatchAttempted
    | BatchTransmitted
    | BatchOutcomeUnknown
    | SubmissionFailed
    | BatchRequeued
    | InterchangeAccepted
    | InterchangeRejected
    | TransactionSetAccepted
    | TransactionSetRejected
)
