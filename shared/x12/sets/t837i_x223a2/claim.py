"""The values of an institutional claim (837I): a stay or a visit, its codes, and what each department charged.

Owns: shapes and defaults. Refuses: rules; what the guide cannot carry is refused by `writing.py`, what a payer would
reject is the scrubber's. **Source**: 005010X223A2; each class names its place. Next: `../t837/parties.py`.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.x12.segments import Reference
from shared.x12.sets.t837.batch import Batch
from shared.x12.sets.t837.benefits import LineAdjudication, OtherPayer
from shared.x12.sets.t837.contract import Contract
from shared.x12.sets.t837.parties import (
    BillingProvider,
    Patient,
    Payer,
    Provider,
    ServiceFacility,
    Subscriber,
)
from shared.x12.sets.t837.repricing import Repricing
from shared.x12.sets.t837.supplements import Attachment, Drug, Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A diagnosis (HI). **Shape**: no dot; `present_on_admission` Y, N, U unknown, W undetermined, or exempt."""

    code: str
    present_on_admission: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A procedure of the stay (HI BBR, BBQ). **Shape**: the day is required when writing; some leave it out."""

    code: str
    done_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that happened on a day (HI BH)."""

    code: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceSpan:
    """Something that lasted (HI BI). **Shape**: both days inclusive."""

    code: str
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCode:
    """An amount with a meaning (HI BE). **Units**: dollars, days or hours, as the code says; hence not cents."""

    code: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueLine:
    """What one department charged (2400, SV2).

    **Shape**: `procedure` with up to four modifiers where the revenue code wants one; `units` in `unit_basis`, UN units
    or DA days; both days inclusive, None where those of the claim say enough. `references` are numbers of a repricer
    (9B, 9D). **Units**: cents; `charge_cents` has the taxes in it.
    """

    revenue_code: str
    charge_cents: int
    units: Decimal
    unit_basis: str = "UN"
    procedure: str = ""
    modifiers: tuple[str, ...] = ()
    procedure_qualifier: str = "HC"
    description: str = ""
    noncovered_cents: int | None = None
    service_from: date | None = None
    service_to: date | None = None
    line_control_number: str = ""
    notes: tuple[Note, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    drug: Drug | None = None
    operating_provider: Provider | None = None
    other_operating_provider: Provider | None = None
    rendering_provider: Provider | None = None
    referring_provider: Provider | None = None
    adjudications: tuple[LineAdjudication, ...] = ()
    repricing: Repricing | None = None
    references: tuple[Reference, ...] = ()
    service_tax_cents: int | None = None
    facility_tax_cents: int | None = None
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionalClaim:
    """One claim (2300) with the parties above it in the tree.

    **Shape**: `facility_type` and `frequency` are the type of bill, 11 and 1 for a first claim of an inpatient; 7
    replaces and 8 voids, and names `original_payer_control_number` (REF*F8). Hours are `HHMM`, empty where unknown.
    Admission type, source and `patient_status` are CL1. Diagnoses and procedures are of the ninth or tenth revision
    (`icd`). `references` are further numbers (REF D9, 9A and others). `patient` is None where the subscriber is the
    patient. `delay_reason` is CLM20, why the claim comes late; `fixed_figures` are texts in a form that a state or a
    payer asked for (K3). **Units**: cents.
    """

    patient_control_number: str
    charge_cents: int
    facility_type: str
    statement_from: date
    statement_to: date
    patient_status: str
    billing_provider: BillingProvider
    subscriber: Subscriber
    payer: Payer
    principal_diagnosis: Diagnosis | None
    lines: tuple[RevenueLine, ...]
    frequency: str = "1"
    patient: Patient | None = None
    admission_type: str = ""
    admission_source: str = ""
    admitted_on: date | None = None
    admission_hour: str = ""
    discharge_hour: str = ""
    admitting_diagnosis: str = ""
    reasons_for_visit: tuple[str, ...] = ()
    external_causes: tuple[Diagnosis, ...] = ()
    drg: str = ""
    other_diagnoses: tuple[Diagnosis, ...] = ()
    principal_procedure: Procedure | None = None
    other_procedures: tuple[Procedure, ...] = ()
    occurrence_spans: tuple[OccurrenceSpan, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    value_codes: tuple[ValueCode, ...] = ()
    condition_codes: tuple[str, ...] = ()
    treatment_codes: tuple[str, ...] = ()
    original_payer_control_number: str = ""
    authorization_number: str = ""
    referral_number: str = ""
    medical_record_number: str = ""
    patient_due_cents: int | None = None
    notes: tuple[Note, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    attending_provider: Provider | None = None
    operating_provider: Provider | None = None
    other_operating_provider: Provider | None = None
    rendering_provider: Provider | None = None
    service_facility: ServiceFacility | None = None
    referring_provider: Provider | None = None
    other_payers: tuple[OtherPayer, ...] = ()
    assignment: str = "A"
    benefits_assigned: str = "Y"
    release_of_information: str = "Y"
    icd: int = 10
    references: tuple[Reference, ...] = ()
    repricing: Repricing | None = None
    repricer_received_on: date | None = None
    contract: Contract | None = None
    fixed_figures: tuple[str, ...] = ()
    delay_reason: str = ""
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimBatch(Batch[InstitutionalClaim]):
    """The institutional claims of one ST with their header."""

    claims: tuple[InstitutionalClaim, ...]
