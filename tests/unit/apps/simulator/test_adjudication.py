"""What a payer pays, to the cent."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from apps.simulator.adjudication import Adjudicated, Adjustment, adjudicate
from apps.simulator.claim import Billed, Claim, Named, Payee
from apps.simulator.outcome import Course, Outcome

DAY = date(2026, 10, 1)
COURSES = (Outcome(Course.PAID), Outcome(Course.SHARED), Outcome(Course.DENIED, "50"))


def _adjudicated(decided: Outcome, *charges_cents: int) -> Adjudicated:
    lines = [Billed(str(at), ("HC", "99213"), cents, "1", DAY, DAY) for at, cents in enumerate(charges_cents, start=1)]
    claim = Claim(
        number="C1",
        charge_cents=sum(charges_cents),
        place_of_service="11",
        frequency="1",
        payee=Payee("CLINIC", "1234567893", "587654321"),
        payer=Named("PLAN", number="EXHP1"),
        subscriber=Named("SAMPLE", "ADA", "M1"),
        patient=None,
        filing_indicator="CI",
        position=1,
        lines=lines,
    )
    return adjudicate(claim, decided)


def test_pays_the_allowed_amount_and_writes_off_the_rest() -> None:
    paid = _adjudicated(Outcome(Course.PAID), 133_33)

    assert paid.lines[0].adjustments == (Adjustment("CO", "45", 26_67),)
    assert (paid.paid_cents, paid.contractual_cents, paid.patient_cents) == (106_66, 26_67, 0)


def test_takes_the_deductible_over_lines_and_the_copay_from_the_first() -> None:
    shared = _adjudicated(Outcome(Course.SHARED), 30_00, 100_00)

    assert shared.lines[0].adjustments == (Adjustment("CO", "45", 6_00), Adjustment("PR", "1", 24_00))
    assert shared.lines[1].adjustments == (
        Adjustment("CO", "45", 20_00),
        Adjustment("PR", "1", 16_00),
        Adjustment("PR", "2", 12_80),
    )
    assert (shared.paid_cents, shared.contractual_cents, shared.patient_cents) == (51_20, 26_00, 52_80)


def test_takes_deductible_coinsurance_and_copay_from_one_line() -> None:
    line = _adjudicated(Outcome(Course.SHARED), 250_01).lines[0]

    assert [(each.reason, each.amount_cents) for each in line.adjustments] == [
        ("45", 50_00),
        ("1", 40_00),
        ("2", 32_00),
        ("3", 15_00),
    ]


def test_denies_every_line_with_the_reason() -> None:
    denied = _adjudicated(Outcome(Course.DENIED, "27"), 100_00, 50_00)

    assert [line.adjustments for line in denied.lines] == [
        (Adjustment("CO", "27", 100_00),),
        (Adjustment("CO", "27", 50_00),),
    ]
    assert (denied.denied, denied.denied_cents, denied.paid_cents, denied.contractual_cents) == (True, 150_00, 0, 0)


@given(st.sampled_from(COURSES), st.lists(st.integers(0, 10_000_00), min_size=1, max_size=6))
def test_balances_whatever_is_charged(decided: Outcome, charges_cents: list[int]) -> None:
    adjudicated = _adjudicated(decided, *charges_cents)
    parts = adjudicated.paid_cents, adjudicated.contractual_cents, adjudicated.patient_cents, adjudicated.denied_cents

    assert sum(parts) == sum(charges_cents)
    assert all(part >= 0 for part in parts)
    for line in adjudicated.lines:
        assert line.paid_cents == line.billed.charge_cents - sum(each.amount_cents for each in line.adjustments)
        assert line.paid_cents >= 0
        assert all(each.amount_cents > 0 for each in line.adjustments)
