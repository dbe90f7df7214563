"""The rules of `services/payments/domain/claim_account.py` as examples; every value is synthetic."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from msgspec import structs

from services.payments.domain.adjudication import ClaimPayment
from services.payments.domain.claim_account import (
    CLAIM_ACCOUNTS,
    ClaimAccountEvent,
    OriginalNotPosted,
    PaymentReversed,
    PostCharge,
    PostClaimPayment,
    ReverseClaimPayment,
)
from services.payments.domain.ledger import Account, Entry, LedgerPosted
from shared.events.payments import AdjudicatedLine, Adjustment, ClaimDenied, ClaimPaid, ClaimPartiallyPaid

NOW = datetime(2026, 3, 21, 15, tzinfo=UTC)
CHARGE = PostCharge(claim_id="C1", patient_id="P1", charge_cents=15000, now=NOW)
CHARGED = LedgerPosted(
    batch_id="C1/charge/1",
    subject_id="C1",
    kind="charge",
    entries=(Entry(account=Account.AR_PAYER, debit_cents=15000), Entry(account=Account.CHARGES, credit_cents=15000)),
    claim_id="C1",
    patient_id="P1",
    posted_at=NOW,
)
LINE = AdjudicatedLine(
    line_control_number="L1",
    procedure_code="99213",
    charged_cents=15000,
    paid_cents=10000,
    adjustments=(
        Adjustment(group="CO", reason_code="45", amount_cents=2500),
        Adjustment(group="OA", reason_code="23", amount_cents=500),
        Adjustment(group="PR", reason_code="2", amount_cents=2000),
    ),
    remark_codes=("N130",),
)
PAYMENT = ClaimPayment(
    index=3,
    patient_control_number="PCN1",
    claim_status_code="2",
    payer_claim_number="ICN1",
    charged_cents=15000,
    paid_cents=10000,
    lines=(LINE,),
    adjustments=(),
)
PAY = PostClaimPayment(
    claim_id="C1",
    submission_id="S1",
    patient_id="P1",
    filing_order="secondary",
    remittance_id="R1",
    payment=PAYMENT,
    paid_on=date(2026, 3, 20),
    source=Account.REMITTANCE_CLEARING,
    file_sha256="ab",
    now=NOW,
)
POSTED = LedgerPosted(
    batch_id="R1/3",
    subject_id="C1",
    kind="payment",
    entries=(
        Entry(account=Account.REMITTANCE_CLEARING, debit_cents=10000),
        Entry(account=Account.CONTRACTUAL, debit_cents=2500),
        Entry(account=Account.AR_PATIENT, debit_cents=2000),
        Entry(account=Account.OTHER_ADJUSTMENTS, debit_cents=500),
        Entry(account=Account.AR_PAYER, credit_cents=15000),
    ),
    claim_id="C1",
    patient_id="P1",
    remittance_id="R1",
    file_sha256="ab",
    posted_at=NOW,
)
PAID = ClaimPaid(
    claim_id="C1",
    submission_id="S1",
    patient_id="P1",
    remittance_id="R1",
    filing_order="secondary",
    claim_status_code="2",
    payer_claim_number="ICN1",
    charged_cents=15000,
    paid_cents=10000,
    contractual_cents=3000,
    denied_cents=0,
    patient_cents=2000,
    lines=(LINE,),
    adjustments=(),
    ledger_batch_id="R1/3",
    posted_at=NOW,
)
REVERSE = ReverseClaimPayment(
    claim_id="C1",
    patient_id="P1",
    remittance_id="R2",
    payment=structs.replace(PAYMENT, index=1, claim_status_code="22", charged_cents=-15000, paid_cents=-10000),
    reversed_batch_id="R1/3",
    file_sha256="cd",
    now=NOW,
)


def outcome(*given: ClaimAccountEvent, when: PostCharge | PostClaimPayment | ReverseClaimPayment) -> tuple[object, ...]:
    return CLAIM_ACCOUNTS.outcome(given=given, when=when)


def test_charges_a_claim_once() -> None:
    assert outcome(when=CHARGE) == (CHARGED,)
    assert outcome(CHARGED, when=CHARGE) == ()


def test_charges_the_difference_of_a_new_price_in_a_batch_of_its_own() -> None:
    (posted,) = outcome(CHARGED, POSTED, PAID, when=replace(CHARGE, charge_cents=14000))

    assert isinstance(posted, LedgerPosted)
    assert posted.batch_id == "C1/charge/3"
    assert posted.entries == (
        Entry(account=Account.AR_PAYER, credit_cents=1000),
        Entry(account=Account.CHARGES, debit_cents=1000),
    )


@pytest.mark.parametrize("given", [(), (CHARGED,)], ids=["before its charge", "after its charge"])
def test_posts_a_decision_with_its_batch(given: tuple[ClaimAccountEvent, ...]) -> None:
    assert outcome(*given, when=PAY) == (POSTED, PAID)


def test_posts_a_decision_once() -> None:
    assert outcome(CHARGED, POSTED, PAID, when=PAY) == ()


def test_takes_the_money_of_a_late_match_out_of_what_was_unapplied() -> None:
    posted, _ = outcome(when=replace(PAY, source=Account.UNAPPLIED))

    assert isinstance(posted, LedgerPosted)
    assert posted.entries[0] == Entry(account=Account.UNAPPLIED, debit_cents=10000)


@pytest.mark.parametrize("status", ["23", "25"], ids=["forwarded, not theirs", "predetermination"])
def test_posts_nothing_for_what_decides_nothing(status: str) -> None:
    payment = structs.replace(PAYMENT, claim_status_code=status)

    assert outcome(when=replace(PAY, payment=payment)) == ()


def refused(*, paid_cents: int) -> ClaimPayment:
    refusal = Adjustment(group="CO", reason_code="50", amount_cents=8000)
    denied = structs.replace(LINE, charged_cents=8000, paid_cents=0, adjustments=(refusal,))
    lines = (denied, LINE) if paid_cents else (denied,)
    return structs.replace(
        PAYMENT, index=4, charged_cents=sum(each.charged_cents for each in lines), paid_cents=paid_cents, lines=lines
    )


def test_denies_a_claim_whose_every_line_is_refused() -> None:
    _, denied = outcome(when=replace(PAY, payment=refused(paid_cents=0)))
    _, again = outcome(POSTED, PAID, when=replace(PAY, payment=refused(paid_cents=0)))

    assert isinstance(denied, ClaimDenied)
    assert (denied.denied_cents, denied.reasons, denied.is_initial) == (8000, ("CO-50",), True)
    assert isinstance(again, ClaimDenied)
    assert not again.is_initial


def test_pays_a_claim_in_part_where_some_lines_are_refused() -> None:
    _, partial = outcome(when=replace(PAY, payment=refused(paid_cents=10000)))

    assert isinstance(partial, ClaimPartiallyPaid)
    assert (partial.paid_cents, partial.denied_cents) == (10000, 8000)


def test_undoes_a_decision_by_a_batch_of_its_own() -> None:
    posted, reversed_ = outcome(CHARGED, POSTED, PAID, when=REVERSE)

    assert isinstance(posted, LedgerPosted)
    assert (posted.batch_id, posted.kind, posted.reverses) == ("R2/1", "reversal", "R1/3")
    assert [(each.account, each.debit_cents, each.credit_cents) for each in posted.entries] == [
        (each.account, each.credit_cents, each.debit_cents) for each in POSTED.entries
    ]
    assert isinstance(reversed_, PaymentReversed)
    assert (reversed_.reversed_batch_id, reversed_.patient_cents, reversed_.paid_cents) == ("R1/3", -2000, -10000)


def test_undoes_a_decision_once() -> None:
    facts = CLAIM_ACCOUNTS.outcome(given=[POSTED, PAID], when=REVERSE)

    assert outcome(POSTED, PAID, *facts, when=REVERSE) == ()
    with pytest.raises(OriginalNotPosted):
        outcome(POSTED, PAID, *facts, when=replace(REVERSE, remittance_id="R3"))


def test_refuses_to_undo_what_was_never_posted() -> None:
    with pytest.raises(OriginalNotPosted):
        outcome(CHARGED, when=REVERSE)


def test_is_a_history_of_its_own_for_each_claim() -> None:
    assert CLAIM_ACCOUNTS.stream(PAY) == CLAIM_ACCOUNTS.stream(CHARGE) == "claim_account-C1"
