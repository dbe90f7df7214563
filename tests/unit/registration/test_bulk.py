"""Patients and coverages in bulk: each line as a request of its own. All people are synthetic."""

import json
from collections.abc import Mapping
from typing import Any

from services.registration.main import service
from services.registration.settings import Settings
from tests.support.memory import Running, running
from tests.unit.registration.test_api import ADA, BEN, PAYER

CARD = {"filing_order": "primary", "member_id": "PAID0001", "effective_from_on": "2025-01-01"}


async def sent(registration: Running, path: str, *lines: Mapping[str, Any]) -> list[dict[str, Any]]:
    body = "\n".join(map(json.dumps, lines))
    answer = await registration.client.post(path, content=body, headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 207, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_registers_each_and_finds_who_is_there() -> None:
    lines = [
        {**ADA, "key": "a"},
        {**BEN, "key": "b"},
        {**ADA, "key": "c"},
        {**BEN, "key": "d", "birth_on": "2001-02-04"},
    ]
    async with running(service(Settings())) as registration:
        first = await sent(registration, "/v1/patients/bulk", *lines)
        again = await sent(registration, "/v1/patients/bulk", *lines)
        shown = (await registration.client.get(f"/v1/patients/{first[0]['id']}")).json()

    assert [each["status"] for each in first] == [201, 201, 200, 409]
    assert [each["status"] for each in again] == [200, 200, 200, 409]
    assert [each.get("id") for each in first] == [each.get("id") for each in again]
    assert [each.get("version") for each in (*first, *again)] == [1, 1, *[None] * 6]
    assert (first[2]["id"], shown["mrn"]) == (first[0]["id"], ADA["mrn"])
    assert first[3]["problem"]["type"] == "/problems/name-taken"
    assert "Ben" not in json.dumps(first)


async def test_adds_each_card_and_says_whose_is_unknown() -> None:
    async with running(service(Settings())) as registration:
        payer = (await registration.client.post("/v1/payers", json=PAYER)).json()["payer_id"]
        (patient,) = await sent(registration, "/v1/patients/bulk", {**ADA, "key": "a"})
        card = {**CARD, "patient_id": patient["id"], "payer_id": payer}
        lines = [
            {**card, "key": "1"},
            {**card, "key": "2"},
            {**card, "key": "3", "patient_id": "nobody"},
            {**card, "key": "1", "plan": "Gold"},
            {**card, "key": "5", "relationship": "child"},
        ]
        first = await sent(registration, "/v1/coverages/bulk", *lines)
        again = await sent(registration, "/v1/coverages/bulk", *lines)
        shown = (await registration.client.get(f"/v1/patients/{patient['id']}")).json()

    assert [each["status"] for each in first] == [201, 200, 404, 409, 422]
    assert [each["status"] for each in again] == [200, 200, 404, 409, 422]
    assert [each["coverage_id"] for each in shown["coverages"]] == [first[0]["id"]]
    assert first[1]["id"] == first[0]["id"]
