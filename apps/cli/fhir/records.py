"""What the import makes of each resource: typed, and with references still as the file has them.

A record holds what a service's HTTP body asks for, and no more: numbers that a claim does not need (social security,
passport, driving licence) stay in the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from shared.events.registration import FilingOrder, Relationship
from shared.kernel.person import Address, Identifier, PersonName, Sex


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource stands. **Shape**: `number` counts lines or bundle entries from 1, 0 for the file itself."""

    file: str
    number: int

    def __str__(self) -> str:
        """Return the place as people point at it."""
        return f"{self.file}:{self.number}" if self.number else self.file


@dataclass(frozen=True, slots=True)
class Names:
    """What others may call a resource by: `Type/id`, fullUrl, `Type?identifier=system|value`."""

    own: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PayerRecord:
    """An organization that pays."""

    payer_name: str
    clearinghouse_payer_id: str
    claim_filing_indicator: str | None
    filing_limit_days: int | None
    filing_limit_months: int | None
    zone: str | None
    address: Address | None


@dataclass(frozen=True, slots=True)
class ProviderRecord:
    """A clinician or an organization that renders or bills."""

    kind: Literal["person", "organization"]
    npi: str
    provider_name: str
    given_name: str | None
    taxonomy: str | None
    tax_id: str | None
    address: Address | None


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A patient, or a relative who is insured. **Shape**: a patient has an `mrn` and a `source`."""

    name: PersonName
    birth_on: date | None
    sex: Sex
    address: Address | None
    mrn: str | None = None
    source: Identifier | None = None


@dataclass(frozen=True, slots=True)
class CoverageRecord:
    """An insurance. **Shape**: `patient`, `payer` and `subscriber` are references."""

    patient: str
    payer: str
    subscriber: str | None
    relationship: Relationship
    filing_order: FilingOrder
    member_id: str
    group_number: str | None
    plan: str | None
    effective_from_on: date
    effective_to_on: date | None


@dataclass(frozen=True, slots=True)
class Coding:
    """A code in a system: icd10cm, cpt, hcpcs, snomed, or the URI as sent."""

    system: str
    code: str


@dataclass(frozen=True, slots=True)
class ConditionRecord:
    """A condition of a visit. **Shape**: `encounter` is a reference; `counts` is False where it was ruled out."""

    encounter: str | None
    codes: tuple[Coding, ...]
    text: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class ProcedureRecord:
    """A service of a visit. **Shape**: `encounter` and `reasons` are references; `counts` is False where not done."""

    encounter: str | None
    codes: tuple[Coding, ...]
    text: str
    modifiers: tuple[str, ...]
    units: int
    reasons: tuple[str, ...]
    service_on: date | None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """A note on visits, as text."""

    encounters: tuple[str, ...]
    text: str
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class EncounterRecord:
    """A finished visit. **Shape**: `patient`, `rendering`, `billing` and `diagnoses` are references.

    `reasons` are what the visit was for, used where no condition of the visit is recorded.
    """

    patient: str
    rendering: str | None
    billing: str | None
    service_from_on: date
    service_to_on: date
    place_of_service: str | None
    diagnoses: tuple[str, ...]
    reasons: tuple[ConditionRecord, ...]
    signed_at: datetime | None
    source: Identifier


Record: TypeAlias = (
    PayerRecord
    | ProviderRecord
    | PersonRecord
    | CoverageRecord
    | ConditionRecord
    | ProcedureRecord
    | NoteRecord
    | EncounterRecord
)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A resource as records. **Shape**: an organization may be both a payer and a provider; empty: not for us."""

    place: Place
    resource_type: str
    names: Names
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A resource, or a line that is none, that was left out, and why. **Shape**: the reason never has values in it.

    `belongs_to` are the visits or the patient that it is part of, where that could be read: they are held back with it.
    """

    place: Place
    resource_type: str
    reason: str
    belongs_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of every resource. **Shape**: counts by resource type; `left_out` are types that nobody asked for."""

    read: Mapping[str, int]
    created: Mapping[str, int]
    existing: Mapping[str, int]
    left_out: Mapping[str, int]
    failed: tuple[Failure, ...]
