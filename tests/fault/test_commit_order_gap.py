"""Four writing processes and a reader that polls `position > last`, while others hold transactions open: no gap (F27).

A reader of an identity column passes what is committed later; one that waits for all older transactions stands still
as long as anybody writes anywhere. Positions come from a lock, so the reader neither skips nor waits.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import link
from shared.runtime.engine import Engine
from tests.support.databases import fresh_database
from tests.support.dose import SEED, dose
from tests.support.engines import beside, engine_over, until
from tests.support.lending import lending
from tests.support.processes import program

OPEN_SECONDS: Final = dose(0, 60)
ROUNDS: Final = dose(60, 300)
AGE_SECONDS_MAX: Final = 5
"""A feed that is older than this raises an alarm in production."""


class Tail:
    """A reader that goes on from the last position that it saw, and how long what it saw had been waiting."""

    def __init__(self, engine: Engine) -> None:
        self.seen: list[int] = []
        self.age_seconds = 0.0
        self._engine = engine

    async def read(self) -> None:
        """Read for ever."""
        clock = asyncio.get_running_loop().time
        while True:
            behind_since = clock()
            last = self.seen[-1] if self.seen else 0
            await self._engine.store.wait_for_facts(last, seconds=1)
            head = (await self._engine.store.head()).position
            while last < head:
                found = await self._engine.store.events(last, events_max=50)
                self.seen += [each.position for each in found]
                last = self.seen[-1]
                self.age_seconds = max(self.age_seconds, clock() - behind_since - 1)


@asynccontextmanager
async def held_open(url: str) -> AsyncIterator[None]:
    """Hold a writing transaction open in a database while the block runs."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("create table if not exists held (n int)")
        async with connection.transaction():
            await connection.execute("insert into held values (1)")
            yield
    finally:
        await connection.close()


@pytest.fixture
async def urls(database_server: DatabaseServer) -> tuple[str, str]:
    return await fresh_database(database_server), await fresh_database(database_server)


async def test_polling_reader_misses_nothing_and_waits_for_nobody(urls: tuple[str, str]) -> None:
    url, elsewhere = urls
    accepted: list[tuple[str, int]] = []
    clock = asyncio.get_running_loop().time
    async with engine_over(lending(), url) as engine, held_open(url), held_open(elsewhere):
        tail, started, n = Tail(engine), clock(), 0
        async with beside(tail.read()):
            while n == 0 or clock() < started + OPEN_SECONDS:
                n += 1
                accepted += await written(url, SEED + 10 * n)

            async def all_seen() -> bool:
                return len(tail.seen) >= (await engine.store.head()).position

            await until(all_seen)
        facts = await engine.store.events(0, events_max=1_000_000)

    assert tail.seen == list(range(1, len(facts) + 1))
    assert sorted(accepted) == sorted((fact.stream, fact.version) for fact in facts)
    assert tail.age_seconds < AGE_SECONDS_MAX
    previous = bytes(32)
    for fact in facts:
        previous = link(previous, fact)
        assert fact.chain_hash == previous


async def written(url: str, seed: int) -> list[tuple[str, int]]:
    """Have four processes write at once; return stream and version of what they were told."""
    async with AsyncExitStack() as stack:
        writers = [
            await stack.enter_async_context(program("tests.support.writer", url, str(seed + n), str(ROUNDS)))
            for n in range(4)
        ]
        codes = await asyncio.gather(*(each.ended(seconds=300) for each in writers))
        assert codes == [0] * 4, [each.complaints[-500:] for each in writers]
        return [(stream, version) for each in writers for stream, version, _ in json.loads(each.out)]
