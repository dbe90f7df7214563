"""What became of each encounter: a claim, the patient's bill, a person's question, or it waits for something."""

from datetime import datetime
from typing import Final, Literal, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from services.claims.domain.encounter_billing import (
    BillingAskedAgain,
    BillingEvent,
    BillingFactsArrived,
    CodingChangedAfterRelease,
    EncounterBilled,
    EncounterBillingWaiting,
    EncounterHeld,
)
from shared.events.claims import EncounterReleasedToSelfPay
from shared.kernel.projection import Projection, one_stream
from shared.kernel.unions import members

Status: TypeAlias = Literal["waiting", "claim", "self-pay", "held"]


class EncounterBilling(Struct, frozen=True, kw_only=True):
    """One row: an encounter whose codes may be billed.

    **Shape**: `missing` are the facts that it waits for, by kind and id; `attention` is why somebody must look.
    """

    encounter_id: str
    patient_id: str
    status: Status
    coding_version: int
    missing: tuple[str, ...] = ()
    claim_id: str | None = None
    payer_id: str | None = None
    charge_cents: int | None = None
    attention: str | None = None
    changed_at: datetime


def keys(event: BillingEvent) -> tuple[str, ...]:
    """Return the encounter."""
    return (event.encounter_id,)


def apply(row: EncounterBilling | None, event: BillingEvent) -> EncounterBilling | None:  # noqa: PLR0911 (one per fact)
    """Return the encounter after a fact; what it became for older codes stands until it is settled anew."""
    match event:
        case EncounterBillingWaiting():
            fresh = EncounterBilling(
                encounter_id=event.encounter_id,
                patient_id=event.patient_id,
                status="waiting",
                coding_version=event.coding_version,
                changed_at=event.waiting_at,
            )
            return replace(row or fresh, missing=event.missing, changed_at=event.waiting_at)
        case BillingFactsArrived():
            left = tuple(thing for thing in row.missing if thing not in event.arrived) if row else ()
            return replace(row, missing=left, changed_at=event.arrived_at) if row else None
        case EncounterBilled():
            return EncounterBilling(
                encounter_id=event.encounter_id,
                patient_id=event.patient_id,
                status="claim" if event.claim_id else "self-pay",
                coding_version=event.coding_version,
                claim_id=event.claim_id,
                payer_id=event.payer_id,
                changed_at=event.billed_at,
            )
        case EncounterHeld():
            return EncounterBilling(
                encounter_id=event.encounter_id,
                patient_id=event.patient_id,
                status="held",
                coding_version=event.coding_version,
                attention=event.reason,
                changed_at=event.held_at,
            )
        case BillingAskedAgain():
            return replace(row, status="waiting", attention=None, changed_at=event.asked_at) if row else None
        case CodingChangedAfterRelease():
            reason = "coding-changed-after-release"
            return replace(row, attention=reason, changed_at=event.noticed_at) if row else None
        case EncounterReleasedToSelfPay():
            return replace(row, charge_cents=event.charge_cents) if row else None
        case _:
            assert_never(event)


ENCOUNTER_BILLING_ROWS: Final[Projection[EncounterBilling, BillingEvent]] = Projection(
    name="encounter_billings",
    version=1,
    source="own",
    row=EncounterBilling,
    events=members(BillingEvent),
    keys=keys,
    apply=apply,
    streams=one_stream("encounter_billing"),
    filters=("status", "patient_id", "attention"),
    countable=("status", "attention"),
)
