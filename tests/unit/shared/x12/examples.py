"""Synthetic values for the tests of X12: a clinic, two members, a payer, and what goes between them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from shared.x12.claim_status import ServiceLine
from shared.x12.party import Address, Member, PersonName
from shared.x12.segments import Entity, Period, Procedure, Reference, Trace
from shared.x12.sets import t835_x221a1 as t835
from shared.x12.sets import t837i_x223a2 as t837i
from shared.x12.sets import t837p_x222a1 as t837p
from shared.x12.sets.t277ca_x214 import (
    BilledProvider,
    ClaimAcknowledgement,
    ClaimStatus,
    LineStatus,
    Status,
    StatusInformation,
    Totals,
)
from shared.x12.sets.t999_x231a1 import (
    ElementError,
    GroupAcknowledgement,
    SegmentError,
    SetAcknowledgement,
    about_claim,
)
from shared.x12.writer import Envelope

SAMPLES: Final = Path(__file__).parents[5] / "shared" / "data" / "x12"
needs_samples: Final = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample data are not here")

ENVELOPE: Final = Envelope(
    sender_id="SUBMITTER01",
    receiver_id="RECEIVER01",
    written_at=datetime(2026, 2, 1, 12, 0, tzinfo=UTC),
    interchange_control_number=42,
    group_control_number=7,
    usage="T",
)
CLINIC_ADDRESS: Final = Address(line="100 MAIN ST", city="MIAMI", state="FL", postal_code="331110001")
HOME: Final = Address(line="1 ELM ST", line_2="APT 2", city="TAMPA", state="FL", postal_code="336020001")
CLINIC: Final = t837p.BillingProvider(
    name="ACME CLINIC", npi="1234567893", tax_id="587654321", address=CLINIC_ADDRESS, taxonomy="207Q00000X"
)
DOE: Final = t837p.Subscriber(
    member_id="MBR00000001",
    name=PersonName(last_name="DOE", first_name="JOHN", middle_name="Q"),
    address=HOME,
    birth_on=date(1970, 5, 15),
    sex="M",
    group_number="GRP0001",
    claim_filing="CI",
)
ROE: Final = t837p.Subscriber(
    member_id="MBR00000002",
    name=PersonName(last_name="ROE", first_name="JANE", suffix="III"),
    address=HOME,
    birth_on=date(1980, 1, 31),
    sex="F",
    group_name="LOCAL ONE",
    claim_filing="MB",
)
CHILD: Final = t837p.Patient(
    name=PersonName(last_name="DOE", first_name="SALLY"),
    relationship="19",
    address=HOME,
    birth_on=date(2015, 7, 4),
    sex="F",
)
PAYER: Final = t837p.Payer(name="KEY INSURANCE", payer_id="99999")
SERVICE_DAY: Final = date(2025, 12, 15)
OFFICE_VISIT: Final = t837p.ServiceLine(
    procedure="99213",
    charge_cents=100_00,
    units=Decimal(1),
    pointers=(1,),
    service_from=SERVICE_DAY,
    service_to=SERVICE_DAY,
    line_control_number="L00000001",
)
THERAPY: Final = t837p.ServiceLine(
    procedure="97110",
    charge_cents=82_50,
    units=Decimal("1.5"),
    pointers=(2, 1),
    service_from=SERVICE_DAY,
    service_to=date(2025, 12, 17),
    line_control_number="L00000002",
    modifiers=("GP", "59"),
    description="GROUP SESSION",
)
CLAIM: Final = t837p.ProfessionalClaim(
    patient_control_number="CLM0000001",
    charge_cents=182_50,
    place_of_service="11",
    billing_provider=CLINIC,
    subscriber=DOE,
    payer=PAYER,
    diagnoses=("E119", "I10"),
    lines=(OFFICE_VISIT, THERAPY),
    authorization_number="AUTH77",
    rendering_provider=t837p.Provider(last_name="SMITH", first_name="ANN", npi="1987654328", taxonomy="207Q00000X"),
    referring_provider=t837p.Provider(last_name="JONES", first_name="BOB", npi="1234567893"),
    service_facility=t837p.ServiceFacility(name="SOUTH SITE", address=CLINIC_ADDRESS, npi="1234567893"),
)


def batch(*claims: t837p.ProfessionalClaim) -> t837p.ClaimBatch:
    """Return a batch of claims of the clinic."""
    return t837p.ClaimBatch(
        submitter=t837p.Submitter(
            name="ACME BILLING", submitter_id="SUBMITTER01", contact_name="JANE DOE", phone="3055551234"
        ),
        receiver=t837p.Receiver(name="KEY INSURANCE", receiver_id="RECEIVER01"),
        reference="BATCH9",
        claims=claims,
    )


STAY: Final = t837i.InstitutionalClaim(
    patient_control_number="STAY0000001",
    charge_cents=9_120_50,
    facility_type="11",
    statement_from=SERVICE_DAY,
    statement_to=date(2025, 12, 18),
    patient_status="01",
    billing_provider=CLINIC,
    subscriber=DOE,
    payer=PAYER,
    principal_diagnosis=t837i.Diagnosis(code="K3580", present_on_admission="Y"),
    admission_type="1",
    admission_source="7",
    admitted_on=SERVICE_DAY,
    admission_hour="0830",
    discharge_hour="1730",
    admitting_diagnosis="R1031",
    drg="343",
    other_diagnoses=(t837i.Diagnosis(code="E119", present_on_admission="Y"), t837i.Diagnosis(code="Z794")),
    principal_procedure=t837i.Procedure(code="0DTJ4ZZ", done_on=date(2025, 12, 16)),
    occurrences=(t837i.Occurrence(code="11", on=date(2025, 12, 14)),),
    occurrence_spans=(t837i.OccurrenceSpan(code="70", first_on=SERVICE_DAY, last_on=date(2025, 12, 17)),),
    value_codes=(
        t837i.ValueCode(code="80", amount=Decimal(3)),
        t837i.ValueCode(code="A1", amount=Decimal("1632.5")),
    ),
    condition_codes=("09",),
    attending_provider=t837i.Provider(last_name="SMITH", first_name="ANN", npi="1987654328", taxonomy="208600000X"),
    operating_provider=t837i.Provider(last_name="KING", first_name="EVE", npi="1234567893"),
    lines=(
        t837i.RevenueLine(
            revenue_code="0120", charge_cents=9_000_00, units=Decimal(3), unit_basis="DA", line_control_number="L1"
        ),
        t837i.RevenueLine(
            revenue_code="0636",
            procedure="J3490",
            description="UNLISTED DRUG",
            charge_cents=120_50,
            noncovered_cents=20_50,
            units=Decimal(2),
            service_from=SERVICE_DAY,
            service_to=SERVICE_DAY,
            line_control_number="L2",
            drug=t837i.Drug(ndc="00004196501", quantity=Decimal("7.5"), unit="ML"),
        ),
    ),
)


def stays(*claims: t837i.InstitutionalClaim) -> t837i.ClaimBatch:
    """Return a batch of institutional claims of the clinic."""
    header = batch()
    return t837i.ClaimBatch(
        submitter=header.submitter, receiver=header.receiver, reference=header.reference, claims=claims
    )


PATIENTS: Final = {
    "CLM0000001": Member(name=DOE.name, member_id=DOE.member_id),
    "CLM0000002": Member(name=ROE.name, member_id=ROE.member_id),
}
PAID_LINE: Final = t835.RemittanceLine(
    procedure="99213",
    charge_cents=150_00,
    paid_cents=80_00,
    units=Decimal(1),
    service_from=SERVICE_DAY,
    service_to=SERVICE_DAY,
    line_control_number="L00000001",
    adjustments=(
        t835.Adjustment(group="CO", reason="45", amount_cents=50_00),
        t835.Adjustment(group="PR", reason="2", amount_cents=20_00, quantity=Decimal(1)),
    ),
    amounts=(t835.SupplementalAmount(qualifier="B6", amount_cents=100_00),),
    remark_codes=("N130",),
)
PAID_CLAIM: Final = t835.RemittanceClaim(
    patient_control_number="CLM0000001",
    status="1",
    charge_cents=150_00,
    paid_cents=80_00,
    patient_responsibility_cents=20_00,
    claim_filing="12",
    payer_control_number="ICN0000000001",
    facility_code="11",
    frequency="1",
    lines=(PAID_LINE,),
    parties=(
        t835.RemittanceParty(
            role="QC",
            last_name="DOE",
            first_name="JOHN",
            middle_name="Q",
            number_qualifier="MI",
            number="MBR00000001",
        ),
    ),
    outpatient=t835.OutpatientAdjudication(remark_codes=("MA01",)),
    service_from=SERVICE_DAY,
    service_to=SERVICE_DAY,
    received_on=date(2026, 1, 5),
)
REMITTANCE: Final = t835.Remittance(
    handling_code="I",
    payment_cents=70_00,
    method="CHK",
    payment_on=date(2026, 2, 15),
    trace_number="TRACE000003",
    trace_originator="1512345678",
    originator_id="1512345678",
    produced_on=date(2026, 2, 14),
    payer=t835.Payer(
        name="KEY INSURANCE",
        payer_id="99999",
        address=Address(line="1 PAYER WAY", city="HARTFORD", state="CT", postal_code="061010001"),
        contacts=(t835.Contact(function="BL", name="EDI", numbers=(("TE", "8005551213"),)),),
    ),
    payee=t835.Payee(name="ACME CLINIC", npi="1234567893", tax_id="587654321"),
    claims=(PAID_CLAIM,),
    provider_adjustments=(
        t835.ProviderAdjustment(
            provider_id="1234567893",
            fiscal_period_end=date(2026, 12, 31),
            reason="WO",
            reference="ICN0000000009",
            amount_cents=10_00,
        ),
    ),
)
ACKNOWLEDGED: Final = GroupAcknowledgement(
    functional_id="HC",
    group_control_number="7",
    guide="005010X222A1",
    code="P",
    sets_included=2,
    sets_received=2,
    sets_accepted=1,
    sets=(
        SetAcknowledgement(set_id="837", control_number="0001", guide="005010X222A1", code="A"),
        SetAcknowledgement(
            set_id="837",
            control_number="0002",
            guide="005010X222A1",
            code="R",
            syntax_codes=("5",),
            errors=(
                SegmentError(
                    segment_id="CLM",
                    position=21,
                    loop="2300",
                    code="8",
                    contexts=(about_claim("CLM0000001"),),
                    elements=(ElementError(position="5:3", reference="1325", code="7", bad_value="9"),),
                ),
            ),
        ),
    ),
)
ACCEPTED: Final = StatusInformation(
    statuses=(Status(category="A2", status="20", entity="PR"),),
    action="WQ",
    effective_on=date(2026, 2, 2),
    charge_cents=182_50,
)
REJECTED: Final = StatusInformation(
    statuses=(Status(category="A7", status="562", entity="85"), Status(category="A7", status="500")),
    action="U",
    effective_on=date(2026, 2, 2),
    charge_cents=100_00,
    text="PROVIDER NOT FOUND",
)
ACCEPTED_CLAIM: Final = ClaimStatus(
    patient_control_number="CLM0000001",
    payer_control_number="ICN0000000001",
    references=(Reference(qualifier="D9", number="CH0000000001"), Reference(qualifier="BLT", number="131")),
    information=(ACCEPTED,),
    service_from=SERVICE_DAY,
    service_to=date(2025, 12, 17),
)
REJECTED_CLAIM: Final = ClaimStatus(
    patient_control_number="CLM0000002",
    information=(REJECTED,),
    service_from=SERVICE_DAY,
    service_to=SERVICE_DAY,
    lines=(
        LineStatus(
            service_line=ServiceLine(
                procedure=Procedure(code="99213", modifiers=("25",)), charge_cents=100_00, units=Decimal(1)
            ),
            information=(REJECTED,),
            references=(Reference(qualifier="FJ", number="L00000009"),),
            periods=(Period(qualifier="472", first=SERVICE_DAY, last=SERVICE_DAY),),
        ),
    ),
)
BILLED: Final = BilledProvider(
    entity=Entity(role="85", name="ACME CLINIC", id_qualifier="XX", id="1234567893"),
    trace=Trace(number="0"),
    information=(
        StatusInformation(
            statuses=(Status(category="A1", status="19", entity="85"),), action="WQ", charge_cents=282_50
        ),
    ),
    references=(Reference(qualifier="TJ", number="587654321"),),
    totals=Totals(counts=(("QA", 1), ("QC", 1)), amounts_cents=(("YU", 182_50), ("YY", 100_00))),
    claims=(ACCEPTED_CLAIM, REJECTED_CLAIM),
)
CLAIM_STATUSES: Final = ClaimAcknowledgement(
    level="payer",
    source=Entity(role="PR", name="KEY INSURANCE", id_qualifier="PI", id="99999"),
    reference="ANSWER1",
    receiver=Entity(role="41", name="ACME BILLING", id_qualifier="46", id="SUBMITTER01"),
    batch_reference="BATCH9",
    information=(
        StatusInformation(
            statuses=(Status(category="A1", status="19", entity="PR"),),
            action="WQ",
            effective_on=date(2026, 2, 2),
            charge_cents=282_50,
        ),
    ),
    totals=Totals(counts=(("90", 1), ("AA", 1)), amounts_cents=(("YU", 182_50), ("YY", 100_00))),
    received_on=date(2026, 2, 1),
    processed_on=date(2026, 2, 2),
    providers=(BILLED,),
)
