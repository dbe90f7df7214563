"""What another payer decided adds up before it is written, and stands in one place."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from shared.x12.checks import check
from shared.x12.sets.t837p_x222a1 import (
    Adjustment,
    LineAdjudication,
    OtherPayer,
    Payer,
    ProfessionalClaim,
    read_837p,
    write_837p,
)
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import pyx12_check
from tests.unit.shared.x12.examples import CLAIM, DOE, ENVELOPE, OFFICE_VISIT, THERAPY, batch

DECIDED_ON: Final = date(2026, 1, 10)
VISIT_DECIDED: Final = LineAdjudication(
    payer_id="11111",
    paid_cents=60_00,
    units=Decimal(1),
    procedure="99213",
    adjustments=(
        Adjustment(group="CO", reason="45", amount_cents=20_00),
        Adjustment(group="PR", reason="2", amount_cents=20_00, quantity=Decimal(1)),
    ),
    adjudicated_on=DECIDED_ON,
)
THERAPY_DECIDED: Final = LineAdjudication(
    payer_id="11111",
    paid_cents=82_50,
    units=Decimal("1.5"),
    procedure="97110",
    modifiers=("GP",),
    adjudicated_on=DECIDED_ON,
)
PRIMARY: Final = OtherPayer(
    payer=Payer(name="PRIMARY PAYER", payer_id="11111"),
    responsibility="P",
    member_id="PRIM123",
    subscriber_name=DOE.name,
    subscriber_address=DOE.address,
    group_number="PRIMGRP",
    claim_filing="CI",
    paid_cents=142_50,
    remaining_liability_cents=20_00,
    payer_control_number="ICN9",
)
LINES: Final = (
    replace(OFFICE_VISIT, adjudications=(VISIT_DECIDED,)),
    replace(THERAPY, adjudications=(THERAPY_DECIDED,)),
)
SECONDARY: Final = replace(CLAIM, subscriber=replace(DOE, responsibility="S"), lines=LINES, other_payers=(PRIMARY,))
ON_CLAIM: Final = replace(
    SECONDARY,
    lines=CLAIM.lines,
    other_payers=(
        replace(
            PRIMARY,
            adjustments=(Adjustment(group="PR", reason="2", amount_cents=40_00),),
            adjudicated_on=DECIDED_ON,
        ),
    ),
)
TERTIARY: Final = replace(
    ON_CLAIM,
    subscriber=replace(DOE, responsibility="T"),
    other_payers=(
        *ON_CLAIM.other_payers,
        replace(ON_CLAIM.other_payers[0], responsibility="S", payer=Payer(name="SECOND", payer_id="22222")),
    ),
)
UNDECIDED: Final = replace(PRIMARY, paid_cents=None, remaining_liability_cents=None)
SECOND_UNDECIDED: Final = replace(UNDECIDED, responsibility="S", payer=Payer(name="SECOND", payer_id="22222"))


def _written(claim: ProfessionalClaim) -> bytes:
    return write_837p(batch(claim), envelope=ENVELOPE, transaction_control_number=1)


def _other(**changes: Any) -> ProfessionalClaim:  # noqa: ANN401 (any field)
    return replace(SECONDARY, other_payers=(replace(PRIMARY, **changes),))


def _on_claim(**changes: Any) -> ProfessionalClaim:  # noqa: ANN401 (any field)
    return replace(ON_CLAIM, other_payers=(replace(ON_CLAIM.other_payers[0], **changes),))


def _visit(**changes: Any) -> ProfessionalClaim:  # noqa: ANN401 (any field)
    line = replace(OFFICE_VISIT, adjudications=(replace(VISIT_DECIDED, **changes),))
    return replace(SECONDARY, lines=(line, LINES[1]))


def test_a_secondary_claim_is_written_as_the_guide_says() -> None:
    text = _written(SECONDARY).decode()

    assert (
        "~SBR*P*18*PRIMGRP******CI~AMT*D*142.5~AMT*EAF*20~OI***Y***Y~NM1*IL*1*DOE*JOHN*Q***MI*PRIM123~N3*1 ELM ST*APT 2"
        "~N4*TAMPA*FL*336020001~NM1*PR*2*PRIMARY PAYER*****PI*11111~REF*F8*ICN9~LX*1~"
    ) in text
    assert "~SVD*11111*60*HC:99213**1~CAS*CO*45*20~CAS*PR*2*20*1~DTP*573*D8*20260110~LX*2~" in text
    assert pyx12_check(text).errors == ()


@pytest.mark.parametrize("claim", [SECONDARY, ON_CLAIM, TERTIARY], ids=["on lines", "on the claim", "tertiary"])
def test_what_other_payers_decided_comes_back(claim: ProfessionalClaim) -> None:
    data = _written(claim)

    assert read_837p(data)[0].claims == (claim,)
    assert pyx12_check(data.decode()).errors == ()


def test_a_payer_whose_place_nobody_knows_stands_beside_others() -> None:
    later = replace(PRIMARY, responsibility="U", paid_cents=None, remaining_liability_cents=None)

    data = _written(replace(CLAIM, subscriber=replace(DOE, responsibility="U"), other_payers=(later,)))

    assert read_837p(data)[0].claims[0].other_payers == (later,)


def test_a_payer_that_has_not_decided_is_named_only() -> None:
    later = replace(PRIMARY, responsibility="S", paid_cents=None, remaining_liability_cents=None)

    data = _written(replace(CLAIM, other_payers=(later,)))

    assert read_837p(data)[0].claims[0].other_payers == (later,)
    assert pyx12_check(data.decode()).errors == ()


@pytest.mark.parametrize(
    ("mine", "others"),
    [
        ("T", (*ON_CLAIM.other_payers, replace(SECOND_UNDECIDED, noncovered_cents=182_50))),
        ("S", (*ON_CLAIM.other_payers, replace(SECOND_UNDECIDED, responsibility="A"))),
        ("U", (*ON_CLAIM.other_payers, SECOND_UNDECIDED)),
        ("T", (*ON_CLAIM.other_payers, replace(SECOND_UNDECIDED, responsibility="U"))),
    ],
    ids=["does not cover", "comes later", "nobody knows when mine comes", "nobody knows when it comes"],
)
def test_a_payer_need_not_have_decided_unless_it_comes_before(mine: str, others: tuple[OtherPayer, ...]) -> None:
    claim = replace(CLAIM, subscriber=replace(DOE, responsibility=mine), other_payers=others)

    data = _written(claim)

    assert read_837p(data)[0].claims == (claim,)
    assert [found.rule.id for found in check(data) if found.rule.id == "4-not-decided"] == []


def test_a_denial_is_a_payment_of_nothing() -> None:
    denied = _on_claim(paid_cents=0, adjustments=(Adjustment(group="CO", reason="97", amount_cents=182_50),))

    assert b"~CAS*CO*97*182.5~AMT*D*0~" in _written(denied)


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (replace(CLAIM, subscriber=replace(DOE, responsibility="S")), "names the payers before it"),
        (replace(CLAIM, subscriber=replace(DOE, responsibility="A")), "names the payers before it"),
        (
            replace(SECONDARY, other_payers=(replace(PRIMARY, responsibility="T"),)),
            "names the payers before it, the primary",
        ),
        (replace(CLAIM, lines=LINES), "a payer that the claim names"),
        (replace(SECONDARY, subscriber=DOE), "its own place in their order"),
        (replace(TERTIARY, other_payers=(PRIMARY, replace(PRIMARY, responsibility="S"))), "its own number"),
        (_other(payer=Payer(name="ELSEWHERE", payer_id="22222")), "a payer that the claim names"),
        (_other(paid_cents=None), "says what it paid"),
        (replace(CLAIM, subscriber=SECONDARY.subscriber, other_payers=(UNDECIDED,)), "have decided"),
        (replace(TERTIARY, other_payers=(*ON_CLAIM.other_payers, SECOND_UNDECIDED)), "have decided"),
        (_other(paid_cents=142_51), "the charge of the claim"),
        (_other(paid_cents=-1), "not negative"),
        (_other(adjudicated_on=DECIDED_ON), "the day of a decision"),
        (_other(remaining_liability_cents=None), "still owes"),
        (_on_claim(adjudicated_on=None), "the day of a decision"),
        (_on_claim(remaining_liability_cents=None), "still owes"),
        (_on_claim(paid_cents=142_49), "the charge of the claim"),
        (_on_claim(paid_cents=None, adjustments=()), "says what it paid"),
        (_on_claim(adjustments=(Adjustment(group="CR", reason="2", amount_cents=40_00),)), "has a group"),
        (_on_claim(adjustments=(Adjustment(group="PR", reason="", amount_cents=40_00),)), "has a group"),
        (_on_claim(adjustments=(Adjustment(group="PR", reason="123456", amount_cents=40_00),)), "has a group"),
        (_visit(adjudicated_on=None), "the day of a decision"),
        (_visit(remaining_liability_cents=20_00), "still owes"),
        (_visit(paid_cents=-1), "not negative"),
        (_visit(bundled_into=0), "a line of the claim"),
        (_visit(bundled_into=3), "a line of the claim"),
        (_visit(units=Decimal(-1)), "units"),
        (_other(remaining_liability_cents=-1), "not negative"),
        (_other(noncovered_cents=-1), "not negative"),
        (_visit(adjustments=()), "the charge of the claim"),
        (_visit(procedure=""), "names the procedure"),
        (
            replace(SECONDARY, lines=(LINES[0], replace(THERAPY, adjudications=(THERAPY_DECIDED,) * 16))),
            "at most fifteen",
        ),
    ],
)
def test_decisions_that_do_not_add_up_are_refused(refused: ProfessionalClaim, why: str) -> None:
    with pytest.raises(CannotBeWritten, match=why):
        _written(refused)


def test_lines_that_add_up_only_together_are_refused() -> None:
    visit = replace(VISIT_DECIDED, paid_cents=70_00)
    therapy = replace(THERAPY_DECIDED, paid_cents=72_50)
    lines = (replace(OFFICE_VISIT, adjudications=(visit,)), replace(THERAPY, adjudications=(therapy,)))

    with pytest.raises(CannotBeWritten, match="on a line is its charge"):
        _written(replace(SECONDARY, lines=lines))


def test_a_payer_that_decided_on_some_lines_decided_on_all() -> None:
    lines = (LINES[0], THERAPY)

    with pytest.raises(CannotBeWritten):
        _written(replace(SECONDARY, lines=lines, other_payers=(replace(PRIMARY, paid_cents=60_00),)))


def test_what_was_adjusted_on_the_claim_is_not_paid_twice() -> None:
    moved = replace(THERAPY_DECIDED, adjustments=(Adjustment(group="CO", reason="45", amount_cents=2_50),))
    lines = (LINES[0], replace(THERAPY, adjudications=(replace(moved, paid_cents=80_00),)))
    twice = replace(PRIMARY, paid_cents=130_00, adjustments=(Adjustment(group="OA", reason="23", amount_cents=10_00),))
    once = replace(twice, paid_cents=130_00)

    assert _written(replace(SECONDARY, lines=lines, other_payers=(once,)))
    with pytest.raises(CannotBeWritten):
        _written(replace(SECONDARY, lines=lines, other_payers=(replace(twice, paid_cents=140_00),)))


def test_ten_other_payers_are_the_most() -> None:
    later = replace(PRIMARY, paid_cents=None, remaining_liability_cents=None)
    many = tuple(
        replace(later, responsibility=place, payer=Payer(name="OTHER", payer_id=f"{number:05d}"))
        for number, place in enumerate("STABCDEFGHU")
    )

    assert _written(replace(CLAIM, other_payers=many[:10]))
    with pytest.raises(CannotBeWritten, match="at most ten"):
        _written(replace(CLAIM, other_payers=many))


def test_more_adjustments_than_five_segments_hold_are_refused() -> None:
    adjustments = tuple(
        Adjustment(group="PR", reason="45", amount_cents=1_29 + (number == 0) * 1) for number in range(31)
    )
    assert sum(adjustment.amount_cents for adjustment in adjustments) == 40_00

    with pytest.raises(CannotBeWritten, match="five CAS"):
        _written(_on_claim(adjustments=adjustments))


def test_adjustments_of_a_group_are_written_together() -> None:
    adjustments = tuple(
        Adjustment(group="CO" if number % 2 else "PR", reason=str(number), amount_cents=4_00) for number in range(10)
    )

    data = _written(_on_claim(adjustments=adjustments))

    (other,) = read_837p(data)[0].claims[0].other_payers
    assert other.adjustments == (*adjustments[::2], *adjustments[1::2])
    assert data.count(b"~CAS*") == 2
    assert pyx12_check(data.decode()).errors == ()


def test_refusals_say_no_value() -> None:
    with pytest.raises(CannotBeWritten) as refusal:
        _written(_other(paid_cents=142_51))

    assert not any(character.isdigit() for character in str(refusal.value))
