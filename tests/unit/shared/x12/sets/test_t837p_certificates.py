"""837P: a ride, conditions, the answers of a form and the marks of a line come back as they went."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from shared.x12.party import Address
from shared.x12.sets.t837p_x222a1 import (
    Answer,
    Certificate,
    Form,
    ProfessionalClaim,
    Ride,
    Stop,
    read_837p,
    write_837p,
)
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import pyx12_check
from tests.unit.shared.x12.examples import CLAIM, ENVELOPE, HOME, OFFICE_VISIT, SAMPLES, THERAPY, batch, needs_samples
from tests.unit.shared.x12.sets.t837.test_refusals import LINES, SECONDARY

BEGAN: Final = Stop(address=HOME)
ENDED: Final = Stop(address=Address(line="2 OAK ST", city="MIAMI", state="FL", postal_code="33111"), name="HOSPITAL")
RIDE: Final = Ride(
    reason="A",
    miles=Decimal("21.5"),
    weight_pounds=Decimal(275),
    round_trip_purpose="DIALYSIS",
    stretcher_purpose="CANNOT SIT",
    pick_up=BEGAN,
    drop_off=ENDED,
)
STOPS: Final = "~NM1*PW*2~N3*1 ELM ST*APT 2~N4*TAMPA*FL*336020001~NM1*45*2*HOSPITAL~N3*2 OAK ST~N4*MIAMI*FL*33111~"
CERTIFIED: Final = (
    Certificate(category="07", applies=True, codes=("04", "06", "09")),
    Certificate(category="07", applies=False, codes=("05",)),
    Certificate(category="75", applies=True, codes=("IH",)),
    Certificate(category="E1", applies=True, codes=("L1", "L2")),
    Certificate(category="ZZ", applies=True, codes=("ST",)),
)
FORM: Final = Form(
    qualifier="UT",
    number="484.03",
    answers=(
        Answer(question="1A", text="56"),
        Answer(question="1B", percent=Decimal("80.5")),
        Answer(question="1C", on=date(2025, 12, 1)),
        Answer(question="4", choice="Y"),
    ),
)


def _line(**changes: Any) -> ProfessionalClaim:  # noqa: ANN401 (any field)
    return replace(CLAIM, lines=(replace(OFFICE_VISIT, **changes), THERAPY))


def _written(claim: ProfessionalClaim) -> str:
    return write_837p(batch(claim), envelope=ENVELOPE, transaction_control_number=1).decode()


@pytest.mark.parametrize(
    ("claim", "written"),
    [
        (replace(CLAIM, ride=RIDE), "~CR1*LB*275**A*DH*21.5***DIALYSIS*CANNOT SIT~HI*"),
        (replace(CLAIM, ride=RIDE), STOPS),
        (replace(CLAIM, ride=Ride(reason="B", miles=Decimal(0))), "~CR1****B*DH*0~HI*"),
        (replace(CLAIM, ride=Ride(pick_up=BEGAN, drop_off=ENDED)), STOPS),
        (
            replace(CLAIM, certificates=CERTIFIED),
            "~CRC*07*Y*04*06*09~CRC*07*N*05~CRC*75*Y*IH~CRC*E1*Y*L1*L2~CRC*ZZ*Y*ST~HI*",
        ),
        (_line(ride=RIDE), "~CR1*LB*275**A*DH*21.5***DIALYSIS*CANNOT SIT~DTP*472*"),
        (_line(ride=RIDE), f"{STOPS}LX*2~"),
        (_line(ride=Ride(patients=Decimal(2)), obstetric_units=Decimal(3)), "~QTY*PT*2~QTY*FL*3~REF*6R*"),
        (
            _line(certificates=(CERTIFIED[0], Certificate(category="09", applies=True, codes=("ZV",)))),
            "~CRC*07*Y*04*06*09~CRC*09*Y*ZV~DTP*472*",
        ),
        (
            _line(forms=(FORM, replace(FORM, qualifier="AS", answers=FORM.answers[3:]))),
            "~LQ*UT*484.03~FRM*1A**56~FRM*1B****80.5~FRM*1C***20251201~FRM*4*Y~LQ*AS*484.03~FRM*4*Y~LX*2~",
        ),
        (_line(is_emergency=True), "*UN*1***1**Y~"),
        (_line(is_screening=True, is_family_planning=True, is_without_copay=True), "*UN*1***1****Y*Y***0~"),
    ],
)
def test_what_is_certified_comes_back(claim: ProfessionalClaim, written: str) -> None:
    text = _written(claim)

    assert written in text
    assert read_837p(text.encode())[0].claims == (claim,)
    assert pyx12_check(text).errors == ()


def test_a_form_behind_a_decision_is_the_lines() -> None:
    claim = replace(SECONDARY, lines=(replace(LINES[0], forms=(FORM,)), LINES[1]))

    text = _written(claim)

    assert "~DTP*573*D8*20260110~LQ*UT*484.03~" in text
    assert read_837p(text.encode())[0].claims == (claim,)
    assert pyx12_check(text).errors == ()


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (replace(CLAIM, ride=replace(RIDE, reason="F")), "reason of a ride"),
        (replace(CLAIM, ride=replace(RIDE, miles=None)), "has miles"),
        (replace(CLAIM, ride=replace(RIDE, miles=Decimal(-1))), "not negative"),
        (replace(CLAIM, ride=replace(RIDE, miles=Decimal("NaN"))), "is a number"),
        (replace(CLAIM, ride=replace(RIDE, weight_pounds=Decimal(0))), "weighs something"),
        (replace(CLAIM, ride=replace(RIDE, round_trip_purpose="*")), "no character"),
        (replace(CLAIM, ride=replace(RIDE, drop_off=None)), "one where it ended"),
        (replace(CLAIM, ride=replace(RIDE, pick_up=ENDED)), "without a name"),
        (replace(CLAIM, ride=replace(RIDE, patients=Decimal(1))), "stands on a line"),
        (replace(CLAIM, certificates=CERTIFIED[::-1]), "in the order of the guide"),
        (replace(CLAIM, certificates=CERTIFIED[:1] * 4), "three times"),
        (replace(CLAIM, certificates=CERTIFIED[3:4] * 4), "three times"),
        (replace(CLAIM, certificates=CERTIFIED[2:3] * 2), "all else once"),
        (replace(CLAIM, certificates=(replace(CERTIFIED[0], category="09"),)), "stands here"),
        (replace(CLAIM, certificates=(replace(CERTIFIED[0], codes=()),)), "one to five"),
        (replace(CLAIM, certificates=(replace(CERTIFIED[0], codes=("IH",)),)), "of its category"),
        (_line(certificates=CERTIFIED[2:3]), "stands here"),
        (_line(forms=(replace(FORM, qualifier="XX"),)), "kind of a form"),
        (_line(forms=(replace(FORM, answers=()),)), "1 to 99 answers"),
        (_line(forms=(replace(FORM, answers=(Answer(question="1"),)),)), "has an answer"),
        (_line(forms=(replace(FORM, answers=(Answer(question="1", choice="X"),)),)), "answer to a question"),
        (_line(obstetric_units=Decimal(-1)), "units"),
    ],
)
def test_what_cannot_be_certified_is_refused(refused: ProfessionalClaim, why: str) -> None:
    with pytest.raises(CannotBeWritten, match=why):
        _written(refused)


@needs_samples
@pytest.mark.parametrize("name", ["ambulance", "out_of_network_repriced_claim", "ppo_repriced_claim"])
def test_no_segment_of_a_strangers_claim_is_lost(name: str) -> None:
    (read,) = read_837p((SAMPLES / "837P" / f"kputnam-stupidedi_{name}.edi").read_bytes())

    data = write_837p(read, envelope=ENVELOPE, transaction_control_number=1)

    (again,) = read_837p(data)
    assert again == read
    assert [sorted(map(_meaning, claim.raw)) for claim in again.claims] == [
        sorted(map(_meaning, claim.raw)) for claim in read.claims
    ]


def _meaning(raw: str) -> list[str]:
    """Return the elements of a segment, numbers in one form: `766.50` is 766.5."""
    return [element.rstrip("0").rstrip(".") if "." in element else element for element in raw.split("*")]
