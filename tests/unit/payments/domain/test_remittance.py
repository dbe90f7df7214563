"""The rules of `services/payments/domain/remittance.py` as examples; every value is synthetic."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.payments.domain.adjudication import ClaimPayment
from services.payments.domain.ledger import Account, Entry, LedgerPosted
from services.payments.domain.remittance import (
    REMITTANCES,
    Command,
    FinishPosting,
    Match,
    MatchClaimPayment,
    Quarantine,
    QuarantineRemittance,
    ReceiveRemittance,
)
from services.payments.domain.remittance_facts import (
    ClaimPaymentRead,
    DuplicateRemittanceDetected,
    ProviderAdjustment,
    QuarantineEnded,
    RemittanceClaimMatched,
    RemittanceClaimUnmatched,
    RemittanceFact,
    RemittanceQuarantined,
    RemittanceRead,
)
from shared.events.payments import ProviderAdjustmentPosted, RemittancePosted, RemittanceReceived
from shared.kernel.decider import Name

NOW = datetime(2026, 3, 21, 15, tzinfo=UTC)


def payment(index: int, paid_cents: int) -> ClaimPayment:
    return ClaimPayment(
        index=index,
        patient_control_number=f"PCN{index}",
        claim_status_code="1",
        payer_claim_number=None,
        charged_cents=paid_cents,
        paid_cents=paid_cents,
        lines=(),
        adjustments=(),
    )


RECEIVE = ReceiveRemittance(
    remittance_id="R1",
    reading_id="T1",
    payer_identifier="EXHP1",
    trace_number="EFT0001",
    originator="1512345678",
    paid_cents=10500,
    paid_on=date(2026, 3, 20),
    method="ACH",
    claim_count=2,
    payments=(payment(1, 7000), payment(2, 4000)),
    provider_adjustments=(ProviderAdjustment(plb_code="WO", reference="ICN7", amount_cents=500),),
    quarantine=None,
    transaction_control_number="0001",
    file_sha256="f1",
    body_sha256="b1",
    source="api",
    now=NOW,
)
RECEIVED = REMITTANCES.outcome(given=(), when=RECEIVE)
FINISH = FinishPosting(
    remittance_id="R1",
    matches=(Match(index=1, patient_control_number="PCN1", claim_id="C1", method="patient-control-number"),),
    now=NOW,
)
POSTED = REMITTANCES.outcome(given=RECEIVED, when=FINISH)
LATE = MatchClaimPayment(
    remittance_id="R1",
    match=Match(index=2, patient_control_number="PCN2", claim_id="C2", method="patient-control-number"),
    now=NOW,
)
HOLD = QuarantineRemittance(
    remittance_id="R1",
    quarantine=Quarantine(level="claim", reason="reversal-without-original"),
    waits_for=("claim/C1",),
    now=NOW,
)
HELD = Quarantine(level="claim", reason="unbalanced", difference_cents=100)


def outcome(*given: RemittanceFact, when: Command) -> tuple[RemittanceFact, ...]:
    return REMITTANCES.outcome(given=given, when=when)


def test_receives_a_check_with_each_of_its_claims() -> None:
    assert [type(fact) for fact in RECEIVED] == [RemittanceReceived, RemittanceRead, ClaimPaymentRead, ClaimPaymentRead]
    assert isinstance(RECEIVED[0], RemittanceReceived)
    assert (RECEIVED[0].claim_count, RECEIVED[0].paid_cents, RECEIVED[0].file_sha256) == (2, 10500, "f1")


def test_reserves_the_payment_and_what_was_said_about_it() -> None:
    names = [name for fact in RECEIVED for name in REMITTANCES.names(fact)]

    assert names == [
        Name("remittance", "EXHP1\x1fEFT0001\x1f1512345678"),
        Name("remittance_body", "b1"),
    ]


@pytest.mark.parametrize("given", [RECEIVED, (*RECEIVED, *POSTED)], ids=["received", "posted"])
def test_detects_the_same_check_in_another_file_once_for_each_file(given: tuple[RemittanceFact, ...]) -> None:
    detected = outcome(*given, when=replace(RECEIVE, file_sha256="f2", transaction_control_number="0009"))

    assert [type(fact) for fact in detected] == [DuplicateRemittanceDetected]
    assert outcome(*given, *detected, when=replace(RECEIVE, file_sha256="f2")) == ()
    assert outcome(*given, when=RECEIVE) == ()


def test_holds_other_content_under_the_same_name_without_counting_its_money_again() -> None:
    (held,) = outcome(*RECEIVED, when=replace(RECEIVE, file_sha256="f2", body_sha256="b2"))

    assert isinstance(held, RemittanceQuarantined)
    assert (held.level, held.reason, held.unposted_cents) == ("identity", "same-trace-other-content", 0)
    assert outcome(*RECEIVED, held, when=replace(RECEIVE, file_sha256="f2", body_sha256="b2")) == ()
    assert outcome(*RECEIVED, held, when=FINISH) == POSTED


def test_holds_what_the_gate_found_and_posts_nothing_of_it() -> None:
    (held,) = outcome(when=replace(RECEIVE, quarantine=HELD))

    assert isinstance(held, RemittanceQuarantined)
    assert (held.level, held.difference_cents, held.reason, held.unposted_cents) == ("claim", 100, "unbalanced", 10500)
    assert outcome(held, when=FINISH) == ()


def test_takes_a_check_that_was_held_once_the_gate_lets_it_through() -> None:
    too_large = replace(
        RECEIVE, payments=(), quarantine=Quarantine(level="size", reason="over-unit-limit"), reading_id="T0"
    )
    held = outcome(when=too_large)

    again = outcome(*held, when=replace(too_large, file_sha256="f2"))
    taken = outcome(*held, when=RECEIVE)

    assert [type(fact) for fact in again] == [DuplicateRemittanceDetected]
    assert [type(fact) for fact in taken] == [QuarantineEnded, *map(type, RECEIVED)]
    assert outcome(*held, *taken, when=replace(too_large, file_sha256="f1")) == ()


def test_holds_a_check_without_a_day_of_payment() -> None:
    (held,) = outcome(when=replace(RECEIVE, paid_on=None))

    assert isinstance(held, RemittanceQuarantined)
    assert held.reason == "payment-date-missing"


def test_takes_a_mended_explanation_and_ends_every_quarantine_of_the_check() -> None:
    first = outcome(when=replace(RECEIVE, quarantine=HELD, body_sha256="b7"))
    second = outcome(*first, when=replace(RECEIVE, quarantine=HELD, body_sha256="b8", file_sha256="f8"))

    mended = outcome(*first, *second, when=replace(RECEIVE, file_sha256="f9"))

    assert [type(fact) for fact in mended][:4] == [QuarantineEnded, QuarantineEnded, RemittanceReceived, RemittanceRead]
    assert isinstance(mended[3], RemittanceRead)
    assert mended[3].released_cents == 10500
    assert outcome(*first, *second, *mended, when=FINISH) != ()


def test_closes_a_check_with_what_it_posts_besides_its_claims() -> None:
    matched, unmatched, plb, receipt, posted = POSTED

    assert isinstance(matched, RemittanceClaimMatched)
    assert (matched.index, matched.claim_id, matched.method) == (1, "C1", "patient-control-number")
    assert isinstance(unmatched, RemittanceClaimUnmatched)
    assert (unmatched.index, unmatched.patient_control_number, unmatched.paid_cents) == (2, "PCN2", 4000)
    assert isinstance(plb, ProviderAdjustmentPosted)
    assert (plb.plb_code, plb.amount_cents) == ("WO", 500)
    assert isinstance(receipt, LedgerPosted)
    assert receipt.entries == (
        Entry(account=Account.CASH, debit_cents=10500),
        Entry(account=Account.PROVIDER_ADJUSTMENTS, debit_cents=500),
        Entry(account=Account.UNAPPLIED, credit_cents=4000),
        Entry(account=Account.REMITTANCE_CLEARING, credit_cents=7000),
    )
    assert isinstance(posted, RemittancePosted)
    assert (posted.claim_count, posted.unmatched_count, posted.provider_adjustment_cents) == (2, 1, 500)


def test_closes_a_check_once() -> None:
    assert outcome(*RECEIVED, *POSTED, when=FINISH) == ()
    assert outcome(when=FINISH) == ()


def test_ties_a_payment_that_waited_once() -> None:
    (matched,) = outcome(*RECEIVED, *POSTED, when=LATE)

    assert isinstance(matched, RemittanceClaimMatched)
    assert matched.claim_id == "C2"
    assert outcome(*RECEIVED, *POSTED, matched, when=LATE) == ()
    assert outcome(*RECEIVED, *POSTED, when=replace(LATE, match=FINISH.matches[0])) == ()


def test_holds_a_received_check_that_cannot_be_posted_as_a_whole() -> None:
    (held,) = outcome(*RECEIVED, when=HOLD)

    assert isinstance(held, RemittanceQuarantined)
    assert (held.reason, held.unposted_cents, held.body_sha256) == ("reversal-without-original", 10500, "b1")
    assert outcome(*RECEIVED, held, when=HOLD) == ()
    assert outcome(*RECEIVED, *POSTED, when=HOLD) == ()


def test_posts_a_held_check_once_its_claims_let_it_and_counts_its_money_once() -> None:
    held = outcome(*RECEIVED, when=HOLD)

    ended, *posted = outcome(*RECEIVED, *held, when=FINISH)

    assert isinstance(ended, QuarantineEnded)
    assert (ended.body_sha256, ended.released_cents, ended.waits_for) == ("b1", 10500, ("claim/C1",))
    assert tuple(posted) == POSTED
    assert outcome(*RECEIVED, *held, ended, *posted, when=FINISH) == ()
    assert outcome(*RECEIVED, *held, ended, *posted, when=HOLD) == ()


def test_says_what_else_a_held_check_waits_for_without_counting_its_money_again() -> None:
    held = outcome(*RECEIVED, when=HOLD)

    (anew,) = outcome(*RECEIVED, *held, when=replace(HOLD, waits_for=("claim/C2",)))
    ended = outcome(*RECEIVED, *held, anew, when=FINISH)[0]

    assert isinstance(anew, RemittanceQuarantined)
    assert (anew.waits_for, anew.unposted_cents) == (("claim/C2",), 0)
    assert isinstance(ended, QuarantineEnded)
    assert (ended.waits_for, ended.released_cents) == (("claim/C1", "claim/C2"), 10500)


def test_takes_a_mended_explanation_of_a_check_that_was_read_and_is_held() -> None:
    held = outcome(*RECEIVED, when=HOLD)
    mended = replace(RECEIVE, body_sha256="b2", file_sha256="f2", paid_cents=7000, payments=(payment(1, 7500),))

    ended, received, read, claim = outcome(*RECEIVED, *held, when=mended)
    posted = outcome(*RECEIVED, *held, ended, received, read, claim, when=FINISH)

    assert isinstance(ended, QuarantineEnded)
    assert (ended.body_sha256, ended.released_cents, ended.waits_for) == ("b1", 0, ("claim/C1",))
    assert isinstance(read, RemittanceRead)
    assert read.released_cents == 10500
    assert isinstance(posted[-1], RemittancePosted)
    assert (posted[-1].paid_cents, posted[-1].claim_count) == (7000, 1)
    (other,) = outcome(*RECEIVED, *held, when=replace(mended, quarantine=HELD))
    assert isinstance(other, RemittanceQuarantined)
    assert (other.reason, other.unposted_cents) == ("same-trace-other-content", 0)
