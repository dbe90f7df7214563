"""Coding's routes through the composition root: what a client sees. Every patient and note is synthetic."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from msgspec import structs

from services.coding.domain.coding_case import CodingCaseOpened
from services.coding.main import service
from services.coding.settings import Settings
from shared.events.coding import CodesAssigned, EncounterDocumented
from shared.events.registration import PatientCheckedIn
from tests.support.histories import retold
from tests.support.memory import Running, running
from tests.support.validating import sent_after_asking
from tests.unit.coding.tables import EDITION, TABLES

VISIT: dict[str, Any] = {
    "source_identifier": {"system": "urn:example:ehr", "value": "Encounter/e-1"},
    "patient_id": "p-1",
    "service_from_on": "2026-03-03",
    "place_of_service": "11",
    "rendering_provider_id": "v-1",
    "billing_provider_id": "v-2",
    "coverage_ids": ["c-1"],
    "conditions": [{"codes": [{"system": "icd10cm", "code": "e11.9"}], "text": "sugar"}],
    "procedures": [{"codes": [{"system": "cpt", "code": "99213"}], "modifiers": ["25"], "pointers": [1]}],
    "note": "Feels well.",
    "signed_at": "2026-03-03T20:30:00-05:00",
}
BARE: dict[str, Any] = {**VISIT, "conditions": [{"text": "feels tired"}], "procedures": []}
OLD: dict[str, Any] = {**VISIT, "service_from_on": "1986-05-01"}
CODES: dict[str, Any] = {
    "diagnoses": ["E11.9", "i10"],
    "lines": [{"procedure_code": "99213", "pointers": [1, 2]}],
}


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


@pytest.fixture
async def coding() -> AsyncIterator[Running]:
    async with running(service(Settings(note_characters_max=100), TABLES)) as running_service:
        yield running_service


async def documented(coding: Running, body: dict[str, Any]) -> str:
    answer = await coding.client.post("/v1/encounters", json=body)
    assert answer.status_code == 201, answer.text
    await coding.settle()
    return str(answer.json()["encounter_id"])


async def shown(coding: Running, encounter_id: str) -> dict[str, Any]:
    body: dict[str, Any] = (await coding.client.get(f"/v1/encounters/{encounter_id}")).json()
    return body


async def test_codes_what_carries_its_codes(coding: Running) -> None:
    encounter = await shown(coding, await documented(coding, VISIT))

    assert (encounter["state"], encounter["reasons"]) == ("coded", [])
    assert encounter["conditions"] == [{"codes": [{"system": "icd10cm", "code": "E119"}], "text": "sugar"}]
    assert (encounter["codes"]["coding_version"], encounter["codes"]["attribution"]) == (1, "documented-codes")
    assert encounter["codes"]["diagnoses"] == [{"order": 1, "code": "E119"}]
    assert encounter["codes"]["editions"] == [EDITION]
    assert await coding.parked() == []


async def test_says_documented_until_the_rule_has_read(coding: Running) -> None:
    answer = await coding.client.post("/v1/encounters", json=VISIT)

    assert (answer.status_code, answer.json()["state"], answer.json()["codes"]) == (201, "documented", None)


async def test_queues_what_is_not_enough_and_lets_a_coder_end_it(coding: Running) -> None:
    encounter_id = await documented(coding, BARE)
    waiting = await shown(coding, encounter_id)
    queue = (await coding.client.get("/v1/coding-cases", params={"status": "open"})).json()
    assigned = await coding.client.post(f"/v1/encounters/{encounter_id}/code-assignments", json=CODES)
    again = await coding.client.post(f"/v1/encounters/{encounter_id}/code-assignments", json=CODES)
    after = (await coding.client.get("/v1/coding-cases", params={"status": "open"})).json()

    assert (waiting["state"], waiting["reasons"]) == ("waiting-for-coder", ["no-diagnosis-code", "no-procedure-code"])
    assert [case["encounter_id"] for case in queue["items"]] == [encounter_id]
    assert (assigned.status_code, assigned.json()["diagnoses"]) == (
        201,
        [{"order": 1, "code": "E119"}, {"order": 2, "code": "I10"}],
    )
    assert (assigned.json()["coding_version"], again.json()["coding_version"]) == (1, 2)
    assert after["items"] == []
    assert (await shown(coding, encounter_id))["state"] == "coded"


async def test_of_two_coders_who_saw_the_same_the_second_reads_again(coding: Running) -> None:
    encounter_id = await documented(coding, BARE)
    path = f"/v1/encounters/{encounter_id}"
    seen = {"If-Match": (await coding.client.get(path)).headers["etag"]}
    first = await coding.client.post(f"{path}/code-assignments", json=CODES, headers=seen)
    second = await coding.client.post(f"{path}/code-assignments", json=CODES, headers=seen)
    again = {"If-Match": (await coding.client.get(path)).headers["etag"]}

    assert (first.status_code, second.status_code) == (201, 412)
    assert (again["If-Match"], (await shown(coding, encounter_id))["codes"]["coding_version"]) == (
        first.headers["etag"],
        1,
    )


async def test_the_version_of_a_new_encounter_is_that_of_its_coding(coding: Running) -> None:
    made = await coding.client.post("/v1/encounters", json=BARE)
    seen = {"If-Match": made.headers["etag"]}
    path = f"/v1/encounters/{made.json()['encounter_id']}/code-assignments"
    await coding.settle()  # nobody could code it: its case is open now, which whoever made it did not see
    stale = await coding.client.post(path, json=CODES, headers=seen)
    repeat = await coding.client.post("/v1/encounters", json={**BARE, "encounter_id": made.json()["encounter_id"]})
    fresh = await coding.client.post(path, json=CODES, headers={"If-Match": repeat.headers["etag"]})

    assert (stale.status_code, repeat.status_code, fresh.status_code) == (412, 200, 201)


async def test_lets_a_coder_be_faster_than_the_rule(coding: Running) -> None:
    encounter_id = (await coding.client.post("/v1/encounters", json=VISIT)).json()["encounter_id"]
    await coding.client.post(f"/v1/encounters/{encounter_id}/code-assignments", json=CODES)
    await coding.settle()
    codes = (await shown(coding, encounter_id))["codes"]

    assert (codes["coding_version"], codes["attribution"]) == (1, "coder")
    assert len([event for event in await coding.facts() if isinstance(event, CodesAssigned)]) == 1


async def test_keeps_codes_of_other_systems_as_sent(coding: Running) -> None:
    odd = {"system": "urn:example:local", "code": "a_b/c 1"}
    visit = {**VISIT, "conditions": [{"codes": [odd, {"system": "icd10cm", "code": " e11.9"}]}]}
    encounter = await shown(coding, await documented(coding, visit))

    assert encounter["conditions"][0]["codes"] == [odd, {"system": "icd10cm", "code": "E119"}]
    assert encounter["state"] == "coded"


async def test_refuses_a_date_before_the_first_edition_to_rule_and_coder(coding: Running) -> None:
    encounter_id = await documented(coding, OLD)
    refused = await coding.client.post(f"/v1/encounters/{encounter_id}/code-assignments", json=CODES)
    cases = await coding.client.get("/v1/coding-cases", params={"reason": "code-set-not-loaded"})

    assert (await shown(coding, encounter_id))["state"] == "refused"
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/code-set-not-loaded")
    assert [case["status"] for case in cases.json()["items"]] == ["refused"]


async def test_answers_a_second_import_with_the_encounter_that_is_there(coding: Running) -> None:
    encounter_id = await documented(coding, VISIT)
    facts = await coding.facts()
    again = await coding.client.post("/v1/encounters", json=VISIT)
    changed = await coding.client.post("/v1/encounters", json={**VISIT, "note": "Corrected there."})
    await coding.settle()

    assert (again.status_code, changed.status_code) == (200, 200)
    assert again.json() == changed.json() == await shown(coding, encounter_id)
    assert await coding.facts() == facts


async def test_documents_one_encounter_for_many_importers_at_once(coding: Running) -> None:
    answers = await asyncio.gather(*(coding.client.post("/v1/encounters", json=VISIT) for _ in range(20)))
    await coding.settle()

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19}
    assert len({answer.json()["encounter_id"] for answer in answers}) == 1
    assert Counter(type(event).__name__ for event in await coding.facts()) == {
        "EncounterDocumented": 1,
        "EncounterSourced": 1,
        "CodesAssigned": 1,
    }


async def test_refuses_a_record_that_belongs_to_another_patient(coding: Running) -> None:
    await documented(coding, VISIT)
    refused = await coding.client.post("/v1/encounters", json={**VISIT, "patient_id": "p-2"})

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/name-taken")


async def test_documents_a_checked_in_encounter_once(coding: Running) -> None:
    visit = {**VISIT, "encounter_id": "e-7", "source_identifier": None}
    first = await coding.client.post("/v1/encounters", json=visit)
    second = await coding.client.post("/v1/encounters", json=visit)
    other = await coding.client.post("/v1/encounters", json={**visit, "note": "Other."})

    assert (first.json()["encounter_id"], first.status_code, second.status_code) == ("e-7", 201, 200)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/encounter-already-documented")
    assert "Other" not in other.text


@pytest.mark.parametrize("length", [1, 100, 101, 5_000])
async def test_gives_every_note_back_and_keeps_long_ones_as_files(coding: Running, length: int) -> None:
    words = ("Füße warm. " * 500)[:length]
    encounter_id = await documented(coding, {**VISIT, "note": words})
    answer = await coding.client.get(f"/v1/encounters/{encounter_id}/note")
    (event,) = (event for event in await coding.facts() if isinstance(event, EncounterDocumented))

    assert answer.json() == {"note": words}
    assert (event.note is None) == (length > 100)
    assert (event.note_sha256 is None) == (length <= 100)


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"lines": []}, "no-lines"),
        ({"diagnoses": []}, "no-diagnoses"),
        ({"diagnoses": [f"Z{n:02d}" for n in range(13)]}, "too-many-diagnoses"),
        ({"lines": [{"procedure_code": "99213", "pointers": [3]}]}, "pointers-wrong"),
        ({"lines": [{"procedure_code": "99213", "pointers": [1]}] * 51}, "too-many-lines"),
        ({"lines": [{"procedure_code": "99213", "pointers": [1], "modifiers": ["25"] * 5}]}, "too-many-modifiers"),
        ({"lines": [{"procedure_code": "99213"}]}, "malformed-request"),
    ],
)
async def test_says_what_is_wrong_with_an_assignment(coding: Running, change: dict[str, Any], slug: str) -> None:
    encounter_id = await documented(coding, BARE)
    refused = await coding.client.post(f"/v1/encounters/{encounter_id}/code-assignments", json={**CODES, **change})

    assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{slug}")
    assert (await shown(coding, encounter_id))["state"] == "waiting-for-coder"


async def test_knows_no_encounter_that_was_not_documented(coding: Running) -> None:
    answers = [
        await coding.client.get("/v1/encounters/nobody"),
        await coding.client.get("/v1/encounters/nobody/note"),
        await coding.client.post("/v1/encounters/nobody/code-assignments", json=CODES),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def checked_in(**changes: Any) -> PatientCheckedIn:  # noqa: ANN401 (any field of the fact)
    fact = PatientCheckedIn(
        appointment_id="a-1",
        patient_id="p-1",
        encounter_id="e-7",
        coverage_ids=("c-1", "c-2"),
        checked_in_at=datetime(2026, 3, 3, 14, tzinfo=UTC),
    )
    return structs.replace(fact, **changes)


AT_THE_DESK: dict[str, Any] = {**VISIT, "encounter_id": "e-7", "source_identifier": None, "coverage_ids": None}


@pytest.mark.parametrize("body", [AT_THE_DESK, without(AT_THE_DESK, "coverage_ids")], ids=["null", "left out"])
async def test_bills_the_coverages_that_the_desk_saw(coding: Running, body: dict[str, Any]) -> None:
    await coding.deliver(checked_in())
    first = await coding.client.post("/v1/encounters", json=body)
    again = await coding.client.post("/v1/encounters", json=body)

    assert (first.status_code, first.json()["coverage_ids"]) == (201, ["c-1", "c-2"])
    assert (again.status_code, again.json()["coverage_ids"]) == (200, ["c-1", "c-2"])


async def test_takes_an_order_that_was_sent_before_that_of_the_desk(coding: Running) -> None:
    await coding.deliver(checked_in())
    answer = await coding.client.post("/v1/encounters", json={**AT_THE_DESK, "coverage_ids": []})

    assert (answer.status_code, answer.json()["coverage_ids"]) == (201, [])


@pytest.mark.parametrize(
    "body",
    [AT_THE_DESK, {**AT_THE_DESK, "encounter_id": None}, {**AT_THE_DESK, "patient_id": "p-2"}],
    ids=["not checked in yet", "no encounter", "check-in of another patient"],
)
async def test_makes_nobody_a_self_payer_by_leaving_the_coverages_out(coding: Running, body: dict[str, Any]) -> None:
    if body["patient_id"] != "p-1":
        await coding.deliver(checked_in())
    refused = await coding.client.post("/v1/encounters", json=body)

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/coverage-ids-missing")
    assert [fact for fact in await coding.facts() if isinstance(fact, EncounterDocumented)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"signed_at": "0001-01-01T00:00:00+14:00"},
        {"signed_at": "9999-12-31T23:59:00-12:00"},
        {"signed_at": "0001-01-01T00:00:00Z"},
        {"place_of_service": "\u0661\u0661"},
    ],
    ids=["before all time", "after all time", "long before", "digits of another script"],
)
async def test_refuses_a_signature_and_a_place_that_cannot_be(coding: Running, change: dict[str, Any]) -> None:
    refused = await coding.client.post("/v1/encounters", json={**VISIT, **change})

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/malformed-request")


async def test_refuses_a_visit_in_the_future_and_a_place_that_is_none(coding: Running) -> None:
    future = await coding.client.post("/v1/encounters", json={**VISIT, "service_from_on": "2999-01-01"})
    place = await coding.client.post("/v1/encounters", json={**VISIT, "place_of_service": "office"})

    assert (future.status_code, future.json()["type"]) == (422, "/problems/service-dates-impossible")
    assert (place.status_code, place.json()["type"]) == (422, "/problems/malformed-request")


async def test_lists_a_case_under_its_first_reason_and_pages(coding: Running) -> None:
    for number in range(3):
        await documented(coding, {**BARE, "source_identifier": {"system": "urn:example:ehr", "value": f"E/{number}"}})
    params: dict[str, str | int] = {"status": "open", "reason": "no-diagnosis-code", "page_size": 2}
    first = (await coding.client.get("/v1/coding-cases", params=params)).json()
    second = (await coding.client.get("/v1/coding-cases", params={**params, "cursor": first["next"]})).json()
    other = (await coding.client.get("/v1/coding-cases", params={"reason": "no-procedure-code"})).json()

    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    assert other["items"] == []


async def test_ends_alike_whichever_of_its_visits_comes_first(coding: Running) -> None:
    bodies = {"coded": VISIT, "open": BARE, "refused": OLD}
    for order, arrived in enumerate(permutations(bodies)):
        for name in arrived:
            source = {"system": f"urn:order:{order}", "value": name}
            await coding.client.post("/v1/encounters", json={**bodies[name], "source_identifier": source})
        await coding.settle()

    facts = await coding.facts()
    assert Counter(event.status for event in facts if isinstance(event, CodingCaseOpened)) == {"open": 6, "refused": 6}
    assert len([event for event in facts if isinstance(event, CodesAssigned)]) == 6
    assert await coding.parked() == []


async def test_tells_an_encounter_as_known_before_a_coder_signed(coding: Running) -> None:
    encounter_id = await documented(coding, BARE)
    waiting = await coding.instant()
    await coding.client.post(f"/v1/encounters/{encounter_id}/code-assignments", json=CODES)
    path = f"/v1/encounters/{encounter_id}"
    then, note = await coding.then(path, waiting), await coding.then(f"{path}/note", waiting)

    assert (then.json()["state"], then.json()["codes"]) == ("waiting-for-coder", None)
    assert (await shown(coding, encounter_id))["state"] == "coded"
    assert note.status_code == 200
    assert await retold(coding.engine) == {"encounters": 1, "coding_cases": 1}


@pytest.mark.parametrize("body", [VISIT, BARE, {**VISIT, "service_to_on": "2026-03-01"}, without(VISIT, "patient_id")])
async def test_says_what_a_documentation_would_be_answered(coding: Running, body: dict[str, Any]) -> None:
    first = await sent_after_asking(coding, "/v1/encounters", json=body)
    again = await sent_after_asking(coding, "/v1/encounters", json=body)

    assert (first.status_code, again.status_code) in {(201, 200), (422, 422)}


@pytest.mark.parametrize(("codes", "status"), [(CODES, 201), ({**CODES, "diagnoses": []}, 422)])
async def test_says_what_an_assignment_would_be_answered(coding: Running, codes: dict[str, Any], status: int) -> None:
    path = f"/v1/encounters/{await documented(coding, BARE)}/code-assignments"

    assert (await sent_after_asking(coding, path, json=codes)).status_code == status


async def test_asking_makes_no_key_of_a_patient(coding: Running) -> None:
    kept = len(coding.engine.vault._cache)  # noqa: SLF001 (nobody else tells which keys there are)
    await coding.client.post("/v1/encounters", params={"validate_only": "true"}, json={**VISIT, "patient_id": "p-new"})

    assert len(coding.engine.vault._cache) == kept  # noqa: SLF001 (as above)


@pytest.mark.parametrize(
    ("path", "asked", "slug"),
    [
        ("/v1/encounters", "yes", "bad-validate-only"),
        ("/v1/code-sets/icd10cm/tables", "true", "validate-only-not-offered"),
    ],
)
async def test_refuses_to_say_what_it_cannot(coding: Running, path: str, asked: str, slug: str) -> None:
    answer = await coding.client.post(path, params={"validate_only": asked}, content=b"{}")

    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{slug}")
