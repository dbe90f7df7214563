"""What a scrub has to know of other services' facts: the rows of our read models, and the whole that they make up.

Of a patient only birth date and sex are kept, because edits ask for them. No name, number or address comes this far:
of those a scrub knows whether they are there, and whether they have the form that a claim wants.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from shared.events.coding import CodedLine
from shared.events.registration import FilingOrder
from shared.kernel.person import Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The latest complete set of codes of an encounter.

    **Shape**: diagnoses by their order, the first-listed first; rules of payers go by `assigned_at`.
    """

    encounter_id: str
    patient_id: str
    coding_version: int
    diagnoses: tuple[str, ...]
    lines: tuple[CodedLine, ...]
    assigned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """A visit. **Shape**: `coverage_ids` in filing order; none: the patient pays."""

    encounter_id: str
    patient_id: str
    service_from_on: date
    service_to_on: date
    place_of_service: str | None
    rendering_provider_id: str | None
    billing_provider_id: str | None
    coverage_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What edits ask of a patient; None once the patient's key was destroyed."""

    patient_id: str
    birth_on: date | None
    sex: Sex | None
    has_address: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Whom a coverage insures, in which place of the line, and when.

    **Shape**: both ends are insured; no `effective_to_on`: open. `of_group`: the card names an insured group;
    `medicare_number`: the number has the form of Medicare's; both None where they were erased.
    """

    coverage_id: str
    patient_id: str
    payer_id: str
    filing_order: FilingOrder
    effective_from_on: date
    effective_to_on: date | None
    of_group: bool | None
    medicare_number: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """To what a payer consents. **Shape**: both days belong to it; no units: no limit was said."""

    procedure_codes: tuple[str, ...]
    units_approved: int | None
    valid_from_on: date
    valid_to_on: date

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and the last day."""
        return self.valid_from_on, self.valid_to_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What a payer was, or is to be, asked, and whether it consents.

    **Shape**: procedures and days of service are those asked for, both days belong to them; a consent exactly where it
    is approved. `concerned` are the first and the last of all days that were ever spoken of.
    """

    authorization_id: str
    coverage_id: str
    procedure_codes: tuple[str, ...]
    service_from_on: date
    service_to_on: date
    status: Literal["required", "requested", "pended", "approved", "denied", "cancelled"]
    consent: Consent | None = None
    concerned: tuple[date, date]

    @property
    def ends_on(self) -> date:
        """Return the last day that it speaks of."""
        return self.consent.valid_to_on if self.consent else self.service_to_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Which kind of insurance a payer is (SBR09), how long it waits for a claim, and by which clock."""

    payer_id: str
    claim_filing_indicator: str
    filing_limit_days: int | None
    filing_limit_months: int | None
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who renders or bills.

    **Shape**: `has_tax_id` None where it was erased; `zip_digits` None without an address.
    """

    provider_id: str
    kind: Literal["person", "organization"]
    npi: str
    taxonomy: str | None
    has_given_name: bool
    has_tax_id: bool | None
    zip_digits: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLine:
    """A line of another encounter of the patient.

    **Shape**: `npi` of who rendered it, or billed where nobody did, with their `taxonomy`; `billing_npi` of who billed.
    `under_way`: a payer has its claim.
    """

    encounter_id: str
    npi: str
    line: CodedLine
    under_way: bool = False
    taxonomy: str | None = None
    billing_npi: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that one scrub judges.

    **Shape**: a payer for each coverage; providers as documented; `known_coverages` and `authorizations` are all of the
    patient; `same_day` are lines of other encounters of the patient on the days of this one, as far as they came;
    `same_day_cut`: there are more than are compared. `earlier` are lines of further encounters, of procedures whose
    payment may include a visit of this one; `earlier_cut` as above.
    """

    codes: Codes
    encounter: Encounter
    patient: Patient
    coverages: tuple[Coverage, ...]
    payers: tuple[Payer, ...]
    known_coverages: tuple[Coverage, ...] = ()
    authorizations: tuple[Authorization, ...] = ()
    rendering: Provider | None
    billing: Provider | None
    same_day: tuple[OtherLine, ...] = ()
    same_day_cut: bool = False
    earlier: tuple[OtherLine, ...] = ()
    earlier_cut: bool = False

    @property
    def npi(self) -> str | None:
        """Return who rendered the services: the billing provider where nobody else is documented."""
        return self.rendering.npi if self.rendering else self.billing.npi if self.billing else None
