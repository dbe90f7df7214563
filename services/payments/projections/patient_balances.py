"""What a patient owes, by claim and by visit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta

from shared.events.payments import PatientBalanceDue
from shared.kernel.projection import Projection, one_stream


@dataclass(frozen=True, slots=True)
class DueItem:
    """What is due for one claim or one visit. **Units**: cents."""

    claim_id: Annotated[
        str | None, Meta(description="For which claim.", examples=["0190f3c2-0000-7000-8000-000000000007"])
    ]
    encounter_id: Annotated[
        str | None,
        Meta(
            description="For which visit, where nobody was asked to pay.",
            examples=["0190f3c2-0000-7000-8000-000000000006"],
        ),
    ]
    amount_cents: Annotated[int, Meta(description="How much, in cents.", examples=[2500])]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PatientBalance:
    """One row: a patient's debt. **Shape**: keyed by patient. **Units**: cents."""

    patient_id: str
    due_cents: Annotated[int, Meta(description="How much in all, in cents.", examples=[2500])]
    items: Annotated[tuple[DueItem, ...], Meta(description="By claim and visit.")]


def keys(event: PatientBalanceDue) -> tuple[str, ...]:
    """Return the patient who owes."""
    return (event.patient_id,)


def apply(row: PatientBalance | None, event: PatientBalanceDue) -> PatientBalance:
    """Return the debt after a fact; a later amount for the same claim or visit takes the place of the earlier one."""
    item = DueItem(event.claim_id, event.encounter_id, event.amount_cents, event.due_at)
    subject = (event.claim_id, event.encounter_id)
    others = tuple(each for each in row.items if (each.claim_id, each.encounter_id) != subject) if row else ()
    items = (*others, item)
    return PatientBalance(event.patient_id, sum(each.amount_cents for each in items), items)


PATIENT_BALANCES: Final[Projection[PatientBalance, PatientBalanceDue]] = Projection(
    name="patient_balances",
    version=1,
    source="own",
    row=PatientBalance,
    events=(PatientBalanceDue,),
    keys=keys,
    apply=apply,
    streams=one_stream("patient_account"),
)
