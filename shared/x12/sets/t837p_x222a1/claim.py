"""The values of a professional claim (837P): what goes out to a payer, and what comes back when one reads it.

Owns: shapes and defaults. Refuses: rules; what a guide cannot carry is refused by `writing.py`, what a payer would
reject is the scrubber's. **Source**: 005010X222A1; each class names its loop. Next: `../t837/parties.py`.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from shared.x12.segments import Reference
from shared.x12.sets.t837.batch import Batch
from shared.x12.sets.t837.benefits import LineAdjudication, OtherPayer
from shared.x12.sets.t837.contract import Contract
from shared.x12.sets.t837.parties import (
    BillingProvider,
    OrderingProvider,
    Patient,
    Payer,
    Provider,
    ServiceFacility,
    Subscriber,
)
from shared.x12.sets.t837.repricing import Repricing
from shared.x12.sets.t837.supplements import Attachment, Drug, Note
from shared.x12.sets.t837p_x222a1.certificates import Certificate, Form, Ride, SpinalTreatment
from shared.x12.sets.t837p_x222a1.equipment import Measurement, Need, Rental
from shared.x12.sets.t837p_x222a1.purchase import Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDates:
    """The days of a service besides its own (DTP of 2400), each None where it says nothing."""

    prescribed_on: date | None = None
    last_seen_on: date | None = None
    hemoglobin_tested_on: date | None = None
    creatinine_tested_on: date | None = None
    shipped_on: date | None = None
    x_rayed_on: date | None = None
    initial_treatment_on: date | None = None


NO_LINE_DATES: Final = LineDates()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """One service (2400).

    **Shape**: `pointers` count the diagnoses of the claim from 1; up to four modifiers; both days inclusive;
    `line_control_number` is REF*6R, unique in the claim; `units` in `unit_basis`, UN units or MJ minutes of
    anesthesia. `description` says what a code for what has none is used for (SV101-7). `is_screening` is that of a
    child (EPSDT, SV111). `obstetric_units` are added to those of an anesthesia (QTY*FL). Providers and the place are
    those of the line where they are not the claim's; `references` are further numbers (REF EW of who does mammography,
    BT of a vaccine's batch, F4 of a laboratory referred to, 9B and 9D of a repricer). **Units**: cents; `charge_cents`
    has tax and postage in it.
    """

    procedure: str
    charge_cents: int
    units: Decimal
    pointers: tuple[int, ...]
    service_from: date
    service_to: date
    line_control_number: str = ""
    modifiers: tuple[str, ...] = ()
    description: str = ""
    unit_basis: str = "UN"
    place_of_service: str = ""
    procedure_qualifier: str = "HC"
    authorization_number: str = ""
    referral_number: str = ""
    clia_number: str = ""
    notes: tuple[Note, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    drug: Drug | None = None
    rendering_provider: Provider | None = None
    adjudications: tuple[LineAdjudication, ...] = ()
    repricing: Repricing | None = None
    is_emergency: bool = False
    is_screening: bool = False
    is_family_planning: bool = False
    is_without_copay: bool = False
    ride: Ride | None = None
    certificates: tuple[Certificate, ...] = ()
    obstetric_units: Decimal | None = None
    forms: tuple[Form, ...] = ()
    service_facility: ServiceFacility | None = None
    supervising_provider: Provider | None = None
    ordering_provider: OrderingProvider | None = None
    referring_provider: Provider | None = None
    sales_tax_cents: int | None = None
    postage_cents: int | None = None
    rental: Rental | None = None
    need: Need | None = None
    measurements: tuple[Measurement, ...] = ()
    dates: LineDates = NO_LINE_DATES
    references: tuple[Reference, ...] = ()
    contract: Contract | None = None
    fixed_figures: tuple[str, ...] = ()
    purchase: Purchase | None = None
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDates:
    """The days of an illness or an accident (DTP of 2300), each None where it says nothing.

    **Shape**: care that one surgeon leaves to another after an operation is relinquished and assumed.
    """

    onset_on: date | None = None
    initial_treatment_on: date | None = None
    last_seen_on: date | None = None
    acute_manifestation_on: date | None = None
    accident_on: date | None = None
    last_menstruation_on: date | None = None
    x_rayed_on: date | None = None
    prescribed_on: date | None = None
    disabled_from: date | None = None
    disabled_to: date | None = None
    last_worked_on: date | None = None
    return_to_work_on: date | None = None
    admitted_on: date | None = None
    discharged_on: date | None = None
    care_assumed_on: date | None = None
    care_relinquished_on: date | None = None
    first_contact_on: date | None = None
    repricer_received_on: date | None = None


NO_DATES: Final = ClaimDates()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfessionalClaim:
    """One claim (2300) with the parties above it in the tree.

    **Shape**: `frequency` 1 original, 7 replacement, 8 void; the last two name `original_payer_control_number`
    (REF*F8). `diagnoses` without dots, the principal first, of the ninth or tenth revision (`icd`).
    `references` are further numbers (REF D9, 9A and others). `patient` is None where the subscriber is the patient.
    `related_causes` are AA, EM or OA, `accident_state` is that of an AA. `special_program` is CLM12, 02 for the
    physically handicapped; `delay_reason` CLM20, why the claim comes late, 3 for an authorization that took long.
    `fixed_figures` are texts in a form that a state or a payer asked for (K3). **Units**: cents.
    """

    patient_control_number: str
    charge_cents: int
    place_of_service: str
    billing_provider: BillingProvider
    subscriber: Subscriber
    payer: Payer
    diagnoses: tuple[str, ...]
    lines: tuple[ServiceLine, ...]
    frequency: str = "1"
    patient: Patient | None = None
    original_payer_control_number: str = ""
    authorization_number: str = ""
    referral_number: str = ""
    clia_number: str = ""
    medical_record_number: str = ""
    dates: ClaimDates = NO_DATES
    related_causes: tuple[str, ...] = ()
    accident_state: str = ""
    patient_paid_cents: int | None = None
    anesthesia_procedures: tuple[str, ...] = ()
    condition_codes: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    referring_provider: Provider | None = None
    rendering_provider: Provider | None = None
    service_facility: ServiceFacility | None = None
    supervising_provider: Provider | None = None
    other_payers: tuple[OtherPayer, ...] = ()
    signature_on_file: str = "Y"
    assignment: str = "A"
    benefits_assigned: str = "Y"
    release_of_information: str = "Y"
    signature_source: str = ""
    icd: int = 10
    references: tuple[Reference, ...] = ()
    repricing: Repricing | None = None
    ride: Ride | None = None
    spinal_treatment: SpinalTreatment | None = None
    certificates: tuple[Certificate, ...] = ()
    contract: Contract | None = None
    fixed_figures: tuple[str, ...] = ()
    special_program: str = ""
    delay_reason: str = ""
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimBatch(Batch[ProfessionalClaim]):
    """The professional claims of one ST with their header."""

    claims: tuple[ProfessionalClaim, ...]
