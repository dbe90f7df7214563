"""Who and what stands on a claim, as registration told it: patient, coverage, payer, provider, authorization.

Owns: the part of those facts that a claim needs. Refuses: whether it is enough (`claim_837.py` says so when it writes).
Personal values may be erased at any time, so each reader has a branch for it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.events.registration import FilingOrder, Relationship
from shared.kernel.erased import Erased
from shared.kernel.person import Address, PersonName, Sex, Subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Who was treated."""

    patient_id: str
    name: PersonName | Erased
    birth_on: date | Erased
    sex: Sex | Erased
    address: Address | Erased | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One insurance of one patient. **Shape**: `subscriber` is None where the patient is the insured."""

    coverage_id: str
    patient_id: str
    payer_id: str
    filing_order: FilingOrder
    relationship: Relationship
    member_id: str | Erased
    group_number: str | Erased | None
    subscriber: Subscriber | Erased | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """A payer's consent to services. **Shape**: `number` is the payer's, and goes on the claim."""

    authorization_id: str
    number: str | Erased


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who is asked to pay."""

    payer_id: str
    payer_name: str
    clearinghouse_payer_id: str
    claim_filing_indicator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who treated, or who is paid."""

    provider_id: str
    kind: Literal["person", "organization"]
    npi: str
    provider_name: str
    given_name: str | None
    taxonomy: str | None
    tax_id: str | Erased | None
    address: Address | None
