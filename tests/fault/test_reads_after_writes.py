"""Whoever reads elsewhere what he wrote a moment ago sees it, or is told that the answer is stale (F13, F16).

Write here, read there, with the token of the write: while the consumer of the other service stands still, while it is
slow, while records park, while the read model is built anew. The API that is asked and the worker that consumes are two
engines over one store, as in a cluster: neither hears of the other. In the full dose 10,000 pairs, in the short one
800.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.runtime.consumer import Consumer, Read
from shared.runtime.engine import Engine
from shared.runtime.hosting import open_log
from shared.runtime.log import Log
from shared.runtime.progress import silent
from shared.runtime.rebuild import replay
from shared.runtime.relay import Relay
from shared.runtime.store import Place
from tests.support.asking import asking, giving
from tests.support.databases import fresh_database
from tests.support.dose import chance, dose
from tests.support.engines import beside, engine_over, until
from tests.support.lending import DONORS
from tests.support.memory import Running, serving

PAIRS = dose(200, 2_500)
CLIENTS = 20
PARTITIONS = 2
WAIT_SECONDS = 0.25
FRESH, MARKED, REFUSED, STALE = "fresh", "marked", "refused", "unmarked stale"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two services that are open: who writes, who is asked, and who consumes for the one that is asked."""

    giver: Running
    asked: Running
    worker: Engine
    log: Log


@pytest.fixture
async def pair(database_server: DatabaseServer) -> AsyncIterator[Pair]:
    given, asked, log_url = [await fresh_database(database_server) for _ in range(3)]
    told = {"topic_partitions": PARTITIONS, "consistent_within_seconds": WAIT_SECONDS}
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(open_log(log_url))
        giver = await stack.enter_async_context(engine_over(giving(**told), given))
        api = await stack.enter_async_context(engine_over(asking(**told), asked))
        worker = await stack.enter_async_context(engine_over(asking(**told), asked))
        await stack.enter_async_context(beside(Relay(giver, log).run()))
        yield Pair(
            giver=await stack.enter_async_context(serving(giver)),
            asked=await stack.enter_async_context(serving(api)),
            worker=worker,
            log=log,
        )


class Slow(Consumer):
    """A consumer that takes its time with each batch."""

    moments = chance("slow")

    async def take(self, found: Mapping[Place, Sequence[Read]]) -> bool:
        """Take records after a while."""
        await asyncio.sleep(self.moments.uniform(0, 2 * WAIT_SECONDS))
        return await super().take(found)


class Told(Consumer):
    """A consumer that says when it has taken something."""

    def __init__(self, engine: Engine, log: Log) -> None:
        super().__init__(engine, log)
        self.has_taken = asyncio.Event()

    async def take(self, found: Mapping[Place, Sequence[Read]]) -> bool:
        """Take records, and say so."""
        went_on = await super().take(found)
        self.has_taken.set()
        return went_on


def places() -> list[Place]:
    return [("claimlog.registration", n) for n in range(PARTITIONS)]


async def calm(pair: Pair) -> None:
    await Consumer(pair.worker, pair.log).run(places())


async def paused(pair: Pair) -> None:
    """Consume for a while, however long the first records take here, and stop at any moment."""
    moments = chance("paused")
    while True:
        consumer = Told(pair.worker, pair.log)
        async with beside(consumer.run(places())):
            await consumer.has_taken.wait()
            await asyncio.sleep(moments.uniform(0, 0.4))
        await asyncio.sleep(moments.uniform(0, 3 * WAIT_SECONDS))


async def slow(pair: Pair) -> None:
    await Slow(pair.worker, pair.log).run(places())


async def rebuilt(pair: Pair) -> None:
    async with beside(calm(pair)):
        while True:
            await replay(pair.worker, pair.log, DONORS, silent)


Disturbance: TypeAlias = Callable[[Pair], Coroutine[object, object, None]]


@pytest.mark.parametrize(
    ("disturbance", "poison_every", "seen"),
    [
        (calm, 21, {MARKED, REFUSED}),  # what is parked is marked, or refused: odd, so both are asked
        (paused, 0, {MARKED, REFUSED}),
        (slow, 0, {MARKED, REFUSED}),
        (rebuilt, 0, set()),
    ],
)
async def test_no_answer_is_stale_without_saying_so(
    pair: Pair, disturbance: Disturbance, poison_every: int, seen: set[str]
) -> None:
    came_to: Counter[str] = Counter()
    numbers = iter(range(PAIRS))

    async def client() -> None:
        for n in numbers:
            is_poison = bool(poison_every) and n % poison_every == 0
            came_to[await written_and_read(pair, n, is_poison=is_poison)] += 1

    async with beside(disturbance(pair)):
        await asyncio.gather(*(client() for _ in range(CLIENTS)))

    assert came_to[STALE] == 0, came_to
    assert came_to.total() == PAIRS
    assert seen <= set(came_to), came_to
    later = count(PAIRS)

    async def is_fresh() -> bool:
        return await written_and_read(pair, next(later), is_poison=False) == FRESH

    async with beside(calm(pair)):
        await until(is_fresh)  # how soon says how busy the machine is


async def written_and_read(pair: Pair, n: int, *, is_poison: bool) -> str:
    """Write one fact, read it in the other service, and return what the answer was worth."""
    gift = {"donor_id": f"D-{n}", "name": "poison" if is_poison else f"name {n}"}
    written = await pair.giver.client.post("/v1/gifts", json=gift)
    assert written.status_code == 201
    token = {"Consistency-Token": written.headers["consistency-token"]}
    prefers = {"Prefer": "respond-stale"} if n % 2 else {}
    answer = await pair.asked.client.get(f"/v1/donors/D-{n}", headers=token | prefers)
    if answer.headers.get("consistency") == "stale":
        return MARKED if prefers else STALE
    if answer.status_code == 503:
        assert answer.json()["type"] == "/problems/not-yet-consistent"
        return REFUSED
    return FRESH if answer.status_code == 200 and answer.json()["name"] == gift["name"] else STALE


async def test_this_measure_finds_stale_answers_where_nobody_waits(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(*_: object) -> None:
        return

    monkeypatch.setattr(pair.asked.engine.consistency, "wait", at_once)
    async with beside(calm(pair)):
        answers = [await written_and_read(pair, n, is_poison=False) for n in range(10)]

    assert STALE in answers
