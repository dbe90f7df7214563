"""Requests, refusals and silence, against an HTTP transport that answers as told."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import httpx
import pytest
import stamina

from apps.cli.fhir.importing import DocumentedVisit
from apps.cli.fhir.linking import linked
from apps.cli.fhir.over_http import HttpServices, ServiceRefused, ServiceSilent, encounter_to_document
from apps.cli.fhir.records import PersonRecord
from shared.clients.coding import CodingClient, ConditionToDocument, ProcedureToDocument
from shared.clients.registration import RegistrationClient
from shared.events.coding import DocumentedCode
from tests.unit.apps.cli.fhir.resources import condition, encounter, good, note, patient, procedure, records

ATTEMPTS = 3


@pytest.fixture(autouse=True)
def _no_waiting_between_attempts() -> Iterator[None]:
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


def _patient() -> PersonRecord:
    (record,) = records(patient())
    assert isinstance(record, PersonRecord)
    return record


def _services(answer: Callable[[httpx.Request], httpx.Response]) -> HttpServices:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://service")
    return HttpServices(RegistrationClient(http), CodingClient(http))


def test_says_everything_of_a_visit() -> None:
    later = note(id="n2", date="2026-10-03T09:00:00-04:00")
    parts = [patient(), encounter(), condition(), procedure(performedDateTime="2026-10-02"), note(), later]
    (visit,), _ = linked([good(each, number=number) for number, each in enumerate(parts)], ())
    request = encounter_to_document(DocumentedVisit("P", "R", "B", ("C",), visit))

    assert (request.patient_id, request.rendering_provider_id, request.billing_provider_id) == ("P", "R", "B")
    assert (request.service_from_on, request.service_to_on) == (date(2026, 10, 1), date(2026, 10, 1))
    assert request.conditions == (
        ConditionToDocument(
            codes=(DocumentedCode(system="icd10cm", code="E119"),),
            text="Type 2 diabetes mellitus without complications",
        ),
    )
    assert request.procedures == (
        ProcedureToDocument(
            codes=(DocumentedCode(system="cpt", code="99213"),), pointers=(1,), service_on=date(2026, 10, 2)
        ),
    )
    assert request.note == "Feels well.\n\nFeels well."
    assert request.signed_at == datetime(2026, 10, 3, 13, tzinfo=UTC)


def test_takes_the_end_of_the_visit_for_a_signature_where_no_note_has_one() -> None:
    (visit,), _ = linked([good(patient()), good(encounter())], ())
    request = encounter_to_document(DocumentedVisit("P", None, None, (), visit))

    assert request.signed_at == datetime(2026, 10, 2, 2, tzinfo=UTC)
    assert request.note is None


async def test_gives_the_reason_of_a_refusal() -> None:
    problem = {"type": "/problems/name-taken", "detail": "another person has the number"}
    services = _services(lambda _: httpx.Response(409, json=problem))

    with pytest.raises(ServiceRefused, match="name-taken: another person has the number"):
        await services.register_patient(_patient())


async def test_tries_again_while_a_service_is_busy() -> None:
    answers = [httpx.Response(503), httpx.Response(429), httpx.Response(201, json={"patient_id": "P"})]
    stored = await _services(lambda _: answers.pop(0)).register_patient(_patient())

    assert (stored.id, stored.created) == ("P", True)


async def test_gives_up_on_a_service_that_stays_silent() -> None:
    asked: list[str] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        raise httpx.ConnectError("refused")

    with pytest.raises(ServiceSilent):
        await _services(refuse).register_patient(_patient())

    assert asked == ["/v1/patients"] * ATTEMPTS
