"""Reading what one wrote: a read waits for the facts of its token, for no others, and says so where they are not there.

Seen over HTTP: lending learns of payers from registration.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from httpx import Response
from msgspec.structs import replace

from shared.kernel.consistency_token import PositionRange, merged, ranges_of, token_of
from shared.runtime.definition import Service
from shared.runtime.log import partition_of
from shared.runtime.store import Applied, Sought, StoreUnavailable
from shared.runtime.unit import Outcome
from tests.support.asking import asking
from tests.support.donating import donated
from tests.support.engines import until
from tests.support.lending import Return
from tests.support.memory import CLERK, TENANT, Running, running, token

STALE = {"Prefer": "respond-stale"}


def service(**differing: object) -> Service:
    """Return lending behind HTTP, which does not wait for long."""
    return asking(topic_prefix="test", **({"topic_partitions": 1, "consistent_within_seconds": 0.4} | differing))


@pytest.fixture
async def svc() -> AsyncIterator[Running]:
    async with running(service()) as started:
        started.engine.wiring.public = frozenset({"CopyLent"})
        yield started


def of(position: int, **differing: Any) -> PositionRange:  # noqa: ANN401 (fields of a range)
    """Return where a fact of registration stands, as `Running.deliver` delivers it."""
    here = PositionRange("test.registration", "producer", 1, 0, position, position)
    return replace(here, **differing)


async def read(svc: Running, donor: str, *ranges: PositionRange, **headers: str) -> Response:
    return await svc.client.get(f"/v1/donors/{donor}", headers=with_token(*ranges) | headers)


def with_token(*ranges: PositionRange) -> dict[str, str]:
    return {"Consistency-Token": token_of(ranges)}


async def test_a_command_says_where_its_public_facts_are(svc: Running) -> None:
    made = await svc.client.post("/v1/loans", json=["C-1"])
    head = await svc.engine.store.head()

    assert ranges_of(made.headers["consistency-token"]) == (
        PositionRange("test.lending", head.store_id, 1, 0, head.position, head.position),
    )


async def test_all_facts_of_a_command_are_in_its_token(svc: Running) -> None:
    made = await svc.client.post("/v1/loans", json=["C-1", "C-1-2"])

    ((found),) = ranges_of(made.headers["consistency-token"])
    assert (found.first, found.last) == (1, 2)


async def test_a_token_names_the_partitions_that_the_relay_chooses() -> None:
    async with running(service(topic_partitions=8)) as svc:
        svc.engine.wiring.public = frozenset({"CopyLent"})
        made = await svc.client.post("/v1/loans", json=["C-1", "C-1-2"])

        assert {each.partition for each in ranges_of(made.headers["consistency-token"])} == {
            partition_of("C-1", 8),
            partition_of("C-1-2", 8),
        }


async def test_private_facts_and_no_facts_give_no_token(svc: Running) -> None:
    svc.engine.wiring.public = frozenset()
    private = await svc.client.post("/v1/loans", json=["C-1"])
    nothing: Outcome = await svc.engine.handle(TENANT, CLERK, Return(copy_id="C-9"))

    assert "consistency-token" not in private.headers
    assert nothing.token == ""


async def test_a_repeat_is_answered_with_the_first_token(svc: Running) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await svc.client.post("/v1/loans", json=["C-1"], headers=key)
    await svc.client.post("/v1/loans", json=["C-2"])
    again = await svc.client.post("/v1/loans", json=["C-1"], headers=key)

    assert again.headers["consistency-token"] == first.headers["consistency-token"]


async def test_a_read_without_a_token_asks_nothing(svc: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = counted(svc, monkeypatch)
    answer = await svc.client.get("/v1/donors/P-1")

    assert (answer.status_code, asked, "consistency" in answer.headers) == (404, [], False)


async def test_a_read_that_finds_its_facts_there_answers_at_once(svc: Running) -> None:
    await svc.deliver(donated("P-1"))
    answer = await read(svc, "P-1", of(1))

    assert (answer.status_code, answer.json()["payer_id"]) == (200, "P-1")
    assert "consistency" not in answer.headers


async def test_a_read_waits_until_a_consumer_of_this_process_has_taken_its_facts() -> None:
    async with running(service(consistent_within_seconds=10)) as svc:
        asked = asyncio.create_task(read(svc, "P-2", of(2)))
        await svc.deliver(donated("P-1"))
        assert not (await asyncio.wait([asked], timeout=0.06))[0]
        await svc.deliver(donated("P-2"))

        assert (await asked).json()["payer_id"] == "P-2"


async def test_a_read_sees_what_a_consumer_of_another_process_took(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(service(consistent_within_seconds=10)) as svc:
        monkeypatch.setattr(svc.engine.consistency, "wake", lambda: None)  # nobody here hears of records
        asked = asyncio.create_task(read(svc, "P-1", of(1)))
        await asyncio.wait([asked], timeout=0.05)
        await svc.deliver(donated("P-1"))

        assert (await asked).json()["payer_id"] == "P-1"


async def test_who_waits_too_long_is_told_to_come_again(svc: Running) -> None:
    answer = await read(svc, "P-1", of(1))

    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-yet-consistent")
    assert answer.headers["retry-after"] == "2"
    assert "ask again" in answer.json()["detail"]


@pytest.mark.parametrize("prefer", ["respond-stale", "wait=5, Respond-Stale; x=1"])
async def test_who_prefers_a_stale_answer_gets_a_marked_one(svc: Running, prefer: str) -> None:
    found = await svc.client.post("/v1/donor-searches", headers={**with_token(of(1)), "Prefer": prefer})
    missing = await read(svc, "P-1", of(1), Prefer=prefer)

    assert (found.status_code, found.headers["consistency"]) == (200, "stale")
    assert (missing.status_code, missing.headers["consistency"]) == (404, "stale")


@pytest.mark.parametrize("path", ["/v1/events", "/v1/worklists", "/v1/worklists/away", "/v1/streams/copy-C-1"])
async def test_the_routes_that_all_services_have_mark_stale_answers(svc: Running, path: str) -> None:
    answer = await svc.client.get(path, headers={**with_token(of(1)), **STALE})

    assert answer.headers["consistency"] == "stale"


async def test_what_was_not_stale_after_all_is_not_marked(svc: Running) -> None:
    await svc.deliver(donated("P-1"))
    answer = await read(svc, "P-1", of(1), **STALE)

    assert (answer.status_code, "consistency" in answer.headers) == (200, False)


async def test_what_is_parked_is_said_at_once() -> None:
    async with running(service(consistent_within_seconds=60)) as svc:
        await svc.deliver(donated("P-1", "poison"), donated("P-2"))
        answer = await read(svc, "P-1", of(1))
        stale = await read(svc, "P-1", of(1), **STALE)
        behind = await read(svc, "P-2", of(2))

    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-yet-consistent")
    assert "parked" in answer.json()["detail"]
    assert stale.headers["consistency"] == "stale"
    assert (behind.status_code, "consistency" in behind.headers) == (200, False)


async def test_records_that_are_parked_for_another_tenant_are_nobody_elses_news(svc: Running) -> None:
    await svc.deliver(donated("P-1", "poison"))
    other = {"Authorization": f"Bearer {token(svc.engine.service, tenant_id='other')}"}

    answer = await svc.client.post("/v1/donor-searches", headers={**with_token(of(1)), **other})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "elsewhere", [of(9, topic="test.payments"), of(9, topic="other.registration"), of(9, partition=1)]
)
async def test_nobody_waits_for_what_this_service_does_not_read(svc: Running, elsewhere: PositionRange) -> None:
    answer = await svc.client.post("/v1/donor-searches", headers=with_token(elsewhere))

    assert answer.status_code == 200


async def test_own_facts_are_there_as_soon_as_they_are_written(svc: Running) -> None:
    made = await svc.client.post("/v1/loans", json=["C-1"])
    answer = await svc.client.get("/v1/loans/C-1", headers={"Consistency-Token": made.headers["consistency-token"]})

    assert (answer.status_code, answer.json()["away"]) == (200, True)


async def test_a_read_model_that_has_not_folded_own_facts_yet_is_waited_for(svc: Running) -> None:
    made = await svc.client.post("/v1/loans", json=["C-1"])
    svc.engine.store._projected["rm_shelves_v1"] = 0  # type: ignore[attr-defined]  # noqa: SLF001 (an older release wrote)
    answer = await svc.client.get("/v1/loans/C-1", headers={"Consistency-Token": made.headers["consistency-token"]})

    assert answer.status_code == 503


@pytest.mark.parametrize(
    ("differing", "slug"),
    [
        ({"store_id": "another"}, "token-of-another-store"),
        ({"incarnation": 0}, "token-of-another-store"),
        ({"incarnation": 2}, "not-yet-consistent"),
    ],
)
async def test_a_token_from_before_a_restore_is_never_good_again(
    svc: Running, differing: Mapping[str, Any], slug: str
) -> None:
    made = await svc.client.post("/v1/loans", json=["C-1"])
    (own,) = ranges_of(made.headers["consistency-token"])
    headers = with_token(replace(own, **differing))
    answer = await svc.client.get("/v1/loans/C-1", headers=headers)
    stale = await svc.client.get("/v1/loans/C-1", headers={**headers, **STALE})

    assert (answer.status_code, answer.json()["type"]) == (503, f"/problems/{slug}")
    assert (stale.status_code, stale.headers["consistency"]) == (200, "stale")


@pytest.mark.parametrize(
    ("wanted", "status"),
    [(of(1, incarnation=0), 503), (of(1, incarnation=2), 503), (of(1, store_id="another"), 503), (of(1), 404)],
)
async def test_what_was_read_of_another_incarnation_does_not_count(
    svc: Running, wanted: PositionRange, status: int
) -> None:
    await svc.deliver(donated("P-1"))
    answer = await read(svc, "P-9", wanted)

    assert answer.status_code == status


async def test_several_tokens_count_together_however_they_are_sent(svc: Running) -> None:
    await svc.deliver(donated("P-1"))
    there, missing = token_of([of(1)]), token_of([of(2)])
    for headers in (
        [("Consistency-Token", f"{there}, {missing}")],
        [("Consistency-Token", missing), ("Consistency-Token", there)],
        [("Consistency-Token", merged(there, missing))],
    ):
        answer = await svc.client.get("/v1/donors/P-1", headers=headers)
        assert answer.status_code == 503


async def test_a_caller_who_cannot_merge_keeps_the_token_of_a_read(svc: Running) -> None:
    own = token_of([PositionRange("test.claims", "claims", 1, 0, 9, 9)])
    wrote = [token_of([of(position)]) for position in range(1, 401, 2)]
    refused = await svc.client.get("/v1/donors/P-1", headers=[("Consistency-Token", each) for each in [*wrote, own]])
    kept = refused.headers["consistency-token"]
    behind = await svc.client.get("/v1/donors/P-1", headers=[("Consistency-Token", kept), ("Consistency-Token", own)])
    alone = await svc.client.get("/v1/donors/P-1", headers={"Consistency-Token": kept})

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/bad-consistency-token")
    assert set(ranges_of(own)) < set(ranges_of(kept))
    assert all(any(each.first <= n <= each.last for each in ranges_of(kept)) for n in range(1, 401, 2))
    assert (behind.status_code, behind.headers["consistency-token"]) == (503, merged(kept))
    assert (alone.status_code, "consistency-token" in alone.headers) == (503, False)


async def test_an_empty_token_is_none(svc: Running) -> None:
    answer = await svc.client.post("/v1/donor-searches", headers={"Consistency-Token": " , "})

    assert answer.status_code == 200


async def test_a_token_that_cannot_be_read_is_refused(svc: Running) -> None:
    answer = await svc.client.get("/v1/donors/P-1", headers={"Consistency-Token": "abc"})

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-consistency-token")


@pytest.mark.parametrize(
    ("name", "value", "slug"),
    [("Prefer", "x" * 201, "bad-preference"), ("Consistency-Token", "," * 8_001, "bad-consistency-token")],
)
async def test_headers_have_a_limit(svc: Running, name: str, value: str, slug: str) -> None:
    answer = await svc.client.get("/v1/donors/P-1", headers={name: value})

    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{slug}")


async def test_a_command_does_not_wait(svc: Running) -> None:
    answer = await svc.client.post("/v1/loans", json=["C-1"], headers=with_token(of(99)))

    assert answer.status_code == 201


async def test_who_may_not_read_is_told_so_without_waiting(svc: Running) -> None:
    writer = {"Authorization": f"Bearer {token(svc.engine.service, scopes=['lending.write'])}"}
    answer = await svc.client.get("/v1/donors/P-1", headers={**with_token(of(1)), **writer})

    assert answer.status_code == 403


async def test_one_looks_for_all_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(service(consistent_within_seconds=10)) as svc:
        asked = counted(svc, monkeypatch)
        reads = [asyncio.create_task(read(svc, "P-1", of(1))) for _ in range(50)]
        await until(lambda: waiting(svc, 50))
        before = len(asked)
        await svc.deliver(donated("P-1"))
        answers = await asyncio.gather(*reads)

        assert {answer.status_code for answer in answers} == {200}
        assert before < 50
        assert len(asked) - before < 10
        assert {len(sought) for sought in asked} == {1}
        await until(lambda: idle(svc))


async def test_a_caller_who_leaves_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(service(consistent_within_seconds=10)) as svc:
        asked = counted(svc, monkeypatch)
        left = asyncio.create_task(read(svc, "P-1", of(1)))
        await until(lambda: waiting(svc, 1))
        left.cancel()
        await until(lambda: idle(svc))

        assert asked
        await svc.deliver(donated("P-1"))
        assert (await read(svc, "P-1", of(1))).status_code == 200


async def test_a_database_that_is_away_is_told_to_all_who_wait(svc: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> Applied:
        raise StoreUnavailable("the store does not answer")

    monkeypatch.setattr(svc.engine.store, "applied", fail)
    answers = await asyncio.gather(*(read(svc, "P-1", of(1)) for _ in range(3)))

    assert {answer.json()["type"] for answer in answers} == {"/problems/store-unavailable"}
    monkeypatch.undo()
    await svc.deliver(donated("P-1"))
    assert (await read(svc, "P-1", of(1))).status_code == 200


def counted(svc: Running, monkeypatch: pytest.MonkeyPatch) -> list[list[Sought]]:
    """Return what the database is asked from now on."""
    asked: list[list[Sought]] = []
    applied = svc.engine.store.applied

    async def counting(sought: list[Sought], own_tables: list[str]) -> Applied:
        asked.append(sought)
        return await applied(sought, own_tables)

    monkeypatch.setattr(svc.engine.store, "applied", counting)
    return asked


async def waiting(svc: Running, count: int) -> bool:
    return len(svc.engine.consistency._waiters) == count  # noqa: SLF001 (nothing else shows it)


async def idle(svc: Running) -> bool:
    looking = svc.engine.consistency._looking  # noqa: SLF001 (nothing else shows it)
    return looking is None or looking.done()
