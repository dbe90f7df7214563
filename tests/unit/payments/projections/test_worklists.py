"""`services/payments/projections/{exception_queue,denials,mailbox}.py`: what waits for somebody, and until when."""

from datetime import UTC, datetime, timedelta

from services.payments.domain.claim_account import PaymentReversed
from services.payments.domain.inbound_file import RemittanceFileSeen
from services.payments.domain.remittance_facts import QuarantineEnded, RemittanceQuarantined
from services.payments.projections import denials, exception_queue, mailbox
from services.payments.projections.denials import Denial
from services.payments.projections.mailbox import LATEST, MailboxEntry
from shared.events.payments import ClaimDenied

NOW = datetime(2026, 3, 21, 15, tzinfo=UTC)


def denied(batch_id: str, *reasons: str) -> ClaimDenied:
    return ClaimDenied(
        claim_id="C1",
        submission_id="S1",
        patient_id="P1",
        remittance_id=batch_id.partition("/")[0],
        filing_order="primary",
        claim_status_code="4",
        payer_claim_number=None,
        charged_cents=8000,
        paid_cents=0,
        contractual_cents=0,
        denied_cents=8000,
        patient_cents=0,
        lines=(),
        adjustments=(),
        ledger_batch_id=batch_id,
        posted_at=NOW,
        is_initial=True,
        reasons=reasons,
    )


def taken_back(batch_id: str) -> PaymentReversed:
    return PaymentReversed(
        claim_id="C1",
        patient_id="P1",
        remittance_id="R9",
        payer_claim_number=None,
        reversed_batch_id=batch_id,
        charged_cents=-8000,
        paid_cents=0,
        denied_cents=-8000,
        patient_cents=0,
        ledger_batch_id="R9/1",
        reversed_at=NOW,
    )


def fold(*facts: ClaimDenied | PaymentReversed) -> Denial | None:
    row: Denial | None = None
    for fact in facts:
        row = denials.apply(row, fact)
    return row


def test_lists_a_denial_until_the_payer_takes_the_last_of_it_back() -> None:
    first, second = denied("R1/1", "CO-50"), denied("R2/1", "CO-29")
    both = fold(first, second)
    one = fold(first, second, taken_back("R1/1"))

    assert both is not None
    assert (both.denied_cents, both.reasons, both.reason) == (16000, ("CO-50", "CO-29"), "CO-50")
    assert one is not None
    assert (one.denied_cents, one.batches) == (8000, ("R2/1",))
    assert fold(first, second, taken_back("R1/1"), taken_back("R2/1")) is None


def test_ignores_that_another_decision_was_taken_back() -> None:
    assert fold(denied("R1/1"), taken_back("R7/1")) == fold(denied("R1/1"))
    assert fold(taken_back("R7/1")) is None


def test_settles_an_exception_under_the_key_that_opened_it() -> None:
    opened = RemittanceQuarantined(
        remittance_id="R1",
        level="claim",
        difference_cents=100,
        reason="unbalanced",
        payer_identifier="EXHP1",
        trace_number="EFT1",
        paid_cents=10000,
        unposted_cents=10000,
        claim_count=1,
        transaction_control_number="0001",
        file_sha256="f1",
        body_sha256="b1",
        quarantined_at=NOW,
    )
    ended = QuarantineEnded(remittance_id="R1", body_sha256="b1", ended_at=NOW)
    row = exception_queue.apply(None, opened)

    assert row is not None
    assert (row.exception_id, row.needs_action, row.difference_cents) == (exception_queue.keys(opened)[0], True, 100)
    assert exception_queue.keys(ended) == exception_queue.keys(opened)
    assert exception_queue.apply(row, ended) is None


def test_remembers_the_entry_seen_last_in_whatever_order_facts_come() -> None:
    def seen(remote_id: str, minutes: int) -> RemittanceFileSeen:
        return RemittanceFileSeen(
            file_sha256=f"f{remote_id}",
            remote_id=remote_id,
            file_name="x",
            size_bytes=1,
            kind="remittance",
            cursor=remote_id,
            seen_at=NOW + timedelta(minutes=minutes),
        )

    earlier, later = seen("7", 0), seen("8", 1)
    expected = MailboxEntry("8", "f8", "remittance", "8", later.seen_at)

    assert mailbox.keys(later) == ("entry/8", LATEST)
    assert mailbox.apply(mailbox.apply(None, earlier), later) == expected
    assert mailbox.apply(mailbox.apply(None, later), earlier) == expected
