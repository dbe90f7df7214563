"""The services over HTTP as an import needs them: records to requests, refusals to reasons, silence to another try.

Every request may be sent again, because a service answers a repeat with what it has.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypeVar

import httpx
import stamina

from apps.cli.fhir.importing import DocumentedVisit, InsuredBy, Stored
from apps.cli.fhir.records import ConditionRecord, PayerRecord, PersonRecord, ProcedureRecord, ProviderRecord
from shared.clients.coding import CodingClient, ConditionToDocument, EncounterToDocument, ProcedureToDocument
from shared.clients.problem import ProblemAnswered
from shared.clients.registration import (
    CoverageToAdd,
    Kept,
    PatientToRegister,
    PayerToAdd,
    ProviderToAdd,
    RegistrationClient,
)
from shared.events.coding import DocumentedCode
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.person import Subscriber

ATTEMPTS_MAX: Final = 6
ATTEMPTS_SECONDS_MAX: Final = 60.0
WORDS_MAX: Final = 500  # a longer text of a condition or service is cut; all of it stays in the note
_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE})
Answer = TypeVar("Answer")


class ServiceRefused(Rejected):
    """A service said no to a resource. **Shape**: the message is its slug and its reason, without values."""

    slug = "import-service-refused"


class ServiceSilent(Unavailable):
    """A service does not answer, or only says that it cannot now."""

    slug = "import-service-silent"


class HttpServices:
    """Registration and coding. **Errors**: `ServiceRefused`; `ServiceSilent` after several tries."""

    def __init__(self, registration: RegistrationClient, coding: CodingClient) -> None:
        self._registration = registration
        self._coding = coding

    async def add_payer(self, payer: PayerRecord) -> Stored:
        """Let claims be sent to a payer; what the file does not say keeps registration's default."""
        said = {"claim_filing_indicator": payer.claim_filing_indicator, "zone": payer.zone}
        given = {name: value for name, value in said.items() if value is not None}
        asked = PayerToAdd(
            payer_name=payer.payer_name,
            clearinghouse_payer_id=payer.clearinghouse_payer_id,
            filing_limit_days=payer.filing_limit_days,
            filing_limit_months=payer.filing_limit_months,
            address=payer.address,
            **given,
        )
        return _stored(await _asked(lambda: self._registration.add_payer(asked)))

    async def add_provider(self, provider: ProviderRecord) -> Stored:
        """Let somebody render or bill."""
        asked = ProviderToAdd(
            kind=provider.kind,
            npi=provider.npi,
            provider_name=provider.provider_name,
            given_name=provider.given_name,
            taxonomy=provider.taxonomy,
            tax_id=provider.tax_id,
            address=provider.address,
        )
        return _stored(await _asked(lambda: self._registration.add_provider(asked)))

    async def register_patient(self, patient: PersonRecord) -> Stored:
        """Give a person a record."""
        if patient.mrn is None or patient.birth_on is None:
            raise ServiceRefused("a patient has a medical record number and a birth date")
        asked = PatientToRegister(
            mrn=patient.mrn,
            name=patient.name,
            birth_on=patient.birth_on,
            sex=patient.sex,
            address=patient.address,
            source_identifier=patient.source,
        )
        return _stored(await _asked(lambda: self._registration.register_patient(asked)))

    async def add_coverage(self, insured: InsuredBy) -> Stored:
        """Keep what an insurance card says."""
        coverage = insured.coverage
        asked = CoverageToAdd(
            payer_id=insured.payer_id,
            member_id=coverage.member_id,
            effective_from_on=coverage.effective_from_on,
            effective_to_on=coverage.effective_to_on,
            filing_order=coverage.filing_order,
            plan=coverage.plan,
            relationship=coverage.relationship,
            group_number=coverage.group_number,
            subscriber=_subscriber(insured.subscriber),
        )
        return _stored(await _asked(lambda: self._registration.add_coverage(insured.patient_id, asked)))

    async def document_encounter(self, documented: DocumentedVisit) -> Stored:
        """Hand over a visit's documentation."""
        asked = encounter_to_document(documented)
        answer = await _asked(lambda: self._coding.document(asked))
        return Stored(answer.encounter_id, answer.created)


def encounter_to_document(documented: DocumentedVisit) -> EncounterToDocument:
    """Return the request for a visit: the note is all notes of it, the signature the last of theirs."""
    visit, encounter = documented.visit, documented.visit.encounter
    written = [note.written_at for note in visit.notes if note.written_at]
    return EncounterToDocument(
        patient_id=documented.patient_id,
        service_from_on=encounter.service_from_on,
        service_to_on=encounter.service_to_on,
        source_identifier=encounter.source,
        place_of_service=encounter.place_of_service,
        rendering_provider_id=documented.rendering_provider_id,
        billing_provider_id=documented.billing_provider_id,
        coverage_ids=documented.coverage_ids,
        conditions=tuple(_condition(each) for each in visit.conditions),
        procedures=tuple(_procedure(each, pointers, encounter.service_from_on) for each, pointers in visit.procedures),
        note="\n\n".join(note.text for note in visit.notes) or None,
        signed_at=max(written, default=encounter.signed_at),
    )


def _condition(record: ConditionRecord) -> ConditionToDocument:
    codes = tuple(DocumentedCode(system=each.system, code=each.code) for each in record.codes)
    return ConditionToDocument(codes=codes, text=record.text[:WORDS_MAX])


def _procedure(record: ProcedureRecord, pointers: tuple[int, ...], first_on: object) -> ProcedureToDocument:
    return ProcedureToDocument(
        codes=tuple(DocumentedCode(system=each.system, code=each.code) for each in record.codes),
        text=record.text[:WORDS_MAX],
        modifiers=record.modifiers,
        units=record.units,
        pointers=pointers,
        service_on=None if record.service_on == first_on else record.service_on,
    )


def _subscriber(person: PersonRecord | None) -> Subscriber | None:
    if person is None or person.birth_on is None or person.address is None:
        return None
    return Subscriber(name=person.name, birth_on=person.birth_on, sex=person.sex, address=person.address)


def _stored(kept: Kept) -> Stored:
    return Stored(kept.id, kept.created)


@stamina.retry(on=ServiceSilent, attempts=ATTEMPTS_MAX, timeout=ATTEMPTS_SECONDS_MAX)
async def _asked(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Return what a service answers. **Errors**: `ServiceRefused`, `ServiceSilent`."""
    try:
        return await ask()
    except httpx.TransportError as silent:
        raise ServiceSilent("a service does not answer; start it with `claimlog run`, or set CLAIMLOG_URL") from silent
    except ProblemAnswered as problem:
        if problem.status in _BUSY:
            raise ServiceSilent("a service cannot answer now") from problem
        raise ServiceRefused(f"{problem.slug}: {problem.detail}") from problem
