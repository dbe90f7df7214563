"""`services/payments/projections/held_checks.py`: which checks a claim is waited for by."""

from datetime import UTC, datetime
from itertools import permutations

from services.payments.domain.remittance_facts import QuarantineEnded, RemittanceQuarantined
from services.payments.projections.held_checks import HeldChecks, apply, keys, waits_for_claim, waits_for_number

NOW = datetime(2026, 3, 21, 15, tzinfo=UTC)
WAITS_FOR = (waits_for_claim("C1"), waits_for_number("PCN2"))


def held(remittance_id: str) -> RemittanceQuarantined:
    return RemittanceQuarantined(
        remittance_id=remittance_id,
        level="claim",
        difference_cents=0,
        reason="reversal-without-original",
        payer_identifier=None,
        trace_number=None,
        paid_cents=10000,
        unposted_cents=10000,
        claim_count=2,
        transaction_control_number=None,
        file_sha256="f1",
        body_sha256="b1",
        waits_for=WAITS_FOR,
        quarantined_at=NOW,
    )


def ended(remittance_id: str) -> QuarantineEnded:
    return QuarantineEnded(remittance_id=remittance_id, body_sha256="b1", waits_for=WAITS_FOR, ended_at=NOW)


def test_stands_under_each_claim_and_number_that_a_check_waits_for() -> None:
    assert keys(held("R1")) == keys(ended("R1")) == ("claim/C1", "number/PCN2")


def test_ends_the_same_in_every_order_of_checks() -> None:
    ends = set()
    for order in permutations((held("R1"), held("R2"), held("R3"))):
        row: HeldChecks | None = None
        for fact in order:
            row = apply(row, fact)
        ends.add(row)

    assert ends == {HeldChecks(("R1", "R2", "R3"))}


def test_goes_when_the_last_check_waits_no_more() -> None:
    both = apply(apply(None, held("R1")), held("R2"))

    one = apply(both, ended("R1"))

    assert one == HeldChecks(("R2",))
    assert apply(one, ended("R1")) == one
    assert apply(one, ended("R2")) is None
    assert apply(None, ended("R2")) is None
