"""What a patient owes: the shares that payers left, and visits that nobody else pays.

Owns: the sum due per claim or visit. Refuses: statements and payments. A share is told as a change, so that reversal
and repeat end right; what is published is the sum that is due now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeAlias, assert_never

from services.payments.domain import ledger
from services.payments.domain.ledger import LedgerPosted
from shared.events.payments import PatientBalanceDue
from shared.kernel.decider import Decider
from shared.kernel.unions import members

PatientAccountEvent: TypeAlias = PatientBalanceDue | LedgerPosted


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientAccount:
    """What is due. **Shape**: by claim or visit; `charged_cents` only of visits; `batches` are counted postings."""

    charged_cents: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    due_cents: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    batches: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePatientShare:
    """Count what a posting on a claim left to the patient, or took back."""

    patient_id: str
    claim_id: str
    ledger_batch_id: str
    change_cents: int
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeSelfPay:
    """Charge a visit that the patient alone pays; released anew with other prices, only the difference."""

    patient_id: str
    encounter_id: str
    charge_cents: int
    now: datetime


Command: TypeAlias = ChangePatientShare | ChargeSelfPay


def decide(account: PatientAccount, command: Command) -> tuple[PatientAccountEvent, ...]:
    """Return the facts that a command adds, none for what was counted already."""
    match command:
        case ChangePatientShare():
            return _share(account, command)
        case ChargeSelfPay():
            return _self_pay(account, command)
        case _:
            assert_never(command)


def _share(account: PatientAccount, command: ChangePatientShare) -> tuple[PatientBalanceDue, ...]:
    if not command.change_cents or command.ledger_batch_id in account.batches:
        return ()
    # A payer that takes back more than it left would make the patient a creditor; that is a refund, not a balance due.
    amount_cents = max(account.due_cents.get(command.claim_id, 0) + command.change_cents, 0)
    due = PatientBalanceDue(
        patient_id=command.patient_id,
        claim_id=command.claim_id,
        encounter_id=None,
        amount_cents=amount_cents,
        ledger_batch_id=command.ledger_batch_id,
        due_at=command.now,
    )
    return (due,)


def _self_pay(account: PatientAccount, command: ChargeSelfPay) -> tuple[PatientAccountEvent, ...]:
    change_cents = command.charge_cents - account.charged_cents.get(command.encounter_id, 0)
    if not change_cents:
        return ()
    batch_id = f"{command.encounter_id}/self-pay/{len(account.batches) + 1}"
    posted = LedgerPosted(
        batch_id=batch_id,
        subject_id=command.patient_id,
        kind="self-pay-charge",
        entries=ledger.charge(change_cents, debtor=ledger.Account.AR_PATIENT),
        encounter_id=command.encounter_id,
        patient_id=command.patient_id,
        posted_at=command.now,
    )
    due = PatientBalanceDue(
        patient_id=command.patient_id,
        claim_id=None,
        encounter_id=command.encounter_id,
        amount_cents=max(account.due_cents.get(command.encounter_id, 0) + change_cents, 0),
        ledger_batch_id=batch_id,
        due_at=command.now,
    )
    return (posted, due)


def evolve(account: PatientAccount, event: PatientAccountEvent) -> PatientAccount:
    """Return the account after a stored fact."""
    match event:
        case PatientBalanceDue():
            subject_id = event.claim_id or event.encounter_id or ""
            counted = {event.ledger_batch_id} if event.ledger_batch_id else set()
            return replace(
                account,
                due_cents={**account.due_cents, subject_id: event.amount_cents},
                batches=account.batches | counted,
            )
        case LedgerPosted():
            encounter_id = event.encounter_id or ""
            charged_cents = account.charged_cents.get(encounter_id, 0) + ledger.charged(event.entries)
            return replace(account, charged_cents={**account.charged_cents, encounter_id: charged_cents})
        case _:
            assert_never(event)


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per patient."""
    return f"patient_account-{command.patient_id}"


PATIENT_ACCOUNTS: Final[Decider[PatientAccount, Command, PatientAccountEvent]] = Decider(
    commands=members(Command),
    events=members(PatientAccountEvent),
    stream=stream,
    initial=PatientAccount(),
    decide=decide,
    evolve=evolve,
)
