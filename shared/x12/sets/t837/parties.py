"""Who stands on a claim, and above it in the tree: sender, biller, insured, patient, payer, who treated, and where.

Owns: shapes and defaults. Refuses: rules; what a guide cannot carry is refused when it is written.
**Source**: 005010X222A1 and 005010X223A2; each class names its loop.
"""

from dataclasses import dataclass, field
from datetime import date

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
    """Who is paid (2010AA), and where the money goes if not to that address (2010AB).

    **Shape**: an organisation, or, in a professional claim only, a person where `first_name` is given. `tax_id` is an
    EIN, or a social security number where the qualifier is SY; both nine digits.
    """

    name: str
    npi: str
    tax_id: str = field(repr=False)
    address: Address
    taxonomy: str = ""
    first_name: str = ""
    tax_id_qualifier: str = "EI"
    pay_to_address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who is insured (2000B, 2010BA). **Shape**: address, birth date and sex are required when they are the patient.

    `responsibility` is P, S or T, or A to H beyond the third; `claim_filing` is SBR09, for example CI commercial, MB
    Medicare Part B, MC Medicaid; `insurance_type` (SBR05) says why Medicare is secondary, in a professional claim.
    `group_name` is only sent where there is no `group_number`.
    """

    member_id: str = field(repr=False)
    name: PersonName
    address: Address | None = None
    birth_on: date | None = field(default=None, repr=False)
    sex: str = ""
    group_number: str = ""
    group_name: str = ""
    claim_filing: str = ""
    responsibility: str = "P"
    insurance_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A patient who is not the subscriber (2000C, 2010CA).

    **Shape**: `relationship` is PAT01, 19 a child, 01 a spouse. Address and birth date are required when writing; some
    partners leave them out.
    """

    name: PersonName
    relationship: str
    address: Address | None = None
    birth_on: date | None = field(default=None, repr=False)
    sex: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who shall pay (2010BB), or has paid or will pay too (2330B). **Shape**: the qualifier is PI, or XV a plan id."""

    name: str
    payer_id: str
    payer_id_qualifier: str = "PI"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who treated, referred, supervised or operated (2310, 2420).

    **Shape**: a person where `first_name` is given, else an organisation; who refers, supervises, attends or operates
    is always a person. `taxonomy` has a place where they render (837P) or attend (837I), and is not sent elsewhere.
    """

    last_name: str
    npi: str = ""
    first_name: str = ""
    taxonomy: str = ""
    middle_name: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacility:
    """Where it was done, if not at the billing address (2310C, in an 837I 2310E)."""

    name: str
    address: Address
    npi: str = ""
