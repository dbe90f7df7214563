"""Facts of one synthetic encounter, and of what payers answer; each test changes what it is about."""

from datetime import UTC, date, datetime
from typing import Final

from msgspec.structs import replace

from shared.events.claims import FeeScheduleItem, FeeScheduleVersionPublished
from shared.events.coding import CodedLine, CodesAssigned, Diagnosis, EncounterDocumented
from shared.events.payments import ClaimDenied, ClaimPaid
from shared.events.registration import (
    AuthorizationApproved,
    CoverageAdded,
    PatientRegistered,
    PayerAdded,
    ProviderAdded,
)
from shared.events.validation import AuthorizedLine, CodesValidated
from shared.kernel.person import Address, PersonName

NOW: Final = datetime(2026, 3, 10, 15, tzinfo=UTC)
ON: Final = date(2026, 3, 3)

PATIENT: Final = PatientRegistered(
    patient_id="P-1",
    mrn="MRN-1",
    name=PersonName(family="Sample", given="Ada"),
    birth_on=date(1970, 5, 15),
    sex="female",
    address=Address(line="1 Elm St", city="Tampa", state="FL", zip="336020001"),
    identifiers=(),
    duplicate_check="none-found",
    registered_at=NOW,
)
COVERAGE: Final = CoverageAdded(
    coverage_id="C-1",
    patient_id="P-1",
    payer_id="Y-1",
    filing_order="primary",
    plan=None,
    relationship="self",
    member_id="PAID0001",
    group_number=None,
    subscriber=None,
    effective_from_on=date(2026, 1, 1),
    effective_to_on=None,
    added_at=NOW,
)
PAYER: Final = PayerAdded(
    payer_id="Y-1",
    payer_name="Example Health Plan",
    clearinghouse_payer_id="EXHP1",
    claim_filing_indicator="CI",
    filing_limit_days=180,
    filing_limit_months=None,
    zone="America/New_York",
    address=None,
    added_at=NOW,
)
BILLER: Final = ProviderAdded(
    provider_id="O-1",
    kind="organization",
    npi="1234567893",
    provider_name="Example Clinic",
    given_name=None,
    taxonomy="261QP2300X",
    tax_id="587654321",
    address=Address(line="100 Main St", city="Miami", state="FL", zip="331110001"),
    added_at=NOW,
)
DOCTOR: Final = ProviderAdded(
    provider_id="D-1",
    kind="person",
    npi="1245319599",
    provider_name="Practitioner",
    given_name="Ann",
    taxonomy="207Q00000X",
    tax_id=None,
    address=None,
    added_at=NOW,
)
ENCOUNTER: Final = EncounterDocumented(
    encounter_id="E-1",
    patient_id="P-1",
    appointment_id=None,
    service_from_on=ON,
    service_to_on=ON,
    place_of_service="11",
    rendering_provider_id="D-1",
    billing_provider_id="O-1",
    coverage_ids=("C-1",),
    conditions=(),
    condition_texts=(),
    procedures=(),
    procedure_texts=(),
    note=None,
    note_sha256=None,
    signed_at=NOW,
)
LINE: Final = CodedLine(
    line_no=1,
    procedure_code="99213",
    modifiers=(),
    units=1,
    pointers=(1,),
    service_from_on=ON,
    service_to_on=ON,
)
CODES: Final = CodesAssigned(
    encounter_id="E-1",
    patient_id="P-1",
    coding_version=1,
    diagnoses=(Diagnosis(order=1, code="E119"), Diagnosis(order=2, code="I10")),
    lines=(LINE, replace(LINE, line_no=2, procedure_code="36415", units=2, pointers=(1, 2))),
    editions=("icd10cm 2026",),
    attribution="coder",
    assigned_at=NOW,
)
VALIDATED: Final = CodesValidated(
    encounter_id="E-1",
    patient_id="P-1",
    coding_version=1,
    rule_set_version="2026.11",
    editions=(),
    findings=(),
    filing_days_left=170,
    filing_deadline_on=date(2026, 8, 30),
    validated_at=NOW,
)
PRICES: Final = FeeScheduleVersionPublished(
    fee_schedule_id="F-1",
    schedule_name="practice",
    schedule_version=1,
    effective_from_on=date(2026, 1, 1),
    effective_to_on=None,
    items=(
        FeeScheduleItem(procedure_code="99213", charge_cents=150_00),
        FeeScheduleItem(procedure_code="99214", charge_cents=200_00),
        FeeScheduleItem(procedure_code="36415", charge_cents=12_50),
    ),
    published_at=NOW,
)
CODES_AGAIN: Final = replace(CODES, coding_version=2, lines=(replace(LINE, procedure_code="99214"),))
VALIDATED_AGAIN: Final = replace(VALIDATED, coding_version=2)
CONSENTED: Final = AuthorizationApproved(
    authorization_id="U-1",
    patient_id="P-1",
    coverage_id="C-1",
    number="AUTH0001",
    procedure_codes=("99213",),
    units_approved=None,
    valid_from_on=date(2026, 3, 1),
    valid_to_on=date(2026, 3, 31),
    approved_at=NOW,
)
AUTHORIZED: Final = (AuthorizedLine(line_no=1, authorization_id="U-1"),)
REGISTERED: Final = (PATIENT, COVERAGE, PAYER, BILLER, DOCTOR)


def paid(claim_id: str, *, patient_cents: int = 0, paid_cents: int = 100_00) -> ClaimPaid:
    """Return that a payer paid a claim, less 75 dollars by contract."""
    return ClaimPaid(
        claim_id=claim_id,
        submission_id="S-1",
        patient_id="P-1",
        remittance_id="R-1",
        filing_order="primary",
        claim_status_code="1",
        payer_claim_number="ICN1",
        charged_cents=paid_cents + 75_00 + patient_cents,
        paid_cents=paid_cents,
        contractual_cents=75_00,
        denied_cents=0,
        patient_cents=patient_cents,
        lines=(),
        adjustments=(),
        ledger_batch_id="R-1/1",
        posted_at=NOW,
    )


def denied(claim_id: str) -> ClaimDenied:
    """Return that a payer refused a claim."""
    return ClaimDenied(
        claim_id=claim_id,
        submission_id="S-1",
        patient_id="P-1",
        remittance_id="R-2",
        filing_order="primary",
        claim_status_code="4",
        payer_claim_number="ICN1",
        charged_cents=175_00,
        paid_cents=0,
        contractual_cents=0,
        denied_cents=175_00,
        patient_cents=0,
        lines=(),
        adjustments=(),
        ledger_batch_id="R-2/1",
        posted_at=NOW,
        is_initial=True,
        reasons=("CO-50",),
    )
