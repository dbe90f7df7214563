"""The values of a professional claim (837P): what goes out to a payer, and what comes back when one reads it.

Owns: shapes and defaults. Refuses: rules; what a guide cannot carry is refused by `writing.py`, what a payer would
reject is the scrubber's. **Source**: 005010X222A1; each class names its loop.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.x12.party import Address, PersonName


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitter:
    """Who sends (1000A). **Shape**: `submitter_id` as agreed with the receiver; `phone` ten digits."""

    name: str
    submitter_id: str
    contact_name: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who receives (1000B)."""

    name: str
    receiver_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingProvider:
    """Who is paid (2010AA). **Shape**: an organisation, or a person where `first_name` is given.

    `tax_id` is an EIN, or a social security number where the qualifier is SY; both nine digits.
    """

    name: str
    npi: str
    tax_id: str
    address: Address
    taxonomy: str = ""
    first_name: str = ""
    tax_id_qualifier: str = "EI"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who is insured (2000B, 2010BA). **Shape**: address, birth date and sex are required when they are the patient.

    `responsibility` is P, S or T; `claim_filing` is SBR09, for example CI commercial, MB Medicare Part B, MC Medicaid.
    """

    member_id: str
    name: PersonName
    address: Address | None = None
    birth_on: date | None = None
    sex: str = ""
    group_number: str = ""
    group_name: str = ""
    claim_filing: str = ""
    responsibility: str = "P"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A patient who is not the subscriber (2000C, 2010CA).

    **Shape**: `relationship` is PAT01, 19 a child, 01 a spouse. Address and birth date are required when writing; some
    partners leave them out.
    """

    name: PersonName
    relationship: str
    address: Address | None = None
    birth_on: date | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who shall pay (2010BB)."""

    name: str
    payer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who rendered or referred (2310A, 2310B).

    **Shape**: a person where `first_name` is given, else an organisation; who refers is always a person.
    """

    last_name: str
    npi: str = ""
    first_name: str = ""
    taxonomy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacility:
    """Where it was done, if not at the billing address (2310C)."""

    name: str
    address: Address
    npi: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """One service (2400).

    **Shape**: `pointers` count the diagnoses of the claim from 1; up to four modifiers; both days inclusive;
    `line_control_number` is REF*6R, unique in the claim; `units` in `unit_basis`, UN units or MJ minutes.
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
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfessionalClaim:
    """One claim (2300) with the parties above it in the tree.

    **Shape**: `frequency` 1 original, 7 replacement, 8 void; the last two name `original_payer_control_number`
    (REF*F8). `diagnoses` without dots, the principal first. `patient` is None where the subscriber is the patient.
    **Units**: cents.
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
    rendering_provider: Provider | None = None
    referring_provider: Provider | None = None
    service_facility: ServiceFacility | None = None
    signature_on_file: str = "Y"
    assignment: str = "A"
    benefits_assigned: str = "Y"
    release_of_information: str = "Y"
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimBatch:
    """The claims of one ST. **Shape**: `reference` is BHT03, which a 277CA returns; claims as in the file."""

    submitter: Submitter
    receiver: Receiver
    reference: str
    claims: tuple[ProfessionalClaim, ...]
    control_number: str = field(default="", compare=False)
    group_control_number: str = field(default="", compare=False)
    interchange_control_number: str = field(default="", compare=False)
