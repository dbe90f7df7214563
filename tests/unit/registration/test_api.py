"""Registration's routes through the composition root: what a client sees. All people are synthetic."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import AsyncMock

import pytest

from services.registration.api.patient import NamedPatient
from services.registration.main import service
from services.registration.projections.patients import row_of
from services.registration.settings import Settings
from shared.events.registration import PatientRegistered
from shared.kernel.erased import ERASED
from tests.support.histories import retold
from tests.support.memory import Running, running

ADA: dict[str, Any] = {
    "mrn": "MRN-1001",
    "name": {"family": "Sample", "given": "Ada"},
    "birth_on": "1970-05-15",
    "sex": "female",
    "address": {"line": "1 Elm St", "city": "Tampa", "state": "fl", "zip": "33602-0001"},
    "member_id": "PAID0001",
    "source_identifier": {"system": "urn:example:ehr", "value": "Patient/p-1"},
}
BEN: dict[str, Any] = {"mrn": "MRN-2002", "name": {"family": "Sample", "given": "Ben"}, "birth_on": "2001-02-03"}
PAYER = {"payer_name": "Example Health Plan", "clearinghouse_payer_id": "EXHP1", "filing_limit_days": 180}
CLINIC = {"kind": "organization", "npi": "1234567893", "provider_name": "Example Clinic", "tax_id": "58-7654321"}


@pytest.fixture
async def registration() -> AsyncIterator[Running]:
    async with running(service(Settings())) as running_service:
        yield running_service


async def made(registration: Running, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await registration.client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


async def test_registers_a_patient_and_shows_the_state(registration: Running) -> None:
    answer = await registration.client.post("/v1/patients", json=ADA)
    body = answer.json()

    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert (body["mrn"], body["address"]["state"], body["address"]["zip"]) == ("MRN-1001", "FL", "336020001")
    assert (await registration.client.get(f"/v1/patients/{body['patient_id']}")).json() == {**body, "coverages": []}


@pytest.mark.parametrize(
    "again",
    [
        ADA,
        {**ADA, "mrn": "MRN-9", "name": {"family": "SÁMPLE", "given": " ada"}, "source_identifier": None},
        {**BEN, "mrn": "mrn-1001", "name": ADA["name"], "birth_on": ADA["birth_on"]},
        {**ADA, "mrn": "MRN-9", "member_id": None},
    ],
    ids=["the same", "same person and member id", "same MRN", "same source"],
)
async def test_answers_a_repeat_with_the_patient_who_is_there(registration: Running, again: dict[str, Any]) -> None:
    first = await made(registration, "/v1/patients", ADA)
    second = await registration.client.post("/v1/patients", json=again)

    assert (second.status_code, second.json()) == (200, first)
    assert len(await registration.facts()) == 1


@pytest.mark.parametrize(
    "other",
    [{**BEN, "mrn": "mrn-1001"}, {**BEN, "identifiers": [ADA["source_identifier"]]}],
    ids=["MRN", "identifier"],
)
async def test_refuses_a_number_that_another_person_holds(registration: Running, other: dict[str, Any]) -> None:
    first = await made(registration, "/v1/patients", ADA)
    refused = await registration.client.post("/v1/patients", json=other)

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/name-taken")
    assert refused.json()["existing"] == f"patient-{first['patient_id']}"
    assert "Sample" not in refused.text


async def test_registers_one_patient_for_fifty_writers_at_once(registration: Running) -> None:
    bodies = [{**ADA, "mrn": f"MRN-{number}", "source_identifier": None} for number in range(50)]
    answers = await asyncio.gather(*(registration.client.post("/v1/patients", json=body) for body in bodies))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 49}
    assert len({answer.json()["patient_id"] for answer in answers}) == 1
    assert len(await registration.facts()) == 1


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"birth_on": "2999-01-01"}, "birth-date-impossible"),
        ({"birth_on": "1970-02-30"}, "malformed-request"),
        ({"address": {**ADA["address"], "zip": "3360"}}, "malformed-request"),
        ({"address": {**ADA["address"], "state": "XX"}}, "malformed-request"),
        ({"name": {"family": " ", "given": "Ada"}}, "malformed-request"),
        ({"mrn": "MRN\u0000"}, "malformed-request"),
        ({"identifiers": [{"system": "urn:claimlog:member-id", "value": "X"}]}, "malformed-request"),
        ({"surprise": 1}, "malformed-request"),
    ],
)
async def test_refuses_what_cannot_be_and_never_echoes_it(
    registration: Running, change: dict[str, Any], slug: str
) -> None:
    refused = await registration.client.post("/v1/patients", json={**ADA, **change})

    assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{slug}")
    assert "Ada" not in refused.text
    assert await registration.facts() == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({"mrn": "mrn-1001"}, ["MRN-1001"]),
        ({"identifier": ADA["source_identifier"]}, ["MRN-1001"]),
        ({"name": {"family": "sámple", "given": "ADA"}, "birth_on": "1970-05-15"}, ["MRN-1001"]),
        ({"name": {"family": "Sample", "given": "Ada"}, "birth_on": "1970-05-16"}, []),
        ({"mrn": "MRN-100"}, []),
        ({"identifier": {"system": "urn:claimlog:member-id", "value": "PAID0001"}}, []),
    ],
    ids=["MRN", "identifier", "person", "another day", "part of an MRN", "member id"],
)
async def test_finds_patients_exactly(registration: Running, search: dict[str, Any], found: list[str]) -> None:
    await made(registration, "/v1/patients", ADA)
    await made(registration, "/v1/patients", BEN)
    answer = await registration.client.post("/v1/patient-searches", json=search)

    assert [patient["mrn"] for patient in answer.json()["patients"]] == found


async def test_names_the_patients_of_a_list_in_one_question(
    registration: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben = [(await made(registration, "/v1/patients", each))["patient_id"] for each in (ADA, BEN)]
    asked = AsyncMock(wraps=registration.engine.store.rows_by_key)
    monkeypatch.setattr(registration.engine.store, "rows_by_key", asked)
    answer = await registration.client.post("/v1/patient-names", json={"patient_ids": [ben, "nobody", ada, ben]})

    assert answer.json() == {
        "patients": [
            {
                "patient_id": id_,
                "mrn": each["mrn"],
                "name": {**each["name"], "middle": None},
                "birth_on": each["birth_on"],
            }
            for id_, each in ((ben, BEN), (ada, ADA))
        ]
    }
    assert asked.await_count == 1


@pytest.mark.parametrize("ids", [[], ["p"] * 501, [""], ["p\u0000"]], ids=["none", "too many", "empty", "NUL"])
async def test_names_one_to_five_hundred_patients(registration: Running, ids: list[str]) -> None:
    refused = await registration.client.post("/v1/patient-names", json={"patient_ids": ids})

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/malformed-request")


def test_an_erased_patient_has_an_id_and_no_name() -> None:
    registered = PatientRegistered(
        patient_id="P1",
        mrn=ERASED,
        name=ERASED,
        birth_on=ERASED,
        sex=ERASED,
        address=ERASED,
        identifiers=ERASED,
        duplicate_check="none-found",
        registered_at=datetime(2026, 3, 3, tzinfo=UTC),
    )

    assert NamedPatient.model_validate(row_of(registered)).model_dump() == {
        "patient_id": "P1",
        "mrn": None,
        "name": None,
        "birth_on": None,
    }


async def test_refuses_a_search_that_asks_in_two_ways_or_none(registration: Running) -> None:
    bodies: list[dict[str, Any]] = [
        {},
        {"mrn": "M", "name": BEN["name"], "birth_on": "2001-02-03"},
        {"name": BEN["name"]},
    ]
    answers = [await registration.client.post("/v1/patient-searches", json=body) for body in bodies]

    assert [answer.status_code for answer in answers] == [422, 422, 422]


async def test_adds_payers_and_providers_once_and_gives_their_ids_to_a_repeat(registration: Running) -> None:
    payer = await made(registration, "/v1/payers", PAYER)
    clinic = await made(registration, "/v1/providers", CLINIC)
    payer_again = await registration.client.post("/v1/payers", json={**PAYER, "payer_name": "EXAMPLE health plan"})
    clinic_again = await registration.client.post("/v1/providers", json={**CLINIC, "provider_name": "example CLINIC"})
    listed = await registration.client.get("/v1/providers", params={"npi": "1234567893"})
    by_number = await registration.client.get("/v1/payers", params={"clearinghouse_payer_id": "exhp1"})

    assert (payer_again.status_code, payer_again.json()) == (200, payer)
    assert (clinic_again.status_code, clinic_again.json()) == (200, clinic)
    assert listed.json() == {"items": [clinic], "next": None}
    assert [each["payer_id"] for each in by_number.json()["items"]] == [payer["payer_id"]]
    assert "tax_id" not in clinic
    assert (await registration.client.get(f"/v1/payers/{payer['payer_id']}")).json() == payer
    assert (await registration.client.get(f"/v1/providers/{clinic['provider_id']}")).json() == clinic


async def test_refuses_master_data_that_means_somebody_else(registration: Running) -> None:
    await made(registration, "/v1/payers", PAYER)
    await made(registration, "/v1/providers", CLINIC)
    payer = await registration.client.post("/v1/payers", json={**PAYER, "payer_name": "Another Plan"})
    person = await registration.client.post("/v1/providers", json={**CLINIC, "kind": "person"})
    npi = await registration.client.post("/v1/providers", json={**CLINIC, "npi": "1234567890"})
    zone = await registration.client.post("/v1/payers", json={**PAYER, "zone": "Mars/Olympus"})

    assert [each.status_code for each in (payer, person, npi, zone)] == [409, 409, 422, 422]
    assert npi.json()["type"] == "/problems/npi-not-valid"


async def test_pages_through_payers(registration: Running) -> None:
    for number in range(3):
        await made(
            registration, "/v1/payers", {"payer_name": f"Plan {number}", "clearinghouse_payer_id": f"EXHP{number}"}
        )
    first = (await registration.client.get("/v1/payers", params={"page_size": 2})).json()
    second = (await registration.client.get("/v1/payers", params={"page_size": 2, "cursor": first["next"]})).json()

    names = [payer["payer_name"] for payer in (*first["items"], *second["items"])]
    assert sorted(names) == ["Plan 0", "Plan 1", "Plan 2"]
    assert second["next"] is None


async def test_adds_a_coverage_once_and_shows_it_with_the_patient(registration: Running) -> None:
    patient = await made(registration, "/v1/patients", ADA)
    payer = await made(registration, "/v1/payers", PAYER)
    card = {"payer_id": payer["payer_id"], "member_id": "PAID0001", "effective_from_on": "2026-01-01"}
    path = f"/v1/patients/{patient['patient_id']}/coverages"
    coverage = await made(registration, path, card)
    again = await registration.client.post(path, json={**card, "member_id": "paid 0001"})
    second = await made(registration, path, {**card, "filing_order": "secondary"})
    shown = (await registration.client.get(f"/v1/patients/{patient['patient_id']}")).json()

    assert (again.status_code, again.json()) == (200, coverage)
    assert shown["coverages"] == [coverage, second]


@pytest.mark.parametrize(
    "change",
    [
        {"effective_to_on": "2026-12-31"},
        {"plan": "Gold PPO"},
        {"group_number": "GRP0001"},
        {"relationship": "child", "subscriber": {**BEN, "sex": "male", "address": ADA["address"]}},
    ],
    ids=["end", "plan", "group", "insured"],
)
async def test_refuses_a_card_that_says_something_else_of_a_coverage(
    registration: Running, change: dict[str, Any]
) -> None:
    subscriber = change.get("subscriber")
    if subscriber:
        change = {**change, "subscriber": {name: value for name, value in subscriber.items() if name != "mrn"}}
    patient = await made(registration, "/v1/patients", ADA)
    payer = await made(registration, "/v1/payers", PAYER)
    card = {"payer_id": payer["payer_id"], "member_id": "PAID0001", "effective_from_on": "2026-01-01"}
    path = f"/v1/patients/{patient['patient_id']}/coverages"
    await made(registration, path, card)
    facts = await registration.facts()
    refused = await registration.client.post(path, json={**card, **change})

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/coverage-differs")
    assert await registration.facts() == facts


@pytest.mark.parametrize(
    ("path", "body", "change", "slug"),
    [
        ("/v1/patients", ADA, {"address": {**ADA["address"], "line": "2 Oak St"}}, "patient-differs"),
        ("/v1/patients", ADA, {"sex": "male"}, "patient-differs"),
        ("/v1/patients", ADA, {"member_id": "PAID0002"}, "patient-differs"),
        ("/v1/patients", ADA, {"name": {**ADA["name"], "middle": "Q"}}, "patient-differs"),
        ("/v1/payers", PAYER, {"filing_limit_days": 90}, "payer-differs"),
        ("/v1/payers", PAYER, {"claim_filing_indicator": "MB"}, "payer-differs"),
        ("/v1/providers", CLINIC, {"provider_name": "Another Clinic"}, "provider-differs"),
        ("/v1/providers", CLINIC, {"tax_id": "58-7654322"}, "provider-differs"),
        ("/v1/providers", CLINIC, {"tax_id": None}, "provider-differs"),
    ],
)
async def test_refuses_a_repeat_with_other_content_and_drops_nothing_in_silence(
    registration: Running, path: str, body: dict[str, Any], change: dict[str, Any], slug: str
) -> None:
    await made(registration, path, body)
    facts = await registration.facts()
    refused = await registration.client.post(path, json={**body, **change})

    assert (refused.status_code, refused.json()["type"]) == (409, f"/problems/{slug}")
    assert "Oak" not in refused.text
    assert await registration.facts() == facts


async def test_knows_a_person_by_the_member_id_of_a_coverage(registration: Running) -> None:
    ada = {**ADA, "member_id": None, "source_identifier": None}
    first = await made(registration, "/v1/patients", ada)
    payer = await made(registration, "/v1/payers", PAYER)
    card = {"payer_id": payer["payer_id"], "member_id": "PAID0001", "effective_from_on": "2026-01-01"}
    await made(registration, f"/v1/patients/{first['patient_id']}/coverages", card)
    again = await registration.client.post("/v1/patients", json={**ada, "mrn": "MRN-9", "member_id": "paid 0001"})

    assert (again.status_code, again.json()) == (200, first)


async def test_refuses_numbers_that_lead_to_several_patients_and_guesses_none(registration: Running) -> None:
    await made(registration, "/v1/patients", ADA)
    await made(registration, "/v1/patients", BEN)
    before = await registration.facts()
    refused = await registration.client.post("/v1/patients", json={**BEN, "identifiers": [ADA["source_identifier"]]})

    assert (refused.status_code, refused.json()["type"]) == (412, "/problems/several-match")
    assert "existing" not in refused.json()
    assert await registration.facts() == before


async def test_refuses_the_card_of_a_person_who_has_another_record(registration: Running) -> None:
    first = await made(registration, "/v1/patients", ADA)
    second = await made(
        registration, "/v1/patients", {**ADA, "mrn": "MRN-9", "member_id": None, "source_identifier": None}
    )
    child = await made(registration, "/v1/patients", BEN)
    payer = await made(registration, "/v1/payers", PAYER)
    card = {"payer_id": payer["payer_id"], "member_id": "PAID0001", "effective_from_on": "2026-01-01"}
    await made(registration, f"/v1/patients/{child['patient_id']}/coverages", card)
    refused = await registration.client.post(f"/v1/patients/{second['patient_id']}/coverages", json=card)

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/name-taken")
    assert refused.json()["existing"] == f"patient-{first['patient_id']}"
    assert (await registration.client.get(f"/v1/patients/{second['patient_id']}")).json()["coverages"] == []


async def test_refuses_a_visit_at_the_ends_of_the_calendar(registration: Running) -> None:
    visit = {"patient_id": "p-1", "provider_id": "v-1", "starts_at": "0001-01-01T00:00:00+14:00"}

    assert (await registration.client.post("/v1/appointments", json=visit)).status_code == 422


async def test_adds_no_coverage_to_nobody_or_with_nobody(registration: Running) -> None:
    patient = await made(registration, "/v1/patients", ADA)
    card = {"payer_id": "nobody", "member_id": "PAID0001", "effective_from_on": "2026-01-01"}
    no_patient = await registration.client.post("/v1/patients/nobody/coverages", json=card)
    no_payer = await registration.client.post(f"/v1/patients/{patient['patient_id']}/coverages", json=card)

    assert (no_patient.status_code, no_patient.json()["type"]) == (404, "/problems/patient-not-found")
    assert (no_payer.status_code, no_payer.json()["type"]) == (404, "/problems/payer-not-found")


async def test_mints_one_encounter_at_check_in_with_the_coverages_of_the_visits_day(registration: Running) -> None:
    patient = await made(registration, "/v1/patients", ADA)
    payer = await made(registration, "/v1/payers", PAYER)
    clinic = await made(registration, "/v1/providers", CLINIC)
    card = {"payer_id": payer["payer_id"], "member_id": "PAID0001"}
    path = f"/v1/patients/{patient['patient_id']}/coverages"
    await made(registration, path, {**card, "effective_from_on": "2025-01-01", "effective_to_on": "2026-02-28"})
    current = await made(registration, path, {**card, "effective_from_on": "2026-03-01"})
    visit = {"patient_id": patient["patient_id"], "provider_id": clinic["provider_id"]}
    booked = await made(registration, "/v1/appointments", {**visit, "starts_at": "2026-03-01T23:30:00-05:00"})
    check_ins = f"/v1/appointments/{booked['appointment_id']}/check-ins"
    first = await registration.client.post(check_ins)
    second = await registration.client.post(check_ins)
    shown = await registration.client.get(f"/v1/appointments/{booked['appointment_id']}")

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json() == shown.json()
    assert first.json()["encounter_id"]
    assert first.json()["coverage_ids"] == [current["coverage_id"]]


async def test_lists_visits_by_state(registration: Running) -> None:
    patient = await made(registration, "/v1/patients", ADA)
    clinic = await made(registration, "/v1/providers", CLINIC)
    visit = {
        "patient_id": patient["patient_id"],
        "provider_id": clinic["provider_id"],
        "starts_at": "2026-03-03T09:00:00-05:00",
    }
    first = await made(registration, "/v1/appointments", visit)
    second = await made(registration, "/v1/appointments", visit)
    await registration.client.post(f"/v1/appointments/{second['appointment_id']}/check-ins")
    booked = await registration.client.get("/v1/appointments", params={"status": "booked"})
    lost = await registration.client.post("/v1/appointments/nobody/check-ins")
    unknown = await registration.client.post("/v1/appointments", json={**visit, "provider_id": "nobody"})

    assert [each["appointment_id"] for each in booked.json()["items"]] == [first["appointment_id"]]
    assert (lost.status_code, unknown.status_code) == (404, 404)


async def test_tells_patient_and_coverages_as_known_at_an_instant(registration: Running) -> None:
    patient = await made(registration, "/v1/patients", ADA)
    path = f"/v1/patients/{patient['patient_id']}"
    registered = await registration.instant()
    payer = await made(registration, "/v1/payers", PAYER)
    card = {"payer_id": payer["payer_id"], "member_id": "PAID0001", "effective_from_on": "2026-01-01"}
    second = await made(registration, f"{path}/coverages", {**card, "filing_order": "secondary"})
    insured = await registration.instant()
    first = await made(registration, f"{path}/coverages", card)
    answers = [
        await registration.then(path, instant) for instant in (registered, insured, await registration.instant())
    ]
    early = await registration.then(f"/v1/payers/{payer['payer_id']}", registered)

    assert [each.json()["coverages"] for each in answers] == [[], [second], [first, second]]
    assert {each.headers["ETag"] for each in answers} == {'"1"'}  # a coverage is a stream of its own
    assert (early.status_code, early.json()["type"]) == (404, "/problems/payer-not-found")
    assert set((await retold(registration.engine)).values()) == {0, 1, 2}


async def insured(registration: Running) -> dict[str, Any]:
    """Return what an authorization for the services of a year begins with."""
    patient = await made(registration, "/v1/patients", ADA)
    payer = await made(registration, "/v1/payers", PAYER)
    card = {"payer_id": payer["payer_id"], "member_id": "PAID0001", "effective_from_on": "2026-01-01"}
    coverage = await made(registration, f"/v1/patients/{patient['patient_id']}/coverages", card)
    return {
        "patient_id": patient["patient_id"],
        "coverage_id": coverage["coverage_id"],
        "procedure_codes": ["g0438", "70551", "G0438"],
        "service_from_on": "2026-01-01",
        "service_to_on": "2026-12-31",
        "source": "payer-rule",
    }


CONSENT = {
    "number": "AUTH0001",
    "units_approved": 2,
    "valid_from_on": "2020-01-01",
    "valid_to_on": "2020-12-31",
}


async def test_tracks_an_authorization_from_being_needed_to_its_consent(registration: Running) -> None:
    noted = await made(registration, "/v1/authorizations", await insured(registration))
    path = f"/v1/authorizations/{noted['authorization_id']}"
    due = (await registration.client.get("/v1/worklists/authorizations-due")).json()
    needed = await registration.instant()
    asked = (await registration.client.post(f"{path}/requests", json={"channel": "portal"})).json()
    approved = await registration.client.post(f"{path}/approvals", json=CONSENT)
    facts = await registration.facts()
    again = await registration.client.post(f"{path}/approvals", json=CONSENT)

    assert (noted["status"], noted["procedure_codes"], noted["number"]) == ("required", ["G0438", "70551"], None)
    assert [each["authorization_id"] for each in due["items"]] == [noted["authorization_id"]]
    assert (asked["status"], asked["channel"]) == ("requested", "portal")
    assert (approved.json()["status"], approved.json()["number"]) == ("approved", "AUTH0001")
    assert approved.json()["has_expired"] is True
    assert (again.status_code, again.json()) == (200, approved.json())
    assert await registration.facts() == facts
    assert (await registration.client.get(path)).json() == approved.json()
    assert (await registration.then(path, needed)).json() == noted
    assert (await registration.client.get("/v1/worklists/authorizations-due")).json()["items"] == []
    assert (await retold(registration.engine))["authorizations"] == 1


async def test_does_not_call_a_consent_expired_before_its_last_day_is_over(registration: Running) -> None:
    noted = await made(registration, "/v1/authorizations", await insured(registration))
    path = f"/v1/authorizations/{noted['authorization_id']}"
    open_end = {**CONSENT, "valid_to_on": "2190-01-01"}
    approved = await registration.client.post(f"{path}/approvals", json=open_end)

    assert approved.json()["has_expired"] is False


async def test_lists_authorizations_by_patient_state_and_how_soon_they_are_due(registration: Running) -> None:
    body = await insured(registration)
    soon = await made(registration, "/v1/authorizations", {**body, "service_from_on": "2020-01-01"})
    late = await made(
        registration,
        "/v1/authorizations",
        {**body, "service_from_on": "2190-01-01", "service_to_on": "2190-01-01"},
    )
    done = await made(registration, "/v1/authorizations", {**body, "service_from_on": "2020-01-01"})
    cancelled = await registration.client.post(
        f"/v1/authorizations/{done['authorization_id']}/cancellations", json={"reason": "not-needed"}
    )

    async def listed(**asked: str) -> set[str]:
        items = (await registration.client.get("/v1/authorizations", params=asked)).json()["items"]
        return {each["authorization_id"] for each in items}

    first, second, third = (each["authorization_id"] for each in (soon, late, done))
    assert cancelled.json()["status"] == "cancelled"
    assert await listed(patient_id=body["patient_id"]) == {first, second, third}
    assert await listed(coverage_id="nobody") == set()
    assert await listed(status="required") == {first, second}
    assert await listed(due_within_days="7") == {first}


@pytest.mark.parametrize(
    ("change", "status", "slug"),
    [
        ({"patient_id": "nobody"}, 404, "patient-not-found"),
        ({"coverage_id": "nobody"}, 404, "coverage-not-found"),
        ({"service_to_on": "2025-12-31"}, 422, "date-range-reversed"),
        ({"procedure_codes": []}, 422, "malformed-request"),
        ({"procedure_codes": ["7055"]}, 422, "malformed-request"),
        ({"procedure_codes": [" 70551"]}, 422, "malformed-request"),
        ({"source": "rumour"}, 422, "malformed-request"),
    ],
)
async def test_refuses_an_authorization_that_cannot_be(
    registration: Running, change: dict[str, Any], status: int, slug: str
) -> None:
    body = await insured(registration)
    facts = await registration.facts()
    refused = await registration.client.post("/v1/authorizations", json={**body, **change})

    assert (refused.status_code, refused.json()["type"]) == (status, f"/problems/{slug}")
    assert await registration.facts() == facts


async def test_refuses_an_authorization_under_somebody_elses_coverage(registration: Running) -> None:
    body = await insured(registration)
    ben = await made(registration, "/v1/patients", BEN)
    refused = await registration.client.post("/v1/authorizations", json={**body, "patient_id": ben["patient_id"]})

    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/coverage-not-found")


@pytest.mark.parametrize(
    ("path", "body", "status", "slug"),
    [
        ("denials", {"reason": "not-covered"}, 409, "authorization-not-requested"),
        ("deferrals", {"reason": "under-review"}, 409, "authorization-not-requested"),
        ("approvals", {**CONSENT, "number": "A" * 51}, 422, "malformed-request"),
        ("approvals", {**CONSENT, "units_approved": 0}, 422, "malformed-request"),
        ("approvals", {**CONSENT, "valid_to_on": "2019-12-31"}, 422, "date-range-reversed"),
        ("denials", {"reason": "mood"}, 422, "malformed-request"),
        ("requests", {"channel": "pigeon"}, 422, "malformed-request"),
    ],
)
async def test_refuses_an_answer_that_does_not_follow_and_never_echoes_it(
    registration: Running, path: str, body: dict[str, Any], status: int, slug: str
) -> None:
    noted = await made(registration, "/v1/authorizations", await insured(registration))
    facts = await registration.facts()
    refused = await registration.client.post(f"/v1/authorizations/{noted['authorization_id']}/{path}", json=body)

    assert (refused.status_code, refused.json()["type"]) == (status, f"/problems/{slug}")
    assert "AUTH" not in refused.text
    assert await registration.facts() == facts


async def test_answers_nothing_about_an_authorization_of_nobody(registration: Running) -> None:
    answers = [
        await registration.client.get("/v1/authorizations/nobody"),
        await registration.client.post("/v1/authorizations/nobody/approvals", json=CONSENT),
        await registration.client.post("/v1/authorizations/nobody/cancellations", json={"reason": "not-needed"}),
    ]

    assert {answer.json()["type"] for answer in answers} == {"/problems/authorization-not-found"}
