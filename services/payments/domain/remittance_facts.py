"""The facts of a remittance that payments keeps to itself; the public ones stand in `shared/events/payments.py`.

Key of all: `remittance_id`, so that a check keeps its order. A check's claims are one fact each: one fact of a whole
check would be too large.
"""

from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from msgspec import Meta, Struct

from services.payments.domain.adjudication import ClaimPayment
from services.payments.domain.ledger import LedgerPosted
from shared.events.envelope import Event
from shared.events.payments import (
    ClaimCount,
    PaidCents,
    ProviderAdjustmentPosted,
    RemittancePosted,
    RemittanceReceived,
)
from shared.kernel.dates import Instant
from shared.kernel.identifiers import ClaimId, PatientControlNumber, RemittanceId, Sha256

QuarantineLevel: TypeAlias = Literal["line", "claim", "transaction", "identity", "size"]
RemittanceSource: TypeAlias = Literal["api", "mailbox"]
MatchMethod: TypeAlias = Literal["patient-control-number"]
ClaimIndex = Annotated[int, Meta(description="Place of the claim on the check, from 1.", examples=[1], ge=1)]
SetNumber = Annotated[str | None, Meta(description="ST02 in the file; a resend has another.", examples=["0001"])]

WaitsFor = Annotated[
    tuple[str, ...],
    Meta(description="Claims and control numbers whose next posting may let it through.", examples=[["claim/C1"]]),
]


_ADJUSTMENT = {"plb_code": "WO", "reference": "ICN2026000001", "amount_cents": 500}
_CLAIM_PAYMENT = {
    "index": 1,
    "patient_control_number": "CLM7H2K9Q4M1X",
    "claim_status_code": "1",
    "payer_claim_number": "ICN2026000001",
    "charged_cents": 15000,
    "paid_cents": 15000,
    "lines": [],
    "adjustments": [],
}


class ProviderAdjustment(Struct, frozen=True, kw_only=True):
    """What a check was changed by outside its claims (PLB)."""

    plb_code: Annotated[str, Meta(description="PLB03-1.", examples=["WO"])]
    reference: Annotated[str | None, Meta(description="PLB03-2.", examples=["ICN2026000001"])]
    amount_cents: Annotated[int, Meta(description="In cents; positive reduces the payment.", examples=[500])]


class RemittanceRead(Event, frozen=True, kw_only=True):
    """What a check says besides its claims. **Moment**: received. **Key**: `remittance_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "remittance_id"
    remittance_id: RemittanceId
    reading_id: Annotated[str, Meta(description="The try that brought it: tells who was first.", examples=["T1"])]
    transaction_control_number: SetNumber
    source: Annotated[RemittanceSource, Meta(description="How it came.", examples=["mailbox"])]
    released_cents: Annotated[int, Meta(description="Money in quarantine till now, in cents.", examples=[0])]
    provider_adjustments: Annotated[
        tuple[ProviderAdjustment, ...], Meta(description="PLB, in order.", examples=[[_ADJUSTMENT]])
    ]
    read_at: Instant


class ClaimPaymentRead(Event, frozen=True, kw_only=True):
    """One claim of a check. **Moment**: received. **Key**: `remittance_id`. **Versions**: 1 (2026-11)."""

    key: ClassVar[str] = "remittance_id"
    remittance_id: RemittanceId
    payment: Annotated[
        ClaimPayment, Meta(description="What the payer decided about the claim.", examples=[_CLAIM_PAYMENT])
    ]


class RemittanceQuarantined(Event, frozen=True, kw_only=True):
    """A check, or another explanation of one, may not be posted. **Moment**: gate. **Key**: `remittance_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "remittance_id"
    remittance_id: RemittanceId
    level: Annotated[QuarantineLevel, Meta(description="Where the fault is.", examples=["claim"])]
    difference_cents: Annotated[int, Meta(description="Payer's figure over what follows, in cents.", examples=[100])]
    reason: Annotated[str, Meta(description="Why, a slug.", examples=["unbalanced"])]
    payer_identifier: Annotated[str | None, Meta(description="The payer as the 835 names it.", examples=["EXHP1"])]
    trace_number: Annotated[str | None, Meta(description="TRN02.", examples=["EFT0001"])]
    paid_cents: PaidCents
    unposted_cents: Annotated[int, Meta(description="Money that waits with it, in cents.", examples=[10000])]
    claim_count: ClaimCount
    transaction_control_number: SetNumber
    file_sha256: Sha256
    body_sha256: Sha256
    waits_for: WaitsFor = ()
    quarantined_at: Instant


class QuarantineEnded(Event, frozen=True, kw_only=True):
    """A held explanation was replaced, or can be posted now. **Moment**: then. **Key**: `remittance_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "remittance_id"
    remittance_id: RemittanceId
    body_sha256: Sha256
    released_cents: Annotated[int, Meta(description="Money that waited with it and is posted now.", examples=[0])] = 0
    waits_for: WaitsFor = ()
    ended_at: Instant


class DuplicateRemittanceDetected(Event, frozen=True, kw_only=True):
    """The same check came again in another file; nothing changes. **Moment**: read. **Key**: `remittance_id`.

    **Versions**: 1 (2026-11). At most one for each file.
    """

    key: ClassVar[str] = "remittance_id"
    remittance_id: RemittanceId
    file_sha256: Sha256
    body_sha256: Sha256
    transaction_control_number: SetNumber
    source: Annotated[RemittanceSource, Meta(description="How it came.", examples=["mailbox"])]
    detected_at: Instant


class RemittanceClaimMatched(Event, frozen=True, kw_only=True):
    """A claim payment is tied to a claim. **Moment**: posted, or the claim turned up. **Key**: `remittance_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "remittance_id"
    remittance_id: RemittanceId
    index: ClaimIndex
    patient_control_number: PatientControlNumber
    claim_id: ClaimId
    method: Annotated[MatchMethod, Meta(description="By what.", examples=["patient-control-number"])]
    matched_at: Instant


class RemittanceClaimUnmatched(Event, frozen=True, kw_only=True):
    """A claim payment has no claim of ours (yet); its money is unapplied. **Moment**: posted. **Key**: `remittance_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "remittance_id"
    remittance_id: RemittanceId
    index: ClaimIndex
    patient_control_number: PatientControlNumber
    paid_cents: PaidCents
    reason: Annotated[str, Meta(description="Why, a slug.", examples=["no-claim-has-this-control-number"])]
    unmatched_at: Instant


RemittanceFact: TypeAlias = (
    RemittanceReceived
    | RemittanceRead
    | ClaimPaymentRead
    | RemittanceQuarantined
    | QuarantineEnded
    | DuplicateRemittanceDetected
    | RemittanceClaimMatched
    | RemittanceClaimUnmatched
    | ProviderAdjustmentPosted
    | LedgerPosted
    | RemittancePosted
)
PRIVATE: Final[tuple[type[Event], ...]] = (
    RemittanceRead,
    ClaimPaymentRead,
    RemittanceQuarantined,
    QuarantineEnded,
    DuplicateRemittanceDetected,
    RemittanceClaimMatched,
    RemittanceClaimUnmatched,
)
"""What of these only payments reads."""
