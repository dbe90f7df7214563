"""The facts that payments publishes; the same rules as in `registration.py`.

Key: `claim_id` for what became of a claim's money, `patient_id` for what a patient owes, else the remittance.
"""

from datetime import date
from typing import Annotated, ClassVar, TypeAlias

from msgspec import Meta, Struct

from shared.events.envelope import Event
from shared.events.registration import FilingOrder
from shared.kernel.dates import Instant
from shared.kernel.identifiers import (
    ClaimId,
    LineControlNumber,
    PatientId,
    PayerClaimNumber,
    RemittanceId,
    Sha256,
    SubmissionId,
)

_ADJUSTMENT = {"group": "CO", "reason_code": "45", "amount_cents": 3000}
_PAID_LINE = {
    "line_control_number": "L1",
    "procedure_code": "99213",
    "charged_cents": 15000,
    "paid_cents": 10000,
    "adjustments": [_ADJUSTMENT, {"group": "PR", "reason_code": "1", "amount_cents": 2000}],
    "remark_codes": [],
}
PaidCents = Annotated[int, Meta(description="What the payer pays, in cents.", examples=[10000])]
ClaimCount = Annotated[int, Meta(description="Claim payments on the check.", examples=[12], ge=0)]


class Adjustment(Struct, frozen=True, kw_only=True, gc=False):
    """Why a payer pays less than was charged."""

    group: Annotated[str, Meta(description="CO, PR, OA or PI; others as sent.", examples=["CO"])]
    reason_code: Annotated[str, Meta(description="CARC.", examples=["45"])]
    amount_cents: Annotated[int, Meta(description="In cents; positive: not paid.", examples=[3000])]


class AdjudicatedLine(Struct, frozen=True, kw_only=True, gc=False):
    """What the payer decided about one line."""

    line_control_number: Annotated[LineControlNumber | None, Meta(description="Ours, where the payer echoed it.")]
    procedure_code: Annotated[str, Meta(description="Procedure that the payer judged.", examples=["99213"])]
    charged_cents: Annotated[int, Meta(description="Charge, in cents.", examples=[15000])]
    paid_cents: PaidCents
    adjustments: Annotated[
        tuple[Adjustment, ...], Meta(description="What explains the difference.", examples=[[_ADJUSTMENT]])
    ]
    remark_codes: Annotated[tuple[str, ...], Meta(description="RARC.", examples=[["N130"]])]


Lines = Annotated[tuple[AdjudicatedLine, ...], Meta(description="Every line's decision.", examples=[[_PAID_LINE]])]
Adjustments = Annotated[
    tuple[Adjustment, ...], Meta(description="Adjustments of the claim as a whole.", examples=[[_ADJUSTMENT]])
]


class RemittanceReceived(Event, frozen=True, kw_only=True):
    """A check's explanation was seen for the first time, and balances. **Moment**: 835 read. **Key**: `remittance_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "remittance_id"
    remittance_id: RemittanceId
    payer_identifier: Annotated[str, Meta(description="The payer as the 835 names it.", examples=["EXHP1"])]
    trace_number: Annotated[str, Meta(description="Check or transfer number (TRN02).", examples=["EFT0001"])]
    originator: Annotated[str, Meta(description="Who numbers traces (TRN03).", examples=["1512345678"])]
    paid_cents: PaidCents
    paid_on: Annotated[date, Meta(description="Day of payment (BPR16).", examples=["2026-03-20"])]
    method: Annotated[str, Meta(description="Payment method (BPR04).", examples=["ACH"])]
    claim_count: ClaimCount
    file_sha256: Sha256
    body_sha256: Annotated[
        Sha256, Meta(description="Over what stands between ST and SE: a repeat has the same, whatever its file.")
    ]
    received_at: Instant


class RemittancePosted(Event, frozen=True, kw_only=True):
    """A whole check is in the ledger, its clearing account at 0. **Moment**: last posting. **Key**: `remittance_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "remittance_id"
    remittance_id: RemittanceId
    paid_cents: PaidCents
    claim_count: ClaimCount
    unmatched_count: Annotated[
        int, Meta(description="Claim payments whose claim is not known yet.", examples=[0], ge=0)
    ]
    provider_adjustment_cents: Annotated[
        int, Meta(description="Sum of PLB, in cents; positive: taken from the payment.", examples=[0])
    ]
    posted_at: Instant


class _Adjudicated(Event, frozen=True, kw_only=True):
    """What the three decisions on a claim have in common."""

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    submission_id: SubmissionId
    patient_id: PatientId
    remittance_id: RemittanceId
    filing_order: Annotated[FilingOrder, Meta(description="As which payer it decided.", examples=["primary"])]
    claim_status_code: Annotated[str, Meta(description="CLP02.", examples=["1"])]
    payer_claim_number: Annotated[PayerClaimNumber | None, Meta(description="The payer's number (CLP07).")]
    charged_cents: Annotated[int, Meta(description="Charge, in cents.", examples=[15000])]
    paid_cents: PaidCents
    contractual_cents: Annotated[int, Meta(description="Given up by contract, in cents.", examples=[3000])]
    denied_cents: Annotated[int, Meta(description="Refused, in cents.", examples=[0])]
    patient_cents: Annotated[int, Meta(description="Left to the patient, in cents.", examples=[2000])]
    lines: Lines
    adjustments: Adjustments
    ledger_batch_id: Annotated[str, Meta(description="The balanced posting.", examples=["R1/1"])]
    posted_at: Instant


class ClaimPaid(_Adjudicated, frozen=True, kw_only=True):
    """A payer paid a claim, no line refused. **Moment**: posted. **Key**: `claim_id`. **Versions**: 1 (2026-11).

    Also with nothing paid, where the contract or the patient explains the whole charge.
    """


class ClaimPartiallyPaid(_Adjudicated, frozen=True, kw_only=True):
    """A payer paid some lines and refused others.

    **Moment**: posted. **Key**: `claim_id`. **Versions**: 1 (2026-11).
    """


class ClaimDenied(_Adjudicated, frozen=True, kw_only=True):
    """A payer refused every line. **Moment**: posted. **Key**: `claim_id`. **Versions**: 1 (2026-11)."""

    is_initial: Annotated[bool, Meta(description="First decision on this claim.", examples=[True])]
    reasons: Annotated[tuple[str, ...], Meta(description="Group and CARC of the refusals.", examples=[["CO-50"]])]


class ProviderAdjustmentPosted(Event, frozen=True, kw_only=True):
    """A check's total was changed outside its claims (PLB).

    **Moment**: posted. **Key**: `remittance_id`. **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "remittance_id"
    remittance_id: RemittanceId
    plb_code: Annotated[str, Meta(description="PLB03-1.", examples=["L6"])]
    reference: Annotated[str | None, Meta(description="PLB03-2.", examples=["ICN2026000001"])]
    amount_cents: Annotated[int, Meta(description="In cents; positive reduces the payment.", examples=[-125])]
    posted_at: Instant


class PatientBalanceDue(Event, frozen=True, kw_only=True):
    """A patient's share may be invoiced. **Moment**: a payer left it, or nobody else pays. **Key**: `patient_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "patient_id"
    patient_id: PatientId
    claim_id: Annotated[str | None, Meta(description="Of this claim; none: self-pay.", examples=[None])]
    encounter_id: Annotated[str | None, Meta(description="Of this visit, where no claim was sent.", examples=[None])]
    amount_cents: Annotated[
        int,
        Meta(description="Due now for this claim or visit, in cents; replaces what was due.", examples=[2000], ge=0),
    ]
    ledger_batch_id: Annotated[str | None, Meta(description="The balanced posting.", examples=["R1/1"])] = None
    due_at: Instant


RemittanceEvent: TypeAlias = RemittanceReceived | RemittancePosted | ProviderAdjustmentPosted
ClaimAccountEvent: TypeAlias = ClaimPaid | ClaimPartiallyPaid | ClaimDenied
PatientAccountEvent: TypeAlias = PatientBalanceDue
PaymentsEvent: TypeAlias = RemittanceEvent | ClaimAccountEvent | PatientAccountEvent
