"""The facts that claims publishes; the same rules as in `registration.py`.

Key: `claim_id` for claims, `encounter_id` for what an encounter without a payer becomes, else the own stream.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct

from shared.events.coding import CodingVersion
from shared.events.envelope import Event
from shared.events.registration import FilingOrder
from shared.kernel.dates import Instant
from shared.kernel.identifiers import (
    ClaimId,
    CoverageId,
    EncounterId,
    FeeScheduleId,
    LineControlNumber,
    PatientControlNumber,
    PatientId,
    PayerClaimNumber,
    PayerId,
    Sha256,
    SubmissionId,
)

_LINE = {
    "line_no": 1,
    "line_control_number": "L1",
    "procedure_code": "99213",
    "modifiers": [],
    "units": 1,
    "pointers": [1],
    "service_from_on": "2026-03-03",
    "service_to_on": "2026-03-03",
}
_PRICED = {"line_no": 1, "line_control_number": "L1", "charge_cents": 15000}
ChargeCents = Annotated[int, Meta(description="What is asked for, in cents.", examples=[15000], ge=0)]
Level = Annotated[Literal["internal", "clearinghouse", "payer"], Meta(description="Who answered.", examples=["payer"])]
StatusCodes = Annotated[
    tuple[str, ...],
    Meta(description="Codes as answered: 277CA category:status:entity, 999 IK/AK codes.", examples=[["A7:562:85"]]),
]


class ClaimLine(Struct, frozen=True, kw_only=True, gc=False):
    """One line of a claim."""

    line_no: Annotated[int, Meta(description="Place on the claim, from 1.", examples=[1], ge=1)]
    line_control_number: LineControlNumber
    procedure_code: Annotated[str, Meta(description="CPT or HCPCS Level II code.", examples=["99213"])]
    modifiers: Annotated[tuple[str, ...], Meta(description="Modifiers, at most 4.", examples=[["25"]])]
    units: Annotated[int, Meta(description="How often.", examples=[1], ge=1)]
    pointers: Annotated[tuple[int, ...], Meta(description="Diagnoses by order.", examples=[[1]])]
    service_from_on: Annotated[date, Meta(description="First day of service.", examples=["2026-03-03"])]
    service_to_on: Annotated[date, Meta(description="Last day of service.", examples=["2026-03-03"])]


class PricedLine(Struct, frozen=True, kw_only=True, gc=False):
    """What one line costs."""

    line_no: Annotated[int, Meta(description="Place on the claim, from 1.", examples=[1], ge=1)]
    line_control_number: LineControlNumber
    charge_cents: ChargeCents


class ClaimAssembled(Event, frozen=True, kw_only=True):
    """A claim exists: what will be asked of which payer.

    **Moment**: codes validated, all facts known. **Key**: `claim_id`. **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    encounter_ids: Annotated[
        tuple[str, ...], Meta(description="Visits on the claim.", examples=[["0190f3c2-0000-7000-8000-000000000006"]])
    ]
    patient_id: PatientId
    coverage_id: CoverageId
    payer_id: PayerId
    filing_order: Annotated[FilingOrder, Meta(description="Whose turn the payer has.", examples=["primary"])]
    form: Annotated[Literal["P"], Meta(description="Professional claim.", examples=["P"])]
    diagnoses: Annotated[tuple[str, ...], Meta(description="ICD-10-CM codes in order.", examples=[["E119"]])]
    lines: Annotated[tuple[ClaimLine, ...], Meta(description="Lines, 1 to 50.", examples=[[_LINE]])]
    place_of_service: Annotated[str, Meta(description="Place of service, two digits.", examples=["11"])]
    rendering_provider_id: Annotated[
        str | None, Meta(description="Who treated, where not the biller.", examples=[None])
    ]
    billing_provider_id: Annotated[
        str, Meta(description="Who is paid.", examples=["0190f3c2-0000-7000-8000-000000000004"])
    ]
    coding_version: CodingVersion
    rule_set_version: Annotated[str, Meta(description="Rules that the codes passed.", examples=["2026.11"])]
    filing_deadline_on: Annotated[date | None, Meta(description="Last day to file.", examples=["2026-08-30"])]
    assembled_at: Instant


class ClaimPriced(Event, frozen=True, kw_only=True):
    """A claim's lines have charges.

    **Moment**: price found in a dated fee schedule. **Key**: `claim_id`. **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    patient_id: PatientId
    payer_id: PayerId
    lines: Annotated[tuple[PricedLine, ...], Meta(description="Every line's charge.", examples=[[_PRICED]])]
    charge_cents: ChargeCents
    fee_schedule_versions: Annotated[
        tuple[str, ...], Meta(description="Schedule and version of each price.", examples=[["practice 1"]])
    ]
    priced_at: Instant
    replaced_cents: Annotated[
        int | None,
        Meta(description="What it was charged at until then, in cents; null: it was not priced.", examples=[None]),
    ] = None


class EncounterReleasedToSelfPay(Event, frozen=True, kw_only=True):
    """Nobody but the patient pays for an encounter. **Moment**: no coverage, by setting. **Key**: `encounter_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    lines: Annotated[tuple[PricedLine, ...], Meta(description="Every line's charge.", examples=[[_PRICED]])]
    charge_cents: ChargeCents
    reason: Annotated[Literal["no-coverage"], Meta(description="Why no payer is asked.", examples=["no-coverage"])]
    released_at: Instant


class ClaimHeld(Event, frozen=True, kw_only=True):
    """Somebody must look at a claim before it goes out. **Moment**: a setting or a person. **Key**: `claim_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    reason: Annotated[str, Meta(description="Why, a slug.", examples=["payer-on-hold"])]
    owner: Annotated[str, Meta(description="Whose turn it is.", examples=["biller"])]
    until_on: Annotated[date | None, Meta(description="When it is looked at again.", examples=["2026-04-01"])]
    held_at: Instant


class ClaimHoldReleased(Event, frozen=True, kw_only=True):
    """A held claim may go out. **Moment**: a person says so. **Key**: `claim_id`. **Versions**: 1 (2026-11)."""

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    reason: Annotated[str, Meta(description="Why, a slug.", examples=["reviewed"])]
    released_at: Instant


class ClaimSubmitted(Event, frozen=True, kw_only=True):
    """The receiver has the file that holds the claim. **Moment**: receipt confirmed. **Key**: `claim_id`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    submission_id: SubmissionId
    patient_id: PatientId
    payer_id: PayerId
    encounter_ids: Annotated[
        tuple[str, ...], Meta(description="Visits on the claim.", examples=[["0190f3c2-0000-7000-8000-000000000006"]])
    ]
    frequency: Annotated[Literal["1"], Meta(description="Original claim.", examples=["1"])]
    patient_control_number: PatientControlNumber
    charge_cents: ChargeCents
    interchange_control_number: Annotated[str, Meta(description="ISA13 of the file.", examples=["000000001"])]
    group_control_number: Annotated[str, Meta(description="GS06.", examples=["1"])]
    transaction_control_number: Annotated[str, Meta(description="ST02.", examples=["0001"])]
    file_sha256: Sha256
    channel: Annotated[str, Meta(description="How it was sent.", examples=["http"])]
    submitted_at: Instant


class ClaimAcknowledged(Event, frozen=True, kw_only=True):
    """Somebody received the claim and promises nothing.

    **Moment**: 277CA A0 or A1. **Key**: `claim_id`. **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    submission_id: SubmissionId
    level: Level
    status_codes: StatusCodes
    file_sha256: Sha256
    acknowledged_at: Instant


class ClaimAccepted(Event, frozen=True, kw_only=True):
    """The claim entered adjudication. **Moment**: 277CA A2. **Key**: `claim_id`. **Versions**: 1 (2026-11)."""

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    submission_id: SubmissionId
    level: Level
    status_codes: StatusCodes
    payer_claim_number: Annotated[PayerClaimNumber | None, Meta(description="The payer's number, if it said one.")]
    file_sha256: Sha256
    accepted_at: Instant


class ClaimRejected(Event, frozen=True, kw_only=True):
    """The claim was stopped at the front end and never adjudicated. **Moment**: 999, TA1, or 277CA A3, A6 to A8.

    **Key**: `claim_id`. **Versions**: 1 (2026-11). Mend it and send it again as an original; the filing clock runs on.
    """

    key: ClassVar[str] = "claim_id"
    claim_id: ClaimId
    submission_id: SubmissionId
    encounter_ids: Annotated[
        tuple[str, ...], Meta(description="Visits on the claim.", examples=[["0190f3c2-0000-7000-8000-000000000006"]])
    ]
    level: Level
    status_codes: StatusCodes
    owner: Annotated[str, Meta(description="Whose turn it is.", examples=["biller"])]
    file_sha256: Sha256
    rejected_at: Instant


class FeeScheduleItem(Struct, frozen=True, kw_only=True, gc=False):
    """The price of one procedure."""

    procedure_code: Annotated[str, Meta(description="CPT or HCPCS Level II code.", examples=["99213"])]
    modifier: Annotated[str | None, Meta(description="Only with this modifier.", examples=["26"])] = None
    charge_cents: Annotated[int, Meta(description="Price of one unit, in cents.", examples=[15000], ge=0)]


class FeeScheduleVersionPublished(Event, frozen=True, kw_only=True):
    """Prices are in force from a day on.

    **Moment**: a manager publishes. **Key**: `fee_schedule_id`. **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "fee_schedule_id"
    fee_schedule_id: FeeScheduleId
    schedule_name: Annotated[str, Meta(description="Name of the schedule.", examples=["practice"])]
    schedule_version: Annotated[int, Meta(description="Which version, from 1.", examples=[1], ge=1)]
    effective_from_on: Annotated[date, Meta(description="First day of service it prices.", examples=["2026-01-01"])]
    effective_to_on: Annotated[
        date | None, Meta(description="Last day of service; none: open.", examples=["2026-12-31"])
    ]
    items: Annotated[
        tuple[FeeScheduleItem, ...],
        Meta(description="Prices.", examples=[[{"procedure_code": "99213", "charge_cents": 15000}]]),
    ]
    published_at: Instant


ClaimEvent: TypeAlias = (
    ClaimAssembled
    | ClaimPriced
    | ClaimHeld
    | ClaimHoldReleased
    | ClaimSubmitted
    | ClaimAcknowledged
    | ClaimAccepted
    | ClaimRejected
)
EncounterBillingEvent: TypeAlias = EncounterReleasedToSelfPay
FeeScheduleEvent: TypeAlias = FeeScheduleVersionPublished
ClaimsEvent: TypeAlias = ClaimEvent | EncounterBillingEvent | FeeScheduleEvent
