"""A synthetic encounter that every rule passes, as facts of others and as a scrub subject; tests change one thing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from msgspec import structs

from services.validation.domain.facts import Coverage, Payer, Provider
from services.validation.domain.same_day import Service
from services.validation.domain.subject import Diagnosis, Line, LookedUp, ScrubSubject
from shared.codesets.edition import Answer, Edition, TableNotLoaded, UnknownCode, Valid, Why
from shared.codesets.mce import Attribute, Edits
from shared.events.claims import ClaimRejected, ClaimSubmitted
from shared.events.coding import CodedLine, CodesAssigned, EncounterDocumented
from shared.events.coding import Diagnosis as CodedDiagnosis
from shared.events.registration import (
    AuthorizationApproved,
    AuthorizationCancelled,
    AuthorizationDenied,
    AuthorizationFoundRequired,
    AuthorizationPended,
    AuthorizationRequested,
    CoverageAdded,
    PatientRegistered,
    PayerAdded,
    ProviderAdded,
)
from shared.kernel.person import Address, PersonName

NOW: Final = datetime(2026, 3, 10, 15, tzinfo=UTC)
SERVICE_ON: Final = date(2026, 3, 3)
EDITION: Final = Edition(
    system="TEST",
    release="2026",
    effective_from=date(2015, 10, 1),
    effective_to=None,
    sha256="0" * 64,
    source="synthetic",
    complete=True,
)
VALID: Final = Valid(EDITION)
UNKNOWN: Final = UnknownCode(EDITION)
ABSENT: Final = TableNotLoaded("TEST", Why.ABSENT)
NO_EDITS: Final = Edits(EDITION, Attribute.NONE)
CPT: Final = TableNotLoaded("cpt", Why.LICENSED)
LINE: Final = Line(
    line_no=1,
    procedure=LookedUp("G0438", VALID),
    modifiers=(),
    units=1,
    pointers=(1,),
    service_from_on=SERVICE_ON,
    service_to_on=SERVICE_ON,
)
SERVICE: Final = Service(
    line_no=1, code="G0438", modifiers=(), units=1, service_from_on=SERVICE_ON, service_to_on=SERVICE_ON
)
INSURED: Final = Coverage(
    coverage_id="CV-1",
    patient_id="PT-1",
    payer_id="PY-1",
    filing_order="primary",
    effective_from_on=date(2026, 1, 1),
    effective_to_on=date(2026, 12, 31),
    of_group=False,
    medicare_number=False,
)
INSURER: Final = Payer(
    payer_id="PY-1",
    claim_filing_indicator="CI",
    filing_limit_days=180,
    filing_limit_months=None,
    zone="America/New_York",
)
TREATS: Final = Provider(
    provider_id="PR-1",
    kind="person",
    npi="1234567893",
    taxonomy="207Q00000X",
    has_given_name=True,
    has_tax_id=False,
    zip_digits=None,
)
BILLS: Final = Provider(
    provider_id="PR-2",
    kind="organization",
    npi="1987654328",
    taxonomy="207Q00000X",
    has_given_name=False,
    has_tax_id=True,
    zip_digits=9,
)
CLEAN: Final = ScrubSubject(
    patient_id="PT-1",
    service_on=SERVICE_ON,
    visit=(SERVICE_ON, SERVICE_ON),
    diagnoses=(Diagnosis("E119", VALID, NO_EDITS), Diagnosis("I10", VALID, NO_EDITS)),
    excluded=(),
    lines=(LINE,),
    place_of_service=LookedUp("11", VALID),
    age_years=40,
    sex="female",
    has_address=True,
    rendering_npi="1234567893",
    billing_npi="1987654328",
    rendering=TREATS,
    billing=BILLS,
    coverages=(INSURED,),
    payers=(INSURER,),
    known_coverages=(INSURED,),
    filing_deadline_on=date(2026, 8, 30),
    today=date(2026, 3, 10),
    editions=("TEST 2026",),
    services=(SERVICE,),
)


def subject(**changes: Any) -> ScrubSubject:  # noqa: ANN401 (any field of the subject)
    """Return the clean subject with some fields changed."""
    return replace(CLEAN, **changes)


def diagnosed(
    code: str,
    answer: Answer = VALID,
    edits: Attribute | TableNotLoaded = Attribute.NONE,
    **changes: Any,  # noqa: ANN401 (any field of the subject)
) -> ScrubSubject:
    """Return the clean subject with one diagnosis."""
    found = edits if isinstance(edits, TableNotLoaded) else Edits(EDITION, edits)
    return subject(diagnoses=(Diagnosis(code, answer, found),), **changes)


def lined(*changes: dict[str, Any], others: tuple[Service, ...] = (), **of_all: Any) -> ScrubSubject:  # noqa: ANN401 (any field of the subject)
    """Return the clean subject with one line for each set of changed fields, numbered from 1, and those of others."""
    lines = tuple(structs.replace(LINE, line_no=line_no, **each) for line_no, each in enumerate(changes, 1))
    services = (*(_service(line) for line in lines), *others)
    return subject(lines=lines, services=services, **of_all)


def _service(line: Line) -> Service:
    return Service(
        line_no=line.line_no,
        code=line.procedure.code,
        modifiers=line.modifier_codes,
        units=line.units,
        service_from_on=line.service_from_on,
        service_to_on=line.service_to_on,
    )


ADDRESS: Final = Address(line="1 Elm St", city="Tampa", state="FL", zip="336020001")
PATIENT: Final = PatientRegistered(
    patient_id="PT-1",
    mrn="MRN-1001",
    name=PersonName(family="Sample", given="Ada"),
    birth_on=date(1970, 5, 15),
    sex="female",
    address=ADDRESS,
    identifiers=(),
    duplicate_check="none-found",
    registered_at=NOW,
)
COVERAGE: Final = CoverageAdded(
    coverage_id="CV-1",
    patient_id="PT-1",
    payer_id="PY-1",
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
    payer_id="PY-1",
    payer_name="Example Health Plan",
    clearinghouse_payer_id="EXHP1",
    claim_filing_indicator="CI",
    filing_limit_days=180,
    filing_limit_months=None,
    zone="America/New_York",
    address=None,
    added_at=NOW,
)
RENDERING: Final = ProviderAdded(
    provider_id="PR-1",
    kind="person",
    npi="1234567893",
    provider_name="Example",
    given_name="Ann",
    taxonomy="207Q00000X",
    tax_id=None,
    address=None,
    added_at=NOW,
)
BILLING: Final = ProviderAdded(
    provider_id="PR-2",
    kind="organization",
    npi="1987654328",
    provider_name="Example Clinic",
    given_name=None,
    taxonomy="207Q00000X",
    tax_id="587654321",
    address=ADDRESS,
    added_at=NOW,
)
ENCOUNTER: Final = EncounterDocumented(
    encounter_id="EN-1",
    patient_id="PT-1",
    appointment_id=None,
    service_from_on=SERVICE_ON,
    service_to_on=SERVICE_ON,
    place_of_service="11",
    rendering_provider_id="PR-1",
    billing_provider_id="PR-2",
    coverage_ids=("CV-1",),
    conditions=(),
    condition_texts=(),
    procedures=(),
    procedure_texts=(),
    note=None,
    note_sha256=None,
    signed_at=NOW,
)
CODED_LINE: Final = CodedLine(
    line_no=1,
    procedure_code="99213",
    modifiers=(),
    units=1,
    pointers=(1,),
    service_from_on=SERVICE_ON,
    service_to_on=SERVICE_ON,
)


SUBMITTED: Final = ClaimSubmitted(
    claim_id="CL-1",
    submission_id="SU-1",
    patient_id="PT-1",
    payer_id="PY-1",
    encounter_ids=("EN-1",),
    frequency="1",
    patient_control_number="1",
    charge_cents=15000,
    interchange_control_number="000000001",
    group_control_number="1",
    transaction_control_number="0001",
    file_sha256="0" * 64,
    channel="http",
    submitted_at=NOW,
)
REJECTED: Final = ClaimRejected(
    claim_id="CL-1",
    submission_id="SU-1",
    encounter_ids=("EN-1",),
    level="payer",
    status_codes=("A7:562:85",),
    owner="biller",
    file_sha256="0" * 64,
    rejected_at=NOW,
)


def assigned(*diagnoses: str, coding_version: int = 1, lines: tuple[CodedLine, ...] = (CODED_LINE,)) -> CodesAssigned:
    """Return a set of codes of the encounter."""
    return CodesAssigned(
        encounter_id="EN-1",
        patient_id="PT-1",
        coding_version=coding_version,
        diagnoses=tuple(CodedDiagnosis(order=order, code=code) for order, code in enumerate(diagnoses, 1)),
        lines=lines,
        editions=(),
        attribution="coder",
        assigned_at=NOW,
    )


def visit_and_codes(number: int) -> tuple[EncounterDocumented, CodesAssigned]:
    """Return one of many visits of the patient, each a day before the last, within the days of the coverage."""
    encounter_id, on = f"EN-{number:04}", SERVICE_ON - timedelta(days=number % 50)
    line = structs.replace(CODED_LINE, service_from_on=on, service_to_on=on)
    visit = structs.replace(ENCOUNTER, encounter_id=encounter_id, service_from_on=on, service_to_on=on)
    return visit, structs.replace(assigned("E119", "I10", lines=(line,)), encounter_id=encounter_id)


NEEDED: Final = AuthorizationFoundRequired(
    authorization_id="AU-1",
    patient_id="PT-1",
    coverage_id="CV-1",
    procedure_codes=("99213",),
    service_from_on=date(2026, 3, 1),
    service_to_on=date(2026, 3, 31),
    source="payer-rule",
    found_at=NOW,
)
ASKED: Final = AuthorizationRequested(
    authorization_id="AU-1",
    patient_id="PT-1",
    coverage_id="CV-1",
    procedure_codes=("99213",),
    service_from_on=date(2026, 3, 1),
    service_to_on=date(2026, 3, 31),
    channel="portal",
    requested_at=NOW,
)
CONSENTED: Final = AuthorizationApproved(
    authorization_id="AU-1",
    patient_id="PT-1",
    coverage_id="CV-1",
    number="AUTH0001",
    procedure_codes=("99213",),
    units_approved=2,
    valid_from_on=date(2026, 3, 1),
    valid_to_on=date(2026, 3, 31),
    approved_at=NOW,
)
PENDED: Final = AuthorizationPended(authorization_id="AU-1", patient_id="PT-1", reason="under-review", pended_at=NOW)
REFUSED: Final = AuthorizationDenied(authorization_id="AU-1", patient_id="PT-1", reason="not-covered", denied_at=NOW)
CANCELLED: Final = AuthorizationCancelled(
    authorization_id="AU-1", patient_id="PT-1", reason="not-needed", cancelled_at=NOW
)
