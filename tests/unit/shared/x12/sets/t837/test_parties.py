"""What a stranger's file says of those who stand above a claim is read, and written as it was."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from shared.x12.figures import InpatientAdjudication, OutpatientAdjudication
from shared.x12.party import Address
from shared.x12.segments import Contact, Reference
from shared.x12.sets.t837i_x223a2 import InstitutionalClaim, read_837i, write_837i
from shared.x12.sets.t837p_x222a1 import (
    OtherPayer,
    PatientCondition,
    Payer,
    PayToPlan,
    ProfessionalClaim,
    Provider,
    read_837p,
    write_837p,
)
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import pyx12_check
from tests.unit.shared.x12.examples import (
    CHILD,
    CLAIM,
    CLINIC,
    CLINIC_ADDRESS,
    DOE,
    ENVELOPE,
    OFFICE_VISIT,
    PAYER,
    STAY,
    THERAPY,
    batch,
    stays,
)

ABROAD: Final = Address(line="1 RUE", city="PARIS", state="", postal_code="75001", country="FR")
ASK: Final = Contact(name="DESK", numbers=(("TE", "3055550100"), ("EX", "12")))
CONDITION: Final = PatientCondition(died_on=date(2025, 12, 30), weight_pounds=Decimal("155.5"), is_pregnant=True)
SECURITY: Final = Reference(qualifier="SY", number="123456789")
CASUALTY: Final = Reference(qualifier="Y4", number="CASE1")
PLAN: Final = PayToPlan(
    name="MEDICAID",
    plan_id="PLAN1",
    tax_id="123456789",
    address=CLINIC_ADDRESS,
    references=(Reference(qualifier="2U", number="77"),),
)
MEDICARE: Final = OtherPayer(
    payer=Payer(
        name="MEDICARE", payer_id="11111", address=CLINIC_ADDRESS, references=(Reference(qualifier="2U", number="9"),)
    ),
    responsibility="S",
    member_id="M1",
    subscriber_name=DOE.name,
    claim_filing="MA",
    subscriber_references=(SECURITY,),
)
FIGURES: Final = OutpatientAdjudication(
    hcpcs_payable_cents=12_50, esrd_cents=3_00, professional_component_cents=4_00, remark_codes=("MA01", "MA18")
)


def _written(*claims: ProfessionalClaim) -> str:
    return write_837p(batch(*claims), envelope=ENVELOPE, transaction_control_number=1).decode()


def _written_stay(claim: InstitutionalClaim) -> str:
    return write_837i(stays(claim), envelope=ENVELOPE, transaction_control_number=1).decode()


@pytest.mark.parametrize(
    ("changes", "written"),
    [
        ({"subscriber": replace(DOE, address=ABROAD)}, "~N3*1 RUE~N4*PARIS**75001*FR~DMG*"),
        ({"subscriber": replace(DOE, references=(SECURITY, CASUALTY))}, "~REF*SY*123456789~REF*Y4*CASE1~NM1*PR*"),
        ({"subscriber": replace(DOE, member_id_qualifier="II")}, "*II*MBR00000001~"),
        ({"subscriber": replace(DOE, kind="2"), "patient": CHILD}, "~NM1*IL*2*DOE*"),
        ({"patient": replace(CHILD, references=(CASUALTY,))}, "~REF*Y4*CASE1~CLM*"),
        ({"payer": replace(PAYER, payer_id_qualifier="XV", address=CLINIC_ADDRESS)}, "*XV*99999~N3*100 MAIN ST~N4*"),
        ({"payer": replace(PAYER, references=(Reference(qualifier="G2", number="OURS"),))}, "~REF*G2*OURS~CLM*"),
        ({"billing_provider": replace(CLINIC, contacts=(ASK,))}, "~PER*IC*DESK*TE*3055550100*EX*12~HL*2*"),
        (
            {"billing_provider": replace(CLINIC, pay_to_plan=PLAN)},
            "~NM1*PE*2*MEDICAID*****PI*PLAN1~N3*100 MAIN ST~N4*MIAMI*FL*331110001~REF*2U*77~REF*EI*123456789~HL*2*",
        ),
        (
            {"other_payers": (MEDICARE,)},
            "~NM1*PR*2*MEDICARE*****PI*11111~N3*100 MAIN ST~N4*MIAMI*FL*331110001~REF*2U*9~",
        ),
        ({"other_payers": (MEDICARE,)}, "~NM1*IL*1*DOE*JOHN*Q***MI*M1~REF*SY*123456789~NM1*PR*2*MEDICARE*"),
        ({"other_payers": (replace(MEDICARE, outpatient=FIGURES),)}, "~MOA**12.5*MA01*MA18****3*4~NM1*IL*"),
    ],
)
def test_what_is_said_of_a_party_comes_back(changes: dict[str, Any], written: str) -> None:
    claim, stay = replace(CLAIM, **changes), replace(STAY, **changes)

    text, stay_text = _written(claim), _written_stay(stay)

    assert written in text
    assert written in stay_text
    assert read_837p(text.encode())[0].claims == (claim,)
    assert read_837i(stay_text.encode())[0].claims == (stay,)
    assert pyx12_check(text).errors == ()
    assert pyx12_check(stay_text).errors == ()


@pytest.mark.parametrize(
    ("changes", "written"),
    [
        ({"subscriber": replace(DOE, contacts=(ASK,))}, "~PER*IC*DESK*TE*3055550100*EX*12~NM1*PR*"),
        ({"billing_provider": replace(CLINIC, references=(Reference(qualifier="0B", number="LIC"),))}, "~REF*0B*LIC~"),
        ({"patient": replace(CHILD, contacts=(ASK,))}, "~PER*IC*DESK*TE*3055550100*EX*12~CLM*"),
        ({"subscriber": replace(DOE, condition=CONDITION)}, "~PAT*****D8*20251230*01*155.5*Y~NM1*IL*"),
        ({"patient": replace(CHILD, condition=CONDITION)}, "~PAT*19****D8*20251230*01*155.5*Y~NM1*QC*"),
        ({"patient": replace(CHILD, condition=PatientCondition(is_pregnant=True))}, "~PAT*19********Y~NM1*QC*"),
        ({"billing_provider": replace(CLINIC, kind="1")}, "~NM1*85*1*ACME CLINIC*****XX*"),
        (
            {"billing_provider": replace(CLINIC, first_name="EVE", middle_name="Q", suffix="JR")},
            "~NM1*85*1*ACME CLINIC*EVE*Q**JR*XX*",
        ),
        ({"rendering_provider": Provider(last_name="CHER", kind="1")}, "~NM1*82*1*CHER~"),
        (
            {
                "rendering_provider": Provider(
                    last_name="SITE", taxonomy="207Q00000X", references=(Reference(qualifier="G2", number="X1"),)
                )
            },
            "~NM1*82*2*SITE~PRV*PE*PXC*207Q00000X~REF*G2*X1~",
        ),
        ({"diagnoses": ("25000", "4019"), "icd": 9}, "~HI*BK:25000*BF:4019~"),
    ],
)
def test_what_only_a_professional_claim_says_comes_back(changes: dict[str, Any], written: str) -> None:
    claim = replace(CLAIM, **changes)

    text = _written(claim)

    assert written in text
    assert read_837p(text.encode())[0].claims == (claim,)
    assert pyx12_check(text).errors == ()


def test_how_a_stay_was_priced_comes_back() -> None:
    priced = InpatientAdjudication(
        covered_days=STAY.lines[0].units, drg_cents=900_00, cost_report_days=STAY.lines[0].units, remark_codes=("MA02",)
    )
    stay = replace(STAY, other_payers=(replace(MEDICARE, inpatient=priced),))

    text = _written_stay(stay)

    assert "~MIA*3***900*MA02**********3~" in text
    assert read_837i(text.encode())[0].claims == (stay,)
    assert stay.other_payers[0].remark_codes == ("MA02",)
    assert pyx12_check(text).errors == ()


@pytest.mark.parametrize(("kind", "is_known"), [("RP", True), ("31", False)])  # the map of pyx12 lacks the latter
def test_what_a_file_is_for_comes_back(kind: str, *, is_known: bool) -> None:
    encounters = replace(batch(CLAIM), kind=kind, purpose="18")

    data = write_837p(encounters, envelope=ENVELOPE, transaction_control_number=1)

    assert f"~BHT*0019*18*BATCH9*20260201*1200*{kind}~".encode() in data
    assert read_837p(data) == (encounters,)
    assert (pyx12_check(data.decode()).errors == ()) == is_known


def test_every_way_to_ask_a_submitter_comes_back() -> None:
    found = batch(CLAIM)
    submitter = replace(
        found.submitter,
        numbers=(("EM", "A@EXAMPLE.ORG"),),
        contacts=(ASK,),
        kind="1",
        first_name="JANE",
        middle_name="Q",
    )
    by_mail = replace(submitter, phone="")

    for sender in (submitter, by_mail):
        data = write_837p(replace(found, submitter=sender), envelope=ENVELOPE, transaction_control_number=1)

        assert read_837p(data)[0].submitter == sender
        assert pyx12_check(data.decode()).errors == ()


def test_the_segments_of_each_level_are_kept() -> None:
    claim = replace(CLAIM, patient=CHILD)

    (read,) = read_837p(_written(claim).encode())[0].claims

    assert read.billing_provider.raw[0] == "HL*1**20*1"
    assert read.billing_provider.raw[-1] == "REF*EI*587654321"
    assert read.subscriber.raw[0] == "HL*2*1*22*1"
    assert read.subscriber.raw[-1].startswith("NM1*PR*")
    assert read.patient is not None
    assert read.patient.raw[:2] == ("HL*3*2*23*0", "PAT*19")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"subscriber": replace(DOE, references=(PLAN.references[0],))}, "number of a subscriber"),
        ({"subscriber": replace(DOE, references=(replace(SECURITY, number="123-45-6789"),))}, "has 9 digits"),
        ({"subscriber": replace(DOE, kind="3")}, "is a person"),
        ({"subscriber": replace(DOE, condition=CONDITION), "patient": CHILD}, "only of a patient"),
        ({"subscriber": replace(DOE, condition=replace(CONDITION, weight_pounds=Decimal(0)))}, "weighs"),
        ({"subscriber": replace(DOE, member_id_qualifier="")}, "NM108"),
        ({"subscriber": replace(DOE, contacts=(ASK, ASK))}, "at most 1 contact"),
        ({"subscriber": replace(DOE, contacts=(replace(ASK, numbers=(("EM", "A@B"),)),))}, "telephone"),
        ({"subscriber": replace(DOE, address=replace(ABROAD, country="", subdivision="75"))}, "identifier is empty"),
        ({"billing_provider": replace(CLINIC, pay_to_plan=replace(PLAN, tax_id=""))}, "9 digits"),
        ({"billing_provider": replace(CLINIC, references=(SECURITY,))}, "number of a biller"),
        ({"referring_provider": Provider(last_name="SITE", kind="2")}, "is a person"),
        ({"payer": replace(PAYER, references=(replace(PLAN.references[0], description="X"),))}, "no description"),
        ({"subscriber": replace(DOE, references=(SECURITY, SECURITY))}, "given once"),
        (
            {
                "billing_provider": replace(
                    CLINIC,
                    pay_to_plan=replace(PLAN, references=(*PLAN.references, Reference(qualifier="FY", number="1"))),
                )
            },
            "no more of them",
        ),
        ({"icd": 11}, "ninth or tenth"),
        ({"subscriber": replace(DOE, group_name="LOCAL ONE")}, "where it has no number"),
        (
            {"other_payers": (replace(MEDICARE, group_number="G1", group_name="LOCAL ONE"),)},
            "where it has no number",
        ),
        ({"patient_control_number": "CLM 1"}, "has no blank"),
        ({"patient_control_number": " CLM1"}, "has no blank"),
        ({"patient_control_number": "CLM1 "}, "has no blank"),
        (
            {"other_payers": (replace(MEDICARE, outpatient=replace(FIGURES, remark_codes=("MA01",) * 6)),)},
            "five remarks",
        ),
    ],
)
def test_what_the_guides_have_no_place_for_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(CannotBeWritten, match=why):
        _written(replace(CLAIM, **changes))
    with pytest.raises(CannotBeWritten, match=why):
        _written_stay(replace(STAY, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"billing_provider": replace(CLINIC, references=(Reference(qualifier="0B", number="LIC"),))},
        {"billing_provider": replace(CLINIC, kind="1")},
        {"subscriber": replace(DOE, contacts=(ASK,))},
        {"patient": replace(CHILD, contacts=(ASK,))},
    ],
)
def test_what_only_a_professional_claim_says_of_parties_is_refused_elsewhere(changes: dict[str, Any]) -> None:
    with pytest.raises(CannotBeWritten):
        _written_stay(replace(STAY, **changes))


def test_a_professional_claim_was_no_stay() -> None:
    with pytest.raises(CannotBeWritten, match="MIA"):
        _written(replace(CLAIM, other_payers=(replace(MEDICARE, inpatient=InpatientAdjudication()),)))


def test_what_another_payer_knows_a_provider_by_is_not_the_providers_own() -> None:
    line = replace(OFFICE_VISIT, rendering_provider=Provider(last_name="CHER", kind="1"))
    text = _written(replace(CLAIM, lines=(line, THERAPY))).replace("~LX*2~", "~REF*G2*THEIRS**2U:11111~LX*2~")
    count = int(text.partition("~SE*")[2].partition("*")[0])

    (read,) = read_837p(text.replace(f"~SE*{count}*", f"~SE*{count + 1}*").encode())

    provider = read.claims[0].lines[0].rendering_provider
    assert provider is not None
    assert provider.references == ()
