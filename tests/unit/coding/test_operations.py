"""Lines that nobody waits for: kept, taken by a worker, asked about, ended. Every patient is synthetic."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import pytest

from services.coding.main import service
from services.coding.settings import Settings
from shared.clients.operations import OperationsClient
from shared.clients.problem import ProblemAnswered
from shared.runtime.bulk import Intake, LineResult
from shared.runtime.call import OneCall
from shared.runtime.clock import new_id
from shared.runtime.lines import LINE_BYTES_MAX, Line
from shared.runtime.working_off import one_worked_off, work_off
from tests.support.engines import beside, until
from tests.support.memory import Running, running
from tests.unit.coding.tables import TABLES
from tests.unit.coding.test_bulk import NDJSON, UNNAMED

LATER = NDJSON | {"Prefer": "respond-async"}


@pytest.fixture
async def coding() -> AsyncIterator[Running]:
    async with running(service(Settings(), TABLES)) as running_service:
        yield running_service


async def kept(coding: Running, body: str) -> dict[str, Any]:
    answer = await coding.client.post("/v1/encounters/bulk", content=body, headers=LATER)
    shown: dict[str, Any] = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (202, f"/v1/operations/{shown['operation_id']}")
    return shown


async def worked_off(coding: Running, operation_id: str) -> dict[str, Any]:
    operation = await coding.engine.store.operations.next_running()
    assert operation is not None
    await one_worked_off(coding.engine, None, operation)
    shown: dict[str, Any] = (await coding.client.get(f"/v1/operations/{operation_id}")).json()
    return shown


def lines(count: int) -> str:
    return "\n".join(json.dumps({**UNNAMED, "key": f"k{n}"}) for n in range(count))


async def test_lines_are_taken_later_and_answered_as_at_once(coding: Running) -> None:
    body = lines(1_500) + "\nnonsense\n" + "x" * (LINE_BYTES_MAX + 1)
    shown = await kept(coding, body)
    ended = await worked_off(coding, shown["operation_id"])
    results = await coding.client.get(ended["results"])
    at_once = await coding.client.post("/v1/encounters/bulk", content=body, headers=NDJSON)
    told, again = ([json.loads(line) for line in each.text.splitlines()] for each in (results, at_once))

    assert (shown["state"], shown["done"], shown["total"], shown["results"]) == ("running", 0, 1_502, None)
    assert (ended["state"], ended["done"], ended["problem"]) == ("succeeded", 1_502, None)
    assert [each["status"] for each in told] == [201] * 1_500 + [422, 422]
    assert told[-1]["problem"]["type"] == "/problems/line-too-long"
    assert [each.get("id") for each in told] == [each.get("id") for each in again]
    assert [each["status"] for each in again] == [200] * 1_500 + [422, 422]
    assert told[1_500:] == again[1_500:]


async def test_after_a_crash_a_part_is_taken_again_and_nothing_is_doubled(coding: Running) -> None:
    shown = await kept(coding, lines(1_200))
    operations = coding.engine.store.operations
    begun = await operations.next_running()
    assert begun is not None
    await worked_off(coding, shown["operation_id"])
    facts = len(await coding.facts())
    operations._all[begun.operation_id] = begun  # type: ignore[attr-defined]  # noqa: SLF001 (as a crash leaves it)
    ended = await worked_off(coding, shown["operation_id"])

    assert (ended["state"], ended["done"], len(await coding.facts())) == ("succeeded", 1_200, facts)


async def test_what_meets_an_unavailable_store_holds_nobody_up_and_goes_on_later(
    coding: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, is_away = Intake.results, asyncio.Event()
    is_away.set()

    async def results(self: Intake[Any], first: int, lines: Sequence[Line], call: OneCall) -> list[LineResult]:
        if is_away.is_set() and '"k0"' in str(lines[0]):
            return [LineResult(first, "k0", 503, problem={})]
        return await taken(self, first, lines, call)

    async def has_ended(operation_id: str) -> bool:
        shown = await coding.client.get(f"/v1/operations/{operation_id}")
        return bool(shown.json()["state"] == "succeeded")

    monkeypatch.setattr(Intake, "results", results)
    monkeypatch.setattr("shared.runtime.working_off._LOOK_SECONDS", 0.01)
    stuck = (await kept(coding, lines(1)))["operation_id"]
    behind = (await kept(coding, json.dumps({**UNNAMED, "key": "other"})))["operation_id"]
    async with beside(work_off(coding.engine, None)):
        await until(partial(has_ended, behind))
        waits = not await has_ended(stuck)
        is_away.clear()
        await until(partial(has_ended, stuck))

    assert waits


@pytest.mark.parametrize("prefer", ["respond-async", "wait=5, Respond-Async; x=1"])
async def test_lines_are_kept_for_whoever_prefers_it(coding: Running, prefer: str) -> None:
    answer = await coding.client.post("/v1/encounters/bulk", content=lines(1), headers=NDJSON | {"Prefer": prefer})

    assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "respond-async")


@pytest.mark.parametrize(
    ("prefer", "validate_only"), [("respond-async", "true"), ("not-respond-async", "false"), ("respond-stale", "false")]
)
async def test_all_else_is_answered_at_once_and_does_not_say_that_it_was_kept(
    coding: Running, prefer: str, validate_only: str
) -> None:
    answer = await coding.client.post(
        "/v1/encounters/bulk",
        params={"validate_only": validate_only},
        content=lines(1),
        headers=NDJSON | {"Prefer": prefer},
    )

    assert (answer.status_code, "Preference-Applied" in answer.headers) == (207, False)
    assert await coding.engine.store.operations.next_running() is None


async def test_a_preference_that_is_too_long_is_refused(coding: Running) -> None:
    answer = await coding.client.post("/v1/encounters/bulk", content=lines(1), headers=NDJSON | {"Prefer": "x" * 201})

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-preference")


async def test_what_is_cancelled_is_not_taken(coding: Running) -> None:
    shown = await kept(coding, lines(3))
    running_still = await coding.engine.store.operations.next_running()
    path = f"/v1/operations/{shown['operation_id']}/cancellations"
    answers = [await coding.client.post(path) for _ in range(2)]
    assert running_still is not None
    await one_worked_off(coding.engine, None, running_still)
    seen = (await coding.client.get("/v1/operations")).json()["items"]

    assert [(each.status_code, each.json()["state"]) for each in answers] == [(200, "cancelled")] * 2
    assert [(each["operation_id"], each["state"], each["done"]) for each in seen] == [
        (shown["operation_id"], "cancelled", 0)
    ]


async def test_operations_are_listed_page_by_page_like_everything_else(coding: Running) -> None:
    begun = [(await kept(coding, lines(1)))["operation_id"] for _ in range(3)]
    first = (await coding.client.get("/v1/operations", params={"page_size": 2})).json()
    second = (await coding.client.get("/v1/operations", params={"cursor": first["next"]})).json()
    made_up = await coding.client.get("/v1/operations", params={"cursor": begun[0]})

    assert [each["operation_id"] for each in (*first["items"], *second["items"])] == begun[::-1]
    assert (second["next"], made_up.json()["type"]) == (None, "/problems/bad-cursor")


async def test_what_has_ended_cannot_be_cancelled_and_others_see_nothing(coding: Running) -> None:
    shown = await kept(coding, lines(1))
    await worked_off(coding, shown["operation_id"])
    late = await coding.client.post(f"/v1/operations/{shown['operation_id']}/cancellations")
    unknown = await coding.client.get(f"/v1/operations/{new_id()}")

    assert (late.status_code, late.json()["type"]) == (409, "/problems/operation-ended")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/operation-not-found")
    assert await coding.engine.store.operations.find("another", shown["operation_id"]) is None


async def test_a_rebuild_is_an_operation_that_says_why_it_failed(coding: Running) -> None:
    begun = await coding.client.post("/v1/read-models/encounters/rebuilds")
    ended = await worked_off(coding, begun.json()["operation_id"])  # a store in memory has no tables to fill
    unknown = await coding.client.post("/v1/read-models/nothing/rebuilds")

    assert (begun.status_code, begun.json()["kind"], begun.json()["subject"]) == (202, "rebuild", "encounters")
    assert (ended["state"], ended["problem"]) == ("failed", "defect")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/unknown-read-model")


async def test_the_client_follows_an_operation_to_its_end(coding: Running) -> None:
    client = OperationsClient(coding.client)
    shown = await kept(coding, lines(2))
    ended = await worked_off(coding, shown["operation_id"])
    rebuild = await client.rebuild("encounters")

    assert await client.operation(shown["operation_id"]) == ended
    assert [each["status"] async for each in client.results(shown["operation_id"])] == [201, 201]
    assert [each["kind"] async for each in client.operations()] == ["rebuild", ended["kind"]]
    assert (await client.cancel(rebuild["operation_id"]))["state"] == "cancelled"
    with pytest.raises(ProblemAnswered, match="operation-not-found"):
        await anext(client.results(new_id()))
