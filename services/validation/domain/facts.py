"""What a scrub has to know of other services' facts: the rows of our read models, and the whole that they make up.

Of a patient only birth date and sex are kept, because edits ask for them; no name, number or address comes this far.
"""

from dataclasses import dataclass
from datetime import date

from shared.events.coding import CodedLine
from shared.events.registration import FilingOrder
from shared.kernel.person import Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The latest complete set of codes of an encounter. **Shape**: diagnoses by their order, the first-listed first."""

    encounter_id: str
    patient_id: str
    coding_version: int
    diagnoses: tuple[str, ...]
    lines: tuple[CodedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """A visit. **Shape**: `coverage_ids` in filing order; none: the patient pays."""

    encounter_id: str
    patient_id: str
    service_from_on: date
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Whom a coverage insures, in which place of the line, and when.

    **Shape**: both ends are insured; no `effective_to_on`: open.
    """

    coverage_id: str
    patient_id: str
    payer_id: str
    filing_order: FilingOrder
    effective_from_on: date
    effective_to_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """How long a payer waits for a claim, and by which clock."""

    payer_id: str
    filing_limit_days: int | None
    filing_limit_months: int | None
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who renders or bills."""

    provider_id: str
    npi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that one scrub judges. **Shape**: `payer` is that of the first coverage; providers as documented."""

    codes: Codes
    encounter: Encounter
    patient: Patient
    coverages: tuple[Coverage, ...]
    payer: Payer | None
    rendering: Provider | None
    billing: Provider | None
