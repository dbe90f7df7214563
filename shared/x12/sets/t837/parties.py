"""Who stands on a claim, and above it in the tree: sender, biller, insured, patient, payer, who treated, and where.

Owns: shapes and defaults. Refuses: rules; what a guide cannot carry is refused when it is written.
**Source**: 005010X222A1 and 005010X223A2; each class names its loop.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.x12.party import Address, PersonName
from shared.x12.segments import Contact, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitter:
    """Who sends (1000A).

    **Shape**: `submitter_id` as agreed with the receiver; `phone` ten digits, `numbers` what else its contact has as
    (qualifier, number); `contacts` are further ones. `kind` 1 is a person.
    """

    name: str
    submitter_id: str
    contact_name: str
    phone: str
    numbers: tuple[tuple[str, str], ...] = ()
    contacts: tuple[Contact, ...] = ()
    kind: str = "2"
    first_name: str = ""
    middle_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who receives (1000B)."""

    name: str
    receiver_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayToPlan:
    """The plan that is paid instead of the provider (2010AC), which its `tax_id` (an EIN) and its number name.

    **Shape**: `references` are its other numbers (REF 2U, FY, NF).
    """

    name: str
    plan_id: str
    tax_id: str = field(repr=False)
    address: Address
    plan_id_qualifier: str = "PI"
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingProvider:
    """Who is paid (2010AA), where the money goes if not to that address (2010AB), or to which plan (2010AC).

    **Shape**: an organisation, or, in a professional claim only, a person where `first_name` is given; `kind` says it
    (1 a person, 2 none) where the name does not. `tax_id` is an EIN, or a social security number where the qualifier is
    SY; both nine digits. `references` are licences (REF 0B, 1G); `raw` the segments of its level.
    """

    name: str
    npi: str
    tax_id: str = field(repr=False)
    address: Address
    taxonomy: str = ""
    first_name: str = ""
    tax_id_qualifier: str = "EI"
    pay_to_address: Address | None = None
    kind: str = ""
    middle_name: str = ""
    suffix: str = ""
    references: tuple[Reference, ...] = ()
    contacts: tuple[Contact, ...] = ()
    pay_to_plan: PayToPlan | None = None
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientCondition:
    """What else a professional claim says of a patient (PAT05 to PAT09), each nothing where it is not said.

    **Units**: pounds.
    """

    died_on: date | None = field(default=None, repr=False)
    weight_pounds: Decimal | None = field(default=None, repr=False)
    is_pregnant: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who is insured (2000B, 2010BA). **Shape**: address, birth date and sex are required when they are the patient.

    `responsibility` is P, S or T, or A to H beyond the third; `claim_filing` is SBR09, for example CI commercial, MB
    Medicare Part B, MC Medicaid; `insurance_type` (SBR05) says why Medicare is secondary, in a professional claim.
    `group_name` is given where there is no `group_number`. `member_id_qualifier` II is the national number; `kind`
    2 an employer, insured for its people. `references` are a social security number (SY) and a casualty's number (Y4);
    `raw` the segments of its level, the payer's among them.
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
    member_id_qualifier: str = "MI"
    kind: str = "1"
    references: tuple[Reference, ...] = ()
    contacts: tuple[Contact, ...] = ()
    condition: PatientCondition | None = None
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A patient who is not the subscriber (2000C, 2010CA).

    **Shape**: `relationship` is PAT01, 19 a child, 01 a spouse. Address and birth date are required when writing; some
    partners leave them out. `references` are a casualty's numbers (Y4, 1W, SY); `raw` the segments of its level.
    """

    name: PersonName
    relationship: str
    address: Address | None = None
    birth_on: date | None = field(default=None, repr=False)
    sex: str = ""
    references: tuple[Reference, ...] = ()
    contacts: tuple[Contact, ...] = ()
    condition: PatientCondition | None = None
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who shall pay (2010BB), or has paid or will pay too (2330B).

    **Shape**: the qualifier is PI, or XV a plan id. `references` are its other numbers (REF 2U, EI, FY, NF), and those
    that it knows the biller by (G2, LU), which only who shall pay has.
    """

    name: str
    payer_id: str
    payer_id_qualifier: str = "PI"
    address: Address | None = None
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who treated, referred, supervised or operated (2310, 2420).

    **Shape**: a person where `first_name` is given, else an organisation; who refers, supervises, attends or operates
    is always a person; `kind` says it (1 a person, 2 none) where neither does. `taxonomy` has a place where they render
    (837P) or attend (837I), and is not sent elsewhere. `references` are licences and payers' numbers (0B, 1G, G2, LU).
    """

    last_name: str
    npi: str = ""
    first_name: str = ""
    taxonomy: str = ""
    middle_name: str = ""
    suffix: str = ""
    kind: str = ""
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderingProvider:
    """Who ordered what a line has (2420E): a person, for equipment with an address and perhaps somebody to ask."""

    provider: Provider
    address: Address | None = None
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacility:
    """Where it was done, if not at the billing address (2310C, on a line 2420C, in an 837I 2310E).

    **Shape**: references as above.
    """

    name: str
    address: Address
    npi: str = ""
    references: tuple[Reference, ...] = ()
