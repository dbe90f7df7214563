"""What a payer pays, to the cent: covered or not, priced, shared with the member, after other payers."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.simulator.adjudication import Asked, Decided, adjudicate
from apps.simulator.contract import Contract, Fee
from apps.simulator.plan import Coverage, Plan, Used
from apps.simulator.scenario import PAID, SCENARIOS, SHARED, YEARLY, Scenario, named
from shared.x12.adjustment import Adjustment
from shared.x12.sets.t837p_x222a1 import (
    Address,
    BillingProvider,
    LineAdjudication,
    OtherPayer,
    Payer,
    PersonName,
    ProfessionalClaim,
    ServiceLine,
    Subscriber,
)

DAY = date(2026, 10, 1)
HOME = Address(line="1 ELM ST", city="TAMPA", state="FL", postal_code="336020001")
NAME = PersonName(last_name="SAMPLE", first_name="ADA")


def _line(charge_cents: int, procedure: str = "99213", **other: object) -> ServiceLine:
    line = ServiceLine(
        procedure=procedure,
        charge_cents=charge_cents,
        units=Decimal(1),
        pointers=(1,),
        service_from=DAY,
        service_to=DAY,
    )
    return replace(line, **other)  # type: ignore[arg-type]


def _claim(*lines: ServiceLine, **other: object) -> ProfessionalClaim:
    claim = ProfessionalClaim(
        patient_control_number="C1",
        charge_cents=sum(line.charge_cents for line in lines),
        place_of_service="11",
        billing_provider=BillingProvider(name="CLINIC", npi="1234567893", tax_id="587654321", address=HOME),
        subscriber=Subscriber(member_id="M1", name=NAME, claim_filing="CI"),
        payer=Payer(name="PLAN", payer_id="EXHP1"),
        diagnoses=("E119", "Z0000"),
        lines=lines,
    )
    return replace(claim, **other)  # type: ignore[arg-type]


def _asked(claim: ProfessionalClaim, scenario: Scenario = PAID, *, plan: Plan | None = None, **other: object) -> Asked:
    coverage = Coverage(plan=plan or scenario.plan)
    asked = Asked(claim=claim, scenario=scenario, coverage=coverage, contract=Contract(), received_on=DAY)
    return replace(asked, **other)  # type: ignore[arg-type]


def _reasons(decided: Decided) -> list[list[tuple[str, str, int]]]:
    return [[(each.group, each.reason, each.amount_cents) for each in line.adjustments] for line in decided.lines]


def test_pays_the_allowed_amount_and_writes_off_the_rest() -> None:
    paid = adjudicate(_asked(_claim(_line(133_33))))

    assert _reasons(paid) == [[("CO", "45", 26_67)]]
    assert (paid.status, paid.paid_cents, paid.patient_cents) == ("1", 106_66, 0)


def test_pays_by_the_fee_schedule_of_the_day_and_never_above_the_charge() -> None:
    fees = {"99213": [Fee(effective_on=date(2026, 1, 1), allowed_cents=70_00)]}
    fees["99213"].append(Fee(effective_on=date(2026, 10, 2), allowed_cents=75_00))
    asked = _asked(_claim(_line(200_00, units=Decimal(2)), _line(50_00)), contract=Contract(fees=fees))

    assert [line.allowed_cents for line in adjudicate(asked).lines] == [140_00, 50_00]


def test_takes_the_deductible_over_lines_and_the_copay_from_the_first_that_is_paid() -> None:
    shared = adjudicate(_asked(_claim(_line(30_00), _line(100_00)), plan=SHARED))

    assert _reasons(shared) == [
        [("CO", "45", 6_00), ("PR", "1", 24_00)],
        [("CO", "45", 20_00), ("PR", "1", 16_00), ("PR", "2", 12_80), ("PR", "3", 15_00)],
    ]
    assert (shared.paid_cents, shared.patient_cents) == (36_20, 67_80)


def test_takes_deductible_coinsurance_and_copay_from_one_line() -> None:
    shared = adjudicate(_asked(_claim(_line(250_01)), plan=SHARED))

    assert _reasons(shared) == [[("CO", "45", 50_00), ("PR", "1", 40_00), ("PR", "2", 32_00), ("PR", "3", 15_00)]]


def test_counts_a_year_until_its_deductible_is_met() -> None:
    first = adjudicate(_asked(_claim(_line(500_00)), plan=YEARLY))
    second = adjudicate(_asked(_claim(_line(500_00)), plan=YEARLY, used=first.used))

    assert first.used == Used(400_00, 400_00)
    assert _reasons(second) == [[("CO", "45", 100_00), ("PR", "1", 100_00), ("PR", "2", 60_00), ("PR", "3", 25_00)]]


def test_ends_the_members_share_where_the_year_is_out_of_pocket() -> None:
    used = Used(500_00, 1_490_00)
    decided = adjudicate(_asked(_claim(_line(500_00), _line(500_00)), plan=YEARLY, used=used))

    assert decided.patient_cents == 10_00
    assert decided.used == Used(0, 10_00)


@pytest.mark.parametrize(
    ("prefix", "claim", "reasons"),
    [
        ("DENY27", _claim(_line(100_00), _line(50_00)), [[("CO", "27", 100_00)], [("CO", "27", 50_00)]]),
        ("DUPL", _claim(_line(100_00)), [[("OA", "18", 100_00)]]),
        ("AUTH", _claim(_line(100_00)), [[("CO", "197", 100_00)]]),
        ("AUTH", _claim(_line(100_00), authorization_number="A1"), [[("CO", "45", 20_00)]]),
        ("AUTH", _claim(_line(100_00, authorization_number="A1")), [[("CO", "45", 20_00)]]),
        ("NECE", _claim(_line(100_00, pointers=(2,)), _line(50_00)), [[("CO", "50", 100_00)], [("CO", "45", 10_00)]]),
        ("BUND", _claim(_line(100_00), _line(50_00, "20610")), [[("CO", "97", 100_00)], [("CO", "45", 10_00)]]),
        (
            "BUND",
            _claim(_line(100_00, modifiers=("25",)), _line(50_00, "20610")),
            [[("CO", "45", 20_00)], [("CO", "45", 10_00)]],
        ),
        ("PART", _claim(_line(100_00), _line(50_00)), [[("CO", "45", 20_00)], [("CO", "96", 50_00)]]),
        ("PART", _claim(_line(100_00)), [[("CO", "45", 20_00), ("PR", "119", 40_00)]]),
        ("ZERO", _claim(_line(100_00)), [[("CO", "45", 20_00), ("PR", "1", 80_00)]]),
    ],
)
def test_decides_as_the_scenario_says(
    prefix: str, claim: ProfessionalClaim, reasons: list[list[tuple[str, str, int]]]
) -> None:
    scenario = named(prefix)
    assert scenario is not None

    assert _reasons(adjudicate(_asked(claim, scenario))) == reasons


def test_counts_no_deductible_for_a_line_that_is_not_covered() -> None:
    decided = adjudicate(_asked(_claim(_line(100_00), _line(500_00)), SCENARIOS["PART"], plan=YEARLY))

    assert decided.used == Used(80_00, 80_00)
    assert decided.patient_cents == 80_00


def test_allows_nothing_less_than_nothing() -> None:
    fees = {"99213": [Fee(effective_on=date(2026, 1, 1), allowed_cents=70_00)]}
    contract = Contract(fees=fees)

    assert contract.allowed_cents("99213", charge_cents=100_00, units=Decimal(-1), on=DAY) == 0


def test_explains_a_denial_by_a_remark() -> None:
    decided = adjudicate(_asked(_claim(_line(100_00)), SCENARIOS["CODE"]))

    assert (decided.status, decided.lines[0].remark) == ("4", "M51")


def test_denies_what_came_before_or_after_the_coverage() -> None:
    early, late = (_asked(_claim(_line(100_00)), coverage=None, is_early=is_early) for is_early in (True, False))

    assert _reasons(adjudicate(early)) == [[("CO", "26", 100_00)]]
    assert _reasons(adjudicate(late)) == [[("CO", "27", 100_00)]]
    assert {line.remark for each in (early, late) for line in adjudicate(each).lines} == {"N30"}


def test_denies_what_comes_late() -> None:
    late = _asked(_claim(_line(100_00)), SCENARIOS["TIME"], received_on=date(2026, 11, 1))

    assert _reasons(adjudicate(late)) == [[("CO", "29", 100_00)]]
    assert adjudicate(replace(late, received_on=date(2026, 10, 31))).status == "1"


def test_looks_for_a_repeat_before_anything_else() -> None:
    asked = _asked(_claim(_line(100_00)), coverage=None, is_repeated=True)

    assert _reasons(adjudicate(asked)) == [[("OA", "18", 100_00)]]


def test_pays_less_at_a_second_look() -> None:
    first, second = (adjudicate(_asked(_claim(_line(100_00)), is_corrected=again)) for again in (False, True))

    assert (first.paid_cents, second.paid_cents) == (80_00, 48_00)


def test_forwards_where_the_scenario_says_so() -> None:
    assert adjudicate(_asked(_claim(_line(100_00)), SCENARIOS["CROS"])).status == "19"


def _secondary(*lines: ServiceLine, **other: object) -> ProfessionalClaim:
    subscriber = Subscriber(member_id="M1", name=NAME, claim_filing="CI", responsibility="S")
    return _claim(*lines, subscriber=subscriber, **other)


def _primary(paid_cents: int, *adjustments: tuple[str, str, int]) -> OtherPayer:
    return OtherPayer(
        payer=Payer(name="FIRST", payer_id="FIRST"),
        responsibility="P",
        member_id="F1",
        subscriber_name=NAME,
        paid_cents=paid_cents,
        adjustments=tuple(Adjustment(group=g, reason=r, amount_cents=a) for g, r, a in adjustments),
    )


def test_pays_what_the_first_payer_left_to_the_patient() -> None:
    contractual = Adjustment(group="CO", reason="45", amount_cents=20_00)
    adjustments = (contractual, Adjustment(group="PR", reason="2", amount_cents=16_00))
    first = LineAdjudication(payer_id="FIRST", paid_cents=64_00, units=Decimal(1), adjustments=adjustments)
    decided = adjudicate(_asked(_secondary(_line(100_00, adjudications=(first,)))))

    assert _reasons(decided) == [[("OA", "23", 84_00)]]
    assert (decided.status, decided.paid_cents, decided.lines[0].prior_cents) == ("2", 16_00, 84_00)


@pytest.mark.parametrize("by_line", [True, False])
def test_counts_what_the_first_payer_bore_once_however_many_followed(*, by_line: bool) -> None:
    said = ((64_00, ("CO", "45", 20_00), ("PR", "2", 16_00)), (10_00, ("OA", "23", 84_00), ("PR", "2", 6_00)))
    others = tuple(_primary(paid, *adjustments) for paid, *adjustments in said)
    lines = tuple(
        LineAdjudication(payer_id="P", paid_cents=each.paid_cents or 0, units=Decimal(1), adjustments=each.adjustments)
        for each in others
    )
    claim = _secondary(_line(100_00, adjudications=lines if by_line else ()), other_payers=others)

    assert adjudicate(_asked(claim)).paid_cents == 6_00


def test_leaves_to_the_patient_what_neither_payer_bears() -> None:
    other = _primary(0, ("PR", "1", 100_00))
    decided = adjudicate(_asked(_secondary(_line(100_00), other_payers=(other,))))

    assert _reasons(decided) == [[("PR", "2", 20_00)]]
    assert decided.paid_cents == 80_00


@given(
    st.sampled_from(sorted(SCENARIOS)),
    st.lists(st.integers(0, 10_000_00), min_size=1, max_size=6),
    st.integers(0, 10_000_00),
)
def test_balances_whatever_is_charged(prefix: str, charges_cents: list[int], first_paid: int) -> None:
    lines = tuple(_line(cents) for cents in charges_cents)
    other = _primary(min(first_paid, sum(charges_cents)))
    for claim in (_claim(*lines), _secondary(*lines, other_payers=(other,))):
        decided = adjudicate(_asked(claim, SCENARIOS[prefix]))

        for line in decided.lines:
            parts = line.paid_cents, line.contractual_cents, line.patient_cents, line.prior_cents, line.denied_cents
            assert sum(parts) == line.line.charge_cents
            assert all(part >= 0 for part in parts)
            assert all(each.amount_cents > 0 for each in line.adjustments)
