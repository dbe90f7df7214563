"""What a patient owes, by claim and by visit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.events.payments import PatientBalanceDue
from shared.kernel.projection import Projection, one_stream


@dataclass(frozen=True, slots=True)
class DueItem:
    """What is due for one claim or one visit. **Units**: cents."""

    claim_id: str | None
    encounter_id: str | None
    amount_cents: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PatientBalance:
    """One row: a patient's debt. **Shape**: keyed by patient. **Units**: cents."""

    patient_id: str
    due_cents: int
    items: tuple[DueItem, ...]


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
