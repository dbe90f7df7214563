"""`services/payments/domain/invariants.py`: what was posted as it should breaks none, each planted fault its own."""

import pytest
from msgspec import structs

from services.payments.domain.claim_account import CLAIM_ACCOUNTS
from services.payments.domain.invariants import INVARIANTS
from services.payments.domain.ledger import Account, Entry, LedgerPosted
from shared.events.envelope import Event
from shared.events.payments import RemittancePosted
from tests.support.own_invariants import broken_by
from tests.unit.payments.domain.test_claim_account import CHARGED, NOW, PAID, POSTED, REVERSE

RECEIPT = LedgerPosted(
    batch_id="R1/receipt",
    subject_id="R1",
    kind="receipt",
    entries=(
        Entry(account=Account.CASH, debit_cents=9500),
        Entry(account=Account.PROVIDER_ADJUSTMENTS, debit_cents=500),
        Entry(account=Account.REMITTANCE_CLEARING, credit_cents=10000),
    ),
    remittance_id="R1",
    posted_at=NOW,
)
CLOSED = RemittancePosted(
    remittance_id="R1", paid_cents=9500, claim_count=1, unmatched_count=0, provider_adjustment_cents=500, posted_at=NOW
)
TAKEN_BACK = CLAIM_ACCOUNTS.outcome(given=[POSTED, PAID], when=REVERSE)
RETURNED = structs.replace(
    RECEIPT,
    batch_id="R2/receipt",
    remittance_id="R2",
    entries=(
        Entry(account=Account.CASH, credit_cents=10000),
        Entry(account=Account.REMITTANCE_CLEARING, debit_cents=10000),
    ),
)
REOPENED = structs.replace(CLOSED, remittance_id="R2", paid_cents=-10000, provider_adjustment_cents=0)


def test_charge_payment_and_reversal_break_none() -> None:
    units = ([CHARGED], [POSTED, PAID, RECEIPT, CLOSED], [*TAKEN_BACK, RETURNED, REOPENED])

    assert broken_by(INVARIANTS, *units) == set()


@pytest.mark.parametrize(
    ("units", "names"),
    [
        pytest.param(
            [[structs.replace(CHARGED, entries=CHARGED.entries[:1])]],
            {"ledger-balanced", "every-cent"},
            id="a batch of one side",
        ),
        pytest.param([[POSTED, PAID], [RECEIPT, CLOSED]], {"clearing-accounts"}, id="a check in two units"),
        pytest.param([[POSTED, PAID]], {"clearing-accounts"}, id="a claim without its check"),
        pytest.param(
            [[POSTED, PAID, RECEIPT, CLOSED], [structs.replace(POSTED, batch_id="R1/9")]],
            {"clearing-accounts", "decisions-posted"},
            id="a payment posted twice",
        ),
        pytest.param([[POSTED, PAID, RECEIPT]], {"checks-posted"}, id="a receipt of no check"),
        pytest.param(
            [[POSTED, PAID, RECEIPT, structs.replace(CLOSED, paid_cents=9501)]],
            {"checks-posted"},
            id="a check of another sum",
        ),
        pytest.param([[CLOSED]], {"checks-posted"}, id="a check without its receipt"),
        pytest.param([[POSTED, RECEIPT, CLOSED]], {"decisions-posted"}, id="a batch without its decision"),
        pytest.param([[PAID]], {"decisions-posted"}, id="a decision without its batch"),
        pytest.param(
            [[POSTED, structs.replace(PAID, patient_cents=1999), RECEIPT, CLOSED]],
            {"decisions-posted"},
            id="a decision of another sum",
        ),
    ],
)
def test_each_fault_breaks_its_invariant(units: list[list[Event]], names: set[str]) -> None:
    assert broken_by(INVARIANTS, *units) == names
