"""Documentation in bulk: each line as a request of its own, whatever stands beside it. Every patient is synthetic."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from services.coding.main import service
from services.coding.settings import Settings
from tests.support.memory import Running, running
from tests.unit.coding.tables import TABLES
from tests.unit.coding.test_api import AT_THE_DESK, BARE, CODES, VISIT, checked_in

NDJSON = {"Content-Type": "application/x-ndjson"}
UNNAMED = {**VISIT, "source_identifier": None}
WRONG: Mapping[str, dict[str, Any]] = {
    "a field is missing": {key: value for key, value in VISIT.items() if key != "service_from_on"},
    "a field nobody knows": {**VISIT, "colour": "blue"},
    "no day": {**VISIT, "service_from_on": "2026-02-30"},
    "no list": {**VISIT, "coverage_ids": "c-1"},
    "a code with a space": {**VISIT, "procedures": [{"modifiers": ["2 5"]}]},
    "a NUL in the note": {**VISIT, "note": "a\x00b"},
    "a place that is none": {**VISIT, "place_of_service": "1"},
    "an instant without an offset": {**VISIT, "signed_at": "2026-03-03T20:30:00"},
    "ends before it begins": {**VISIT, "service_to_on": "2026-03-01"},
    "in the future": {**VISIT, "service_from_on": "2190-01-01"},
    "nobody says who pays": {**VISIT, "coverage_ids": None},
}


@pytest.fixture
async def coding() -> AsyncIterator[Running]:
    async with running(service(Settings(note_characters_max=100), TABLES)) as running_service:
        yield running_service


async def sent(coding: Running, *lines: Mapping[str, Any] | str) -> list[dict[str, Any]]:
    body = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
    answer = await coding.client.post("/v1/encounters/bulk", content=body, headers=NDJSON)
    assert (answer.status_code, answer.headers["content-type"]) == (207, "application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def statuses(results: Sequence[Mapping[str, Any]]) -> list[int]:
    return [each["status"] for each in results]


async def test_takes_each_line_and_answers_in_order(coding: Running) -> None:
    lines = [{**VISIT, "key": f"k{n}", "source_identifier": {"system": "s", "value": f"{n}"}} for n in range(700)]
    results = await sent(coding, *lines)
    shown = (await coding.client.get(f"/v1/encounters/{results[699]['id']}")).json()

    assert [(each["line"], each["key"]) for each in results] == [(n + 1, f"k{n}") for n in range(700)]
    assert statuses(results) == [201] * 700
    assert (shown["patient_id"], shown["conditions"][0]["text"]) == ("p-1", "sugar")
    assert len({each["id"] for each in results}) == 700


async def test_the_same_again_adds_nothing_and_finds_what_is_there(coding: Running) -> None:
    lines = [{**VISIT, "key": "a"}, {**UNNAMED, "key": "b"}, {**UNNAMED, "key": "c", "encounter_id": "e-3"}]
    first = await sent(coding, *lines)
    facts = await coding.facts()
    again = await sent(coding, *reversed(lines))

    assert (statuses(first), statuses(again)) == ([201] * 3, [200] * 3)
    assert [each.get("version") for each in (*first, *again)] == [0] * 3 + [None] * 3
    assert [each["id"] for each in again] == [each["id"] for each in reversed(first)]
    assert await coding.facts() == facts


async def test_a_twin_in_one_request_finds_the_first(coding: Running) -> None:
    results = await sent(
        coding, {**UNNAMED, "key": "a"}, {**UNNAMED, "key": "a"}, {**VISIT, "key": "b"}, {**VISIT, "key": "c"}
    )

    assert statuses(results) == [201, 200, 201, 200]
    assert (results[0]["id"], results[2]["id"]) == (results[1]["id"], results[3]["id"])


async def test_a_key_that_names_something_else_is_refused(coding: Running) -> None:
    results = await sent(coding, {**UNNAMED, "key": "a"}, {**UNNAMED, "key": "a", "note": "other"})

    assert statuses(results) == [201, 409]
    assert results[1]["problem"]["type"] == "/problems/encounter-already-documented"


async def test_a_record_of_another_patient_is_refused_and_named(coding: Running) -> None:
    results = await sent(coding, {**VISIT, "key": "a"}, {**VISIT, "key": "b", "patient_id": "p-2"})

    assert statuses(results) == [201, 409]
    assert results[1]["problem"]["existing"] == f"encounter-{results[0]['id']}"


@pytest.mark.parametrize("what", WRONG)
async def test_says_of_a_wrong_line_what_a_request_of_its_own_hears(coding: Running, what: str) -> None:
    alone = (await coding.client.post("/v1/encounters", json=WRONG[what])).json()
    before, wrong, after = await sent(
        coding, {**UNNAMED, "key": "a"}, {**WRONG[what], "key": "b"}, {**BARE, "key": "c"}
    )
    for name in ("instance", "trace_id"):  # they name the request, which is one for all lines
        del alone[name]
    for each in alone.get("errors", ()):
        each["pointer"] = each["pointer"].removeprefix("/body")

    assert wrong == {"line": 2, "key": "b", "status": alone["status"], "problem": alone}
    assert statuses([before, after]) == [201, 201]


async def test_a_line_without_a_key_or_without_sense_is_answered_in_its_place(coding: Running) -> None:
    results = await sent(coding, VISIT, "nonsense", "[]", '{"key": 7}', '{"key": "' + "x" * 300 + '"}')

    assert statuses(results) == [422] * 5
    assert [each["line"] for each in results] == [1, 2, 3, 4, 5]
    assert results[0]["problem"]["errors"] == [{"pointer": "/key", "code": "missing"}]
    assert await coding.facts() == []


async def test_takes_the_order_of_coverages_from_the_check_in(coding: Running) -> None:
    await coding.deliver(checked_in())
    known, unknown = {**AT_THE_DESK, "key": "a"}, {**AT_THE_DESK, "key": "b", "encounter_id": "e-8"}
    results = await sent(coding, known, unknown)
    shown = (await coding.client.get("/v1/encounters/e-7")).json()

    assert (statuses(results), shown["coverage_ids"]) == ([201, 422], ["c-1", "c-2"])


async def test_the_version_of_a_new_one_is_what_its_first_change_asks_for(coding: Running) -> None:
    (result,) = await sent(coding, {**UNNAMED, "key": "a"})
    codes = await coding.client.post(
        f"/v1/encounters/{result['id']}/code-assignments",
        json=CODES,
        headers={"If-Match": f'"{result["version"]}"', "Idempotency-Key": "k"},
    )

    assert codes.status_code == 201


async def test_a_long_note_is_kept_as_a_file(coding: Running) -> None:
    (result,) = await sent(coding, {**VISIT, "key": "a", "note": "long " * 100})
    note = (await coding.client.get(f"/v1/encounters/{result['id']}/note")).json()["note"]

    assert note == "long " * 100


async def test_refuses_what_is_no_ndjson_or_has_a_key_for_all(coding: Running) -> None:
    line = json.dumps({**VISIT, "key": "a"})
    as_text = await coding.client.post("/v1/encounters/bulk", content=line, headers={"Content-Type": "text/plain"})
    keyed = await coding.client.post("/v1/encounters/bulk", content=line, headers=NDJSON | {"Idempotency-Key": "k"})

    assert (as_text.status_code, as_text.json()["type"]) == (422, "/problems/not-ndjson")
    assert (keyed.status_code, keyed.json()["type"]) == (422, "/problems/bad-header")


async def test_what_is_larger_than_a_request_may_be_is_taken_up_to_there() -> None:
    lines = [json.dumps({**UNNAMED, "key": f"k{n}"}) + "\n" for n in range(12)]

    async def pieces() -> AsyncIterator[bytes]:
        for line in lines:
            yield line.encode()

    settings = Settings(body_bytes_max=1_024, bulk_bytes_max=5 * len(lines[0]))
    async with running(service(settings, TABLES)) as coding:
        answer = await coding.client.post("/v1/encounters/bulk", content=pieces(), headers=NDJSON)
    results = [json.loads(line) for line in answer.text.splitlines()]

    assert statuses(results) == [201] * 5 + [422]
    assert (results[5]["line"], results[5]["problem"]["type"]) == (6, "/problems/bulk-too-large")


async def test_says_what_lines_would_be_answered(coding: Running) -> None:
    body = "\n".join(map(json.dumps, [{**VISIT, "key": "a"}, {**VISIT, "key": "b", "patient_id": "p 2"}]))
    asked = await coding.client.post("/v1/encounters/bulk?validate_only=true", content=body, headers=NDJSON)
    facts = await coding.facts()
    sent_then = await coding.client.post("/v1/encounters/bulk", content=body, headers=NDJSON)

    assert (asked.headers["Validate-Only"], facts) == ("true", [])
    assert asked.text == sent_then.text
