"""What a repricer made of a charge, and what other payers call a provider, comes back on either kind of claim."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pytest

from shared.x12.segments import Reference
from shared.x12.sets.t837i_x223a2 import InstitutionalClaim, read_837i, write_837i
from shared.x12.sets.t837p_x222a1 import (
    OtherPayer,
    OtherPayerProvider,
    Payer,
    ProfessionalClaim,
    Repricing,
    read_837p,
    write_837p,
)
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import pyx12_check
from tests.unit.shared.x12.examples import CLAIM, DOE, ENVELOPE, OFFICE_VISIT, STAY, THERAPY, batch, stays

REPRICED: Final = Repricing(
    method="03",
    allowed_cents=80_00,
    savings_cents=20_00,
    organization_id="123456789",
    rate=Decimal("1.5"),
    group_code="APG1",
    group_cents=70_00,
    reject_reason="T1",
    policy_compliance="2",
    exception="3",
)
ON_LINE: Final = replace(
    REPRICED, procedure_qualifier="HC", procedure="99212", unit_basis="UN", units=Decimal(2), reject_reason=""
)
TELLS: Final = "HCP*03*80*20*123456789*1.5*APG1*70"
KNOWN: Final = OtherPayerProvider(role="82", kind="1", references=(Reference(qualifier="G2", number="THEIRS"),))
LATER: Final = OtherPayer(
    payer=Payer(name="LATER", payer_id="11111"),
    responsibility="S",
    member_id="M1",
    subscriber_name=DOE.name,
    claim_filing="CI",
    providers=(KNOWN, OtherPayerProvider(role="85", kind="2", references=(Reference(qualifier="G2", number="B1"),))),
)


def _both(changes: dict[str, Any], line: dict[str, Any]) -> tuple[ProfessionalClaim, InstitutionalClaim]:
    claim = replace(CLAIM, lines=(replace(OFFICE_VISIT, **line), THERAPY), **changes)
    return claim, replace(STAY, lines=(replace(STAY.lines[0], **line), STAY.lines[1]), **changes)


def _written(claim: ProfessionalClaim, stay: InstitutionalClaim) -> tuple[str, str]:
    return (
        write_837p(batch(claim), envelope=ENVELOPE, transaction_control_number=1).decode(),
        write_837i(stays(stay), envelope=ENVELOPE, transaction_control_number=1).decode(),
    )


@pytest.mark.parametrize(
    ("changes", "line", "written"),
    [
        ({"repricing": REPRICED}, {}, f"~{TELLS}******T1*2*3~"),
        ({}, {"repricing": ON_LINE}, f"~{TELLS}**HC*99212*UN*2**2*3~"),
        ({}, {"repricing": Repricing(method="00", allowed_cents=0)}, "~HCP*00*0~"),
        ({"other_payers": (LATER,)}, {}, "~NM1*82*1~REF*G2*THEIRS~NM1*85*2~REF*G2*B1~LX*1~"),
        (
            {"references": (Reference(qualifier="9A", number="R1"), Reference(qualifier="D9", number="T1"))},
            {},
            "~REF*9A*R1~REF*D9*T1~HI*",
        ),
    ],
)
def test_what_others_made_of_a_claim_comes_back(changes: dict[str, Any], line: dict[str, Any], written: str) -> None:
    claim, stay = _both(changes, line)

    text, stay_text = _written(claim, stay)

    assert written in text
    assert written in stay_text
    assert read_837p(text.encode())[0].claims == (claim,)
    assert read_837i(stay_text.encode())[0].claims == (stay,)
    assert pyx12_check(text).errors == ()
    assert pyx12_check(stay_text).errors == ()


@pytest.mark.parametrize(
    ("changes", "line", "why"),
    [
        ({"repricing": replace(REPRICED, method="")}, {}, "method of a repricer"),
        ({"repricing": replace(REPRICED, reject_reason="X1")}, {}, "repricer rejects"),
        ({"repricing": replace(REPRICED, exception="10")}, {}, "policy or exception"),
        ({"repricing": ON_LINE}, {}, "no procedure"),
        ({}, {"repricing": replace(ON_LINE, procedure="")}, "code set"),
        ({}, {"repricing": replace(ON_LINE, unit_basis="")}, "basis"),
        ({}, {"repricing": replace(ON_LINE, procedure_qualifier="XX")}, "code set"),
        ({}, {"repricing": replace(ON_LINE, units=Decimal("NaN"))}, "units"),
        ({"other_payers": (replace(LATER, providers=LATER.providers[::-1]),)}, {}, "in the order of the guide"),
        ({"other_payers": (replace(LATER, providers=(KNOWN, KNOWN)),)}, {}, "once"),
        ({"other_payers": (replace(LATER, providers=(replace(KNOWN, role="XX"),)),)}, {}, "in the order"),
        ({"other_payers": (replace(LATER, providers=(replace(KNOWN, references=()),)),)}, {}, "has a number"),
        ({"other_payers": (replace(LATER, providers=(replace(KNOWN, role="77"),)),)}, {}, "a person or not"),
        (
            {
                "other_payers": (
                    replace(
                        LATER,
                        providers=(
                            replace(KNOWN, role="85", kind="2", references=(Reference(qualifier="0B", number="1"),)),
                        ),
                    ),
                )
            },
            {},
            "another payer knows the biller by is one of G2, LU",
        ),
        ({"references": (Reference(qualifier="XX", number="R1"),)}, {}, "further number of a claim"),
    ],
)
def test_what_others_cannot_have_made_is_refused(changes: dict[str, Any], line: dict[str, Any], why: str) -> None:
    claim, stay = _both(changes, line)

    with pytest.raises(CannotBeWritten, match=why):
        write_837p(batch(claim), envelope=ENVELOPE, transaction_control_number=1)
    with pytest.raises(CannotBeWritten, match=why):
        write_837i(stays(stay), envelope=ENVELOPE, transaction_control_number=1)


def test_a_department_is_approved_by_its_revenue_code_in_an_institution_only() -> None:
    claim, stay = _both({}, {"repricing": replace(ON_LINE, revenue_code="0120")})

    data = write_837i(stays(stay), envelope=ENVELOPE, transaction_control_number=1)

    assert read_837i(data)[0].claims == (stay,)
    assert pyx12_check(data.decode()).errors == ()
    with pytest.raises(CannotBeWritten, match="revenue code"):
        write_837p(batch(claim), envelope=ENVELOPE, transaction_control_number=1)
