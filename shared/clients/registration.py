"""Speaking to registration: make patients, coverages, authorizations, payers, providers, visits known.

A repeat is safe, where nothing else is said.

The client brings address, token and time-outs: `httpx.AsyncClient(base_url=…, headers=…, timeout=…)`.
"""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

import httpx
from msgspec import to_builtins

from shared.clients.conditions import WHATEVER_STANDS, Shown, if_match, keyed, shown
from shared.clients.lines import results
from shared.clients.pages import rows
from shared.clients.paths import part
from shared.clients.problem import asked_as_of, body_of, created
from shared.events.registration import (
    AuthorizationChannel,
    AuthorizationSource,
    CancelReason,
    DenialReason,
    FilingOrder,
    PendReason,
    Relationship,
)
from shared.kernel.person import Address, Identifier, PersonName, Sex, Subscriber

_NAMES_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What registration knows now. **Shape**: `created` False: it was there before."""

    id: str
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedIn:
    """A visit that has begun, with the coverages that count for it, in filing order."""

    encounter_id: str
    coverage_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientToRegister:
    """A person. **Shape**: `source_identifier` is the record that the patient comes from."""

    mrn: str
    name: PersonName
    birth_on: date
    sex: Sex = "unknown"
    address: Address | None = None
    member_id: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    source_identifier: Identifier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageToAdd:
    """What an insurance card says. **Shape**: `subscriber` exactly where the relationship is not self."""

    payer_id: str
    member_id: str
    effective_from_on: date
    effective_to_on: date | None = None
    filing_order: FilingOrder = "primary"
    plan: str | None = None
    relationship: Relationship = "self"
    group_number: str | None = None
    subscriber: Subscriber | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerToAdd:
    """Whom claims are sent to. **Units**: the filing limit in days or in calendar months."""

    payer_name: str
    clearinghouse_payer_id: str
    claim_filing_indicator: str = "CI"
    filing_limit_days: int | None = None
    filing_limit_months: int | None = None
    zone: str = "America/New_York"
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderToAdd:
    """Who renders or bills."""

    kind: Literal["person", "organization"]
    npi: str
    provider_name: str
    given_name: str | None = None
    taxonomy: str | None = None
    tax_id: str | None = None
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationToNote:
    """For which services a payer wants to be asked, and who says so. **Shape**: both days belong to the range."""

    patient_id: str
    coverage_id: str
    procedure_codes: tuple[str, ...]
    service_from_on: date
    service_to_on: date
    source: AuthorizationSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a payer consents to. **Shape**: no procedures: those that it was asked for; no units: no limit was said."""

    number: str
    valid_from_on: date
    valid_to_on: date
    procedure_codes: tuple[str, ...] | None = None
    units_approved: int | None = None


class RegistrationClient:
    """The routes of registration. **Errors**: every method raises `ProblemAnswered` or what httpx raises."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def register_patient(self, patient: PatientToRegister) -> Kept:
        """Register a patient, or find the one who is there."""
        return await self._keep("/v1/patients", to_builtins(patient), "patient_id")

    async def patient(self, patient_id: str, *, as_of: datetime | None = None) -> Mapping[str, Any]:
        """Return a patient with the coverages, as known now or at an instant."""
        return await self._get(f"/v1/patients/{part(patient_id)}", **asked_as_of(as_of))

    async def search_patients(
        self,
        *,
        mrn: str | None = None,
        identifier: Identifier | None = None,
        name: PersonName | None = None,
        birth_on: date | None = None,
    ) -> tuple[Mapping[str, Any], ...]:
        """Return the patients found by MRN, by a number, or by name and birth date."""
        asked = {"mrn": mrn, "identifier": identifier, "name": name, "birth_on": birth_on}
        found = body_of(await self._http.post("/v1/patient-searches", json=to_builtins(asked)))
        return tuple(found["patients"])

    async def patient_names(self, patient_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return MRN, name and birth date of patients who are known, by id; None where a value was erased.

        **Shape**: any number of ids, each once; a request for each 500.
        """
        asked = sorted(set(patient_ids))
        found: dict[str, Mapping[str, Any]] = {}
        for first in range(0, len(asked), _NAMES_MAX):
            body = {"patient_ids": asked[first : first + _NAMES_MAX]}
            named = body_of(await self._http.post("/v1/patient-names", json=body))
            found |= {each["patient_id"]: each for each in named["patients"]}
        return found

    async def add_coverage(self, patient_id: str, coverage: CoverageToAdd) -> Kept:
        """Add a coverage, or find the one that is there."""
        return await self._keep(f"/v1/patients/{part(patient_id)}/coverages", to_builtins(coverage), "coverage_id")

    def register_patients(self, lines: AsyncIterable[bytes]) -> AsyncIterator[Mapping[str, Any]]:
        """Register many patients, a line each; yield what came of each."""
        return results(self._http, "/v1/patients/bulk", lines)

    def add_coverages(self, lines: AsyncIterable[bytes]) -> AsyncIterator[Mapping[str, Any]]:
        """Add many coverages, a line each; yield what came of each."""
        return results(self._http, "/v1/coverages/bulk", lines)

    async def payer(self, payer_id: str, *, as_of: datetime | None = None) -> Shown:
        """Return a payer, as known now or at an instant."""
        return await self._get(f"/v1/payers/{part(payer_id)}", **asked_as_of(as_of))

    async def provider(self, provider_id: str, *, as_of: datetime | None = None) -> Shown:
        """Return a provider, as known now or at an instant."""
        return await self._get(f"/v1/providers/{part(provider_id)}", **asked_as_of(as_of))

    async def appointment(self, appointment_id: str, *, as_of: datetime | None = None) -> Shown:
        """Return a visit that was planned, as known now or at an instant."""
        return await self._get(f"/v1/appointments/{part(appointment_id)}", **asked_as_of(as_of))

    async def appointments(self, **asked: str) -> tuple[Mapping[str, Any], ...]:
        """Return the first page of visits: of a patient, or by how far they are."""
        return tuple((await self._get("/v1/appointments", **asked))["items"])

    async def add_payer(self, payer: PayerToAdd) -> Kept:
        """Add a payer, or find the one that is there."""
        return await self._keep("/v1/payers", to_builtins(payer), "payer_id")

    async def payer_by_clearinghouse_id(self, clearinghouse_payer_id: str) -> str | None:
        """Return the id of the payer with a number at the clearinghouse, None where there is none."""
        items = (await self._get("/v1/payers", clearinghouse_payer_id=clearinghouse_payer_id))["items"]
        return str(items[0]["payer_id"]) if items else None

    async def payer_names(self) -> Mapping[str, str]:
        """Return what each payer is called, by id."""
        return {row["payer_id"]: row["payer_name"] async for row in rows(self._http, "/v1/payers", page_size=500)}

    async def payer_names_at_clearinghouse(self) -> Mapping[str, str]:
        """Return what each payer is called, by its id at the clearinghouse, which an 835 names."""
        payers = rows(self._http, "/v1/payers", page_size=500)
        return {row["clearinghouse_payer_id"]: row["payer_name"] async for row in payers}

    async def add_provider(self, provider: ProviderToAdd) -> Kept:
        """Add a provider, or find the one that is there."""
        return await self._keep("/v1/providers", to_builtins(provider), "provider_id")

    async def provider_by_npi(self, npi: str) -> str | None:
        """Return the id of the provider with an NPI, None where there is none."""
        items = (await self._get("/v1/providers", npi=npi))["items"]
        return str(items[0]["provider_id"]) if items else None

    async def book_appointment(
        self,
        *,
        patient_id: str,
        provider_id: str,
        starts_at: datetime,
        visit_type: str = "office-visit",
        key: str | None = None,
    ) -> Kept:
        """Book a visit; each call books one."""
        asked = {
            "patient_id": patient_id,
            "provider_id": provider_id,
            "starts_at": starts_at,
            "visit_type": visit_type,
        }
        return await self._keep("/v1/appointments", to_builtins(asked), "appointment_id", keyed(key))

    async def check_in(self, appointment_id: str, *, etag: str = WHATEVER_STANDS) -> CheckedIn:
        """Check a patient in, or find the check-in that is there."""
        path = f"/v1/appointments/{part(appointment_id)}/check-ins"
        body = body_of(await self._http.post(path, headers=if_match(etag)))
        return CheckedIn(encounter_id=body["encounter_id"], coverage_ids=tuple(body["coverage_ids"]))

    async def note_authorization(self, authorization: AuthorizationToNote, *, key: str | None = None) -> Kept:
        """Note that a payer wants to be asked before services; each call notes one."""
        return await self._keep("/v1/authorizations", to_builtins(authorization), "authorization_id", keyed(key))

    async def request_authorization(
        self, authorization_id: str, *, channel: AuthorizationChannel, etag: str = WHATEVER_STANDS
    ) -> Shown:
        """Note that the payer was asked for what was noted, and return the authorization."""
        return await self._follow(authorization_id, "requests", {"channel": channel}, etag)

    async def approve_authorization(
        self, authorization_id: str, consent: Consent, *, etag: str = WHATEVER_STANDS
    ) -> Shown:
        """Note that the payer consents; with other content, correct or extend its consent."""
        return await self._follow(authorization_id, "approvals", to_builtins(consent), etag)

    async def pend_authorization(
        self, authorization_id: str, *, reason: PendReason, etag: str = WHATEVER_STANDS
    ) -> Shown:
        """Note that the payer has not decided."""
        return await self._follow(authorization_id, "deferrals", {"reason": reason}, etag)

    async def deny_authorization(
        self, authorization_id: str, *, reason: DenialReason, etag: str = WHATEVER_STANDS
    ) -> Shown:
        """Note that the payer refuses."""
        return await self._follow(authorization_id, "denials", {"reason": reason}, etag)

    async def cancel_authorization(
        self, authorization_id: str, *, reason: CancelReason, etag: str = WHATEVER_STANDS
    ) -> Shown:
        """Count on an authorization no more."""
        return await self._follow(authorization_id, "cancellations", {"reason": reason}, etag)

    async def authorization(self, authorization_id: str, *, as_of: datetime | None = None) -> Shown:
        """Return an authorization, as known now or at an instant."""
        return await self._get(f"/v1/authorizations/{part(authorization_id)}", **asked_as_of(as_of))

    async def authorizations(self, **asked: str) -> tuple[Mapping[str, Any], ...]:
        """Return the first page of authorizations: by patient, coverage, status, or how soon they are due."""
        return tuple((await self._get("/v1/authorizations", **asked))["items"])

    async def _follow(self, authorization_id: str, what: str, body: object, etag: str) -> Shown:
        path = f"/v1/authorizations/{part(authorization_id)}/{what}"
        return shown(await self._http.post(path, json=body, headers=if_match(etag)))

    async def _keep(self, path: str, body: object, id_field: str, headers: Mapping[str, str] | None = None) -> Kept:
        answer = await self._http.post(path, json=body, headers=headers)
        return Kept(id=str(body_of(answer)[id_field]), created=created(answer))

    async def _get(self, path: str, **asked: str) -> Shown:
        return shown(await self._http.get(path, params=asked))
