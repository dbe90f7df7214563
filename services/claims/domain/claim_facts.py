"""The facts of a claim that claims keeps to itself; `shared/events/claims.py` has the public ones."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta

from shared.events.coding import CodingVersion
from shared.events.envelope import Event
from shared.events.validation import AuthorizedLine
from shared.kernel.dates import Instant
from shared.kernel.identifiers import (
    BatchId,
    ClaimId,
    PatientControlNumber,
    PatientId,
    RemittanceId,
    Sha256,
    SubmissionId,
)

Decided: TypeAlias = Literal["paid", "partially-paid", "denied"]


class ClaimQueued(Event, frozen=True, kw_only=True):
    """A claim stands in a file whose bytes are fixed. **Moment**: with `BatchQueued`, before anything is sent.

    **Key**: `claim_id`. **Versions**: 1 (2026-11). **Private**: `ClaimSubmitted` publishes the patient control number.
    """

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    patient_id: PatientId
    submission_id: SubmissionId
    batch_id: BatchId
    patient_control_number: PatientControlNumber
    coding_version: CodingVersion
    file_sha256: Sha256
    queued_at: Instant


class CodingChangedAfterSubmission(Event, frozen=True, kw_only=True):
    """New codes came too late for a claim: it is under way or decided on. **Moment**: new codes validated.

    **Key**: `claim_id`. **Versions**: 1 (2026-11). **Private**: a person decides whether to correct the claim.
    """

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    patient_id: PatientId
    coding_version: CodingVersion
    noticed_at: Instant


class ClaimAuthorizationsNoted(Event, frozen=True, kw_only=True):
    """Which consents of the payer a claim names, all of them. **Moment**: with its content, and when others count.

    **Key**: `claim_id`. **Versions**: 1 (2026-11). **Private**: `CodesValidated` tells others. None: it names none.
    """

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    patient_id: PatientId
    coding_version: CodingVersion
    authorizations: Annotated[
        tuple[AuthorizedLine, ...],
        Meta(
            description="The consent that each line draws on.",
            examples=[[{"line_no": 1, "authorization_id": "0190f3c2-0000-7000-8000-00000000000c"}]],
        ),
    ]
    noted_at: Instant


class ClaimResubmissionAsked(Event, frozen=True, kw_only=True):
    """A rejected claim is to go out again as it is: what the front end stopped it for was mended elsewhere.

    **Moment**: a person says so. **Key**: `claim_id`. **Versions**: 1 (2026-11). **Private**: the next
    `ClaimSubmitted` publishes the new sending.
    """

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    patient_id: PatientId
    coding_version: CodingVersion
    asked_at: Instant


class ClaimAdjudicated(Event, frozen=True, kw_only=True):
    """Payments posted a payer's decision on a claim. **Moment**: its fact arrived here. **Key**: `claim_id`.

    **Versions**: 1 (2026-11). **Private**: moves the claim's work from waiting to whoever has the next step.
    """

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    patient_id: PatientId
    submission_id: SubmissionId
    remittance_id: RemittanceId
    decision: Annotated[Decided, Meta(description="What the payer decided.", examples=["paid"])]
    noted_at: Instant
