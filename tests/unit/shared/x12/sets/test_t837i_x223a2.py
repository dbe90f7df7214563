"""837I: what is written is valid, and comes back as it went."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.x12.interchange import open_sets
from shared.x12.malformed import MalformedX12, MisplacedSegment, UnexpectedTransaction, UnreadableSegment
from shared.x12.separators import Separators
from shared.x12.sets.t837i_x223a2 import (
    Diagnosis,
    Drug,
    InstitutionalClaim,
    LineAdjudication,
    Note,
    Occurrence,
    OccurrenceSpan,
    OtherPayer,
    Payer,
    Procedure,
    Provider,
    RevenueLine,
    ServiceFacility,
    claims,
    read_837i,
    write_837i,
)
from shared.x12.sets.t837p_x222a1 import PatientCondition
from shared.x12.writer import CannotBeWritten
from tests.support.x12_oracles import pyx12_check
from tests.unit.shared.x12 import claim_strategies, strategies
from tests.unit.shared.x12.examples import (
    CHILD,
    CLINIC,
    CLINIC_ADDRESS,
    DOE,
    ENVELOPE,
    HOME,
    SAMPLES,
    SERVICE_DAY,
    STAY,
    needs_samples,
    stays,
)

ROOM, DRUG = STAY.lines
FULL = replace(
    STAY,
    billing_provider=replace(CLINIC, pay_to_address=HOME),
    patient=CHILD,
    reasons_for_visit=("R1031",),
    external_causes=(Diagnosis(code="W1839XA", present_on_admission="Y"),),
    other_procedures=(Procedure(code="02703ZZ", done_on=date(2025, 12, 17)),),
    treatment_codes=("TC1",),
    authorization_number="AUTH77",
    referral_number="REF1",
    medical_record_number="MRN1",
    patient_due_cents=10_00,
    notes=(Note(code="DGN", text="RUPTURED"), Note(code="ADD", text="CALL FIRST")),
    other_operating_provider=Provider(last_name="ROSS", first_name="IDA", npi="1234567893"),
    rendering_provider=Provider(last_name="POE", first_name="IVY", npi="1234567893"),
    referring_provider=Provider(last_name="JONES", first_name="BOB", npi="1234567893"),
    service_facility=ServiceFacility(name="SOUTH SITE", address=CLINIC_ADDRESS, npi="1234567893"),
    lines=(
        replace(ROOM, notes=(Note(code="TPO", text="REPRICED"),)),
        replace(DRUG, operating_provider=STAY.operating_provider),
    ),
)
PRIMARY = OtherPayer(
    payer=Payer(name="PRIMARY PAYER", payer_id="11111"),
    responsibility="P",
    member_id="PRIM123",
    subscriber_name=DOE.name,
    claim_filing="MA",
    paid_cents=9_120_50,
    remaining_liability_cents=0,
)
SECONDARY = replace(
    STAY,
    subscriber=replace(DOE, responsibility="S"),
    other_payers=(PRIMARY,),
    lines=tuple(
        replace(
            line,
            adjudications=(
                LineAdjudication(
                    payer_id="11111",
                    paid_cents=line.charge_cents,
                    units=line.units,
                    revenue_code=line.revenue_code,
                    procedure=line.procedure,
                    adjudicated_on=date(2026, 1, 10),
                ),
            ),
        )
        for line in STAY.lines
    ),
)


def _written(*found: InstitutionalClaim) -> bytes:
    return write_837i(stays(*found), envelope=ENVELOPE, transaction_control_number=1)


def _line(line: RevenueLine) -> InstitutionalClaim:
    return replace(STAY, lines=(line,), charge_cents=line.charge_cents)


def test_a_stay_is_written_as_the_guide_says() -> None:
    text = _written(STAY).decode()

    assert (
        "~CLM*STAY0000001*9120.5***11:A:1**A*Y*Y~DTP*096*TM*1730~DTP*434*RD8*20251215-20251218~DTP*435*DT*202512150830"
        "~CL1*1*7*01~HI*ABK:K3580:::::::Y~HI*ABJ:R1031~HI*DR:343~HI*ABF:E119:::::::Y*ABF:Z794"
        "~HI*BBR:0DTJ4ZZ:D8:20251216~HI*BI:70:RD8:20251215-20251217~HI*BH:11:D8:20251214"
        "~HI*BE:80:::3*BE:A1:::1632.5~HI*BG:09~NM1*71*1*SMITH*ANN****XX*1987654328~PRV*AT*PXC*208600000X~NM1*72*1*KING*EVE****XX*1234567893~LX*1"
        "~SV2*0120**9000*DA*3~REF*6R*L1~LX*2~SV2*0636*HC:J3490:::::UNLISTED DRUG*120.5*UN*2**20.5~DTP*472*D8*20251215"
        "~REF*6R*L2~LIN**N4*00004196501~CTP****7.5*ML~SE*"
    ) in text
    assert pyx12_check(text).errors == ()


def test_all_that_a_claim_may_carry_comes_back() -> None:
    text = _written(FULL).decode()

    assert (
        "~HI*ABJ:R1031~HI*APR:R1031~HI*ABN:W1839XA:::::::Y~HI*DR:343~HI*ABF:E119:::::::Y*ABF:Z794"
        "~HI*BBR:0DTJ4ZZ:D8:20251216~HI*BBQ:02703ZZ:D8:20251217~HI*BI:"
    ) in text
    assert "~AMT*F3*10~REF*9F*REF1~REF*G1*AUTH77~REF*EA*MRN1~NTE*DGN*RUPTURED~NTE*ADD*CALL FIRST~HI*" in text
    assert [part.split("*")[1] for part in text.split("~CL1*")[1].split("~LX*")[0].split("~") if part[:3] == "NM1"] == [
        "71", "72", "ZZ", "82", "77", "DN",
    ]  # fmt: skip
    assert read_837i(text.encode()) == (stays(FULL),)
    assert pyx12_check(text).errors == ()


def test_a_secondary_stay_carries_what_the_primary_decided() -> None:
    text = _written(SECONDARY).decode()

    assert "~SVD*11111*9000**0120*3~DTP*573*D8*20260110~LX*2~" in text
    assert "~SVD*11111*120.5*HC:J3490*0636*2~DTP*573*D8*20260110~SE*" in text
    assert read_837i(text.encode())[0].claims == (SECONDARY,)
    assert pyx12_check(text).errors == ()


@given(st.lists(claim_strategies.institutional_claims(), min_size=1, max_size=2), strategies.SEPARATORS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_what_is_written_is_read_as_it_was(found: list[InstitutionalClaim], separators: Separators) -> None:
    envelope = replace(ENVELOPE, separators=separators)

    data = write_837i(stays(*found), envelope=envelope, transaction_control_number=1)

    assert read_837i(data) == (stays(*found),)
    assert write_837i(read_837i(data)[0], envelope=envelope, transaction_control_number=1) == data


def test_claims_and_lines_keep_their_segments() -> None:
    (read,) = read_837i(_written(STAY, replace(STAY, patient_control_number="SECOND")))

    first, second = read.claims
    assert first.raw[0].startswith("CLM*STAY0000001*")
    assert second.raw[0].startswith("CLM*SECOND*")
    assert first.lines[1].raw == first.raw[-6:]
    assert first.lines[0].raw == ("LX*1", "SV2*0120**9000*DA*3", "REF*6R*L1")


def test_claims_can_be_read_one_by_one_while_they_come() -> None:
    data = _written(STAY, replace(STAY, patient_control_number="SECOND"))
    (found,) = [claims(opened) for opened in open_sets(data)][:1]

    with pytest.raises(StopIteration):
        next(found)  # the set was passed over when the next one was asked for
    opened = next(open_sets(data))
    assert [claim.patient_control_number for claim in claims(opened)] == ["STAY0000001", "SECOND"]


def test_nine_hundred_and_ninety_nine_lines_and_all_codes_are_written() -> None:
    lines = tuple(replace(ROOM, charge_cents=1_00, line_control_number=f"L{number}") for number in range(999))
    day = Occurrence(code="11", on=SERVICE_DAY)
    claim = replace(
        STAY,
        lines=lines,
        charge_cents=999_00,
        other_diagnoses=tuple(Diagnosis(code=f"E{number}") for number in range(24)),
        other_procedures=(Procedure(code="0DTJ4ZZ", done_on=SERVICE_DAY),) * 24,
        occurrences=(day,) * 24,
        occurrence_spans=STAY.occurrence_spans * 24,
        condition_codes=("09",) * 24,
    )

    data = _written(claim)

    assert read_837i(data)[0].claims == (claim,)
    assert pyx12_check(data.decode()).errors == ()


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (replace(STAY, principal_diagnosis=None), "principal diagnosis"),
        (replace(STAY, frequency="7"), "names the payer's claim number"),
        (replace(STAY, original_payer_control_number="ICN1"), "does not name"),
        (replace(STAY, frequency=""), "type of bill"),
        (replace(STAY, facility_type="111"), "type of bill"),
        (replace(STAY, patient_status=""), "CL103"),
        (replace(STAY, charge_cents=1), "sum of its lines"),
        (replace(STAY, lines=(), charge_cents=0), "1 to 999 lines"),
        (_line(replace(ROOM, charge_cents=-1)), "not negative"),
        (_line(replace(ROOM, units=Decimal(0))), "units"),
        (_line(replace(ROOM, unit_basis="MJ")), "units"),
        (_line(replace(ROOM, revenue_code="")), "identifier is empty"),
        (_line(replace(ROOM, service_from=SERVICE_DAY)), "first and a last day"),
        (_line(replace(ROOM, modifiers=("25",))), "of a procedure"),
        (_line(replace(DRUG, modifiers=("25",) * 5)), "four modifiers"),
        (_line(replace(ROOM, notes=(Note(code="ADD", text="A"),))), "third party"),
        (_line(replace(DRUG, drug=Drug(ndc="1", quantity=Decimal(0), unit="UN"))), "quantity"),
        (replace(STAY, statement_to=date(2025, 12, 14)), "ends before"),
        (replace(STAY, admission_hour="0830", admitted_on=None), "has its day"),
        (replace(STAY, admission_hour="2460"), "a clock"),
        (replace(STAY, discharge_hour="9"), "a clock"),
        (replace(STAY, billing_provider=replace(CLINIC, first_name="ANN")), "as an organisation"),
        (replace(STAY, billing_provider=replace(CLINIC, tax_id_qualifier="SY")), "under an EIN"),
        (replace(STAY, subscriber=replace(DOE, insurance_type="12")), "insurance type"),
        (replace(STAY, subscriber=replace(DOE, condition=PatientCondition(is_pregnant=True))), "pregnancy"),
        (replace(STAY, patient=replace(CHILD, condition=PatientCondition(is_pregnant=True))), "pregnancy"),
        (replace(SECONDARY, other_payers=(replace(PRIMARY, signature_source="P"),)), "signature"),
        (replace(SECONDARY, other_payers=(replace(PRIMARY, paid_cents=1),)), "the charge of the claim"),
        (replace(STAY, subscriber=replace(DOE, responsibility="S")), "the payers before it"),
        (replace(STAY, reasons_for_visit=("R05",) * 4), "at most 3 of its reasons for visit"),
        (replace(STAY, external_causes=(Diagnosis(code="W1839XA"),) * 13), "at most 12"),
        (replace(STAY, other_diagnoses=(Diagnosis(code="E119"),) * 25), "at most 24"),
        (replace(STAY, other_diagnoses=(Diagnosis(code="E119", present_on_admission="1"),)), "present on admission"),
        (replace(STAY, other_diagnoses=(Diagnosis(code=""),)), "identifier is empty"),
        (replace(STAY, principal_procedure=Procedure(code="0DTJ4ZZ", done_on=None)), "has its day"),
        (replace(FULL, principal_procedure=None), "beside a principal one"),
        (
            replace(
                STAY,
                occurrence_spans=(OccurrenceSpan(code="70", first_on=SERVICE_DAY, last_on=date(2025, 12, 14)),),
            ),
            "ends before",
        ),
        (replace(STAY, notes=FULL.notes[::-1]), "billing note behind"),
        (replace(STAY, notes=FULL.notes[:1] * 11), "at most ten"),
        (replace(STAY, patient=replace(CHILD, birth_on=None)), "a birth date"),
    ],
)
def test_a_claim_that_every_clearinghouse_sends_back_is_refused(refused: InstitutionalClaim, why: str) -> None:
    with pytest.raises(CannotBeWritten, match=why):
        _written(refused)


def test_a_decision_without_a_revenue_code_is_refused() -> None:
    line = replace(ROOM, adjudications=(replace(SECONDARY.lines[0].adjudications[0], revenue_code=""),))

    with pytest.raises(CannotBeWritten, match="revenue code"):
        _written(replace(SECONDARY, lines=(line, SECONDARY.lines[1])))


@pytest.mark.parametrize(
    ("broken", "error", "segment_id"),
    [
        (("*9120.5***", "*9120.555***"), UnreadableSegment, "CLM"),
        (("DTP*434*", "DTP*433*"), UnreadableSegment, "CLM"),
        (("RD8*20251215-20251218", "RD8*20251215-20251318"), UnreadableSegment, "DTP"),
        (("BH:11:D8:20251214", "BH:11:D8:20251314"), UnreadableSegment, "HI"),
        (("BE:80:::3", "BE:80:::X"), UnreadableSegment, "HI"),
        (("SV2*0120", "SV1*0120"), UnreadableSegment, "LX"),
        (("SV2*0120**9000", "SV2*0120**NINE"), UnreadableSegment, "SV2"),
        (("CTP****7.5", "CTP****7.5.5"), UnreadableSegment, "CTP"),
        (("NM1*PR*", "NM1*PX*"), UnreadableSegment, "CLM"),
        (("CLM*STAY0000001", "XXX*STAY0000001"), MisplacedSegment, "LX"),
    ],
)
def test_a_broken_segment_is_refused_where_it_stands(
    broken: tuple[str, str], error: type[MalformedX12], segment_id: str
) -> None:
    text = _written(STAY).decode().replace(*broken, 1)

    with pytest.raises(error) as refusal:
        read_837i(text.encode())

    assert refusal.value.segment_id == segment_id
    assert text[refusal.value.offset :].startswith(segment_id + "*")
    assert "STAY0000001" not in str(refusal.value)


def test_a_professional_claim_is_not_read_as_an_institutional_one() -> None:
    text = _written(STAY).decode().replace("005010X223A2", "005010X222A1")

    with pytest.raises(UnexpectedTransaction):
        read_837i(text.encode())


def test_a_supervisor_of_another_kind_of_claim_stays_in_raw() -> None:
    text = _written(STAY).decode().replace("~NM1*72*1*KING", "~NM1*DQ*1*KING")

    (claim,) = read_837i(text.encode())[0].claims

    assert claim.operating_provider is None
    assert "NM1*DQ*1*KING*EVE****XX*1234567893" in claim.raw


@needs_samples
def test_a_stay_of_a_stranger_is_read() -> None:
    (read,) = read_837i((SAMPLES / "837I" / "kputnam-stupidedi_ppo_repriced_claim.edi").read_bytes())

    (claim,) = read.claims
    assert (claim.facility_type, claim.frequency, claim.patient_status) == ("13", "1", "01")
    assert (claim.admitted_on, claim.admission_hour) == (date(2005, 7, 6), "0800")
    assert claim.principal_diagnosis == Diagnosis(code="38181")
    assert claim.other_diagnoses == (Diagnosis(code="38900"),)
    assert claim.occurrences == (Occurrence(code="11", on=date(2005, 7, 6)),)
    assert [(line.revenue_code, line.procedure, line.charge_cents) for line in claim.lines] == [
        ("0471", "92557", 178_00),
        ("0471", "92567", 59_50),
    ]
    assert [other.payer.payer_id for other in claim.other_payers] == ["534524"]
