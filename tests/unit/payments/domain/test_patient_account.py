"""The rules of `services/payments/domain/patient_account.py` as examples."""

from dataclasses import replace
from datetime import UTC, datetime

from services.payments.domain.ledger import Account, Entry, LedgerPosted
from services.payments.domain.patient_account import PATIENT_ACCOUNTS, ChangePatientShare, ChargeSelfPay
from shared.events.payments import PatientBalanceDue

NOW = datetime(2026, 3, 21, 15, tzinfo=UTC)
SHARE = ChangePatientShare(patient_id="P1", claim_id="C1", ledger_batch_id="R1/1", change_cents=2000, now=NOW)
SELF_PAY = ChargeSelfPay(patient_id="P1", encounter_id="E1", charge_cents=9000, now=NOW)


def test_adds_shares_of_one_claim_up() -> None:
    first = PATIENT_ACCOUNTS.outcome(given=(), when=SHARE)
    (second,) = PATIENT_ACCOUNTS.outcome(given=first, when=replace(SHARE, ledger_batch_id="R2/1", change_cents=500))

    assert isinstance(second, PatientBalanceDue)
    assert (second.claim_id, second.amount_cents) == ("C1", 2500)


def test_counts_a_posting_once_and_nothing_for_nothing() -> None:
    first = PATIENT_ACCOUNTS.outcome(given=(), when=SHARE)

    assert PATIENT_ACCOUNTS.outcome(given=first, when=SHARE) == ()
    assert PATIENT_ACCOUNTS.outcome(given=(), when=replace(SHARE, change_cents=0)) == ()


def test_owes_nothing_where_a_payer_takes_more_back_than_it_left() -> None:
    first = PATIENT_ACCOUNTS.outcome(given=(), when=SHARE)
    (taken,) = PATIENT_ACCOUNTS.outcome(given=first, when=replace(SHARE, ledger_batch_id="R2/1", change_cents=-2500))

    assert isinstance(taken, PatientBalanceDue)
    assert taken.amount_cents == 0


def test_charges_a_visit_that_the_patient_pays_alone() -> None:
    posted, due = PATIENT_ACCOUNTS.outcome(given=(), when=SELF_PAY)

    assert isinstance(posted, LedgerPosted)
    assert posted.entries == (
        Entry(account=Account.AR_PATIENT, debit_cents=9000),
        Entry(account=Account.CHARGES, credit_cents=9000),
    )
    assert isinstance(due, PatientBalanceDue)
    assert (due.encounter_id, due.claim_id, due.amount_cents) == ("E1", None, 9000)


def test_charges_a_visit_once_and_then_only_the_difference() -> None:
    first = PATIENT_ACCOUNTS.outcome(given=(), when=SELF_PAY)
    posted, due = PATIENT_ACCOUNTS.outcome(given=first, when=replace(SELF_PAY, charge_cents=8000))

    assert PATIENT_ACCOUNTS.outcome(given=first, when=SELF_PAY) == ()
    assert isinstance(posted, LedgerPosted)
    assert posted.entries[0] == Entry(account=Account.AR_PATIENT, credit_cents=1000)
    assert isinstance(due, PatientBalanceDue)
    assert due.amount_cents == 8000
