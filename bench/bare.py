"""What PostgreSQL gives to a bare program: one transaction per command, and group commit, without any of our rules.

Owns: the baselines of `append.py`. Both check the version by a unique index and move a head; neither has keys, names,
chain, read model, envelope or JSON. So nothing that keeps promises can be faster than the second.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from statistics import quantiles
from time import perf_counter
from typing import Final

import asyncpg

from apps.embedded.database_server import DatabaseServer
from shared.runtime.clock import new_id

_BODY: Final = bytes(250)
_CONNECTIONS_MAX: Final = 16
_WARM_UP_SECONDS: Final = 0.3
_TABLES: Final = """
create table event (position bigint primary key, id uuid unique, stream text, version int, body bytea,
  unique (stream, version));
create table head (one bool primary key, position bigint);
insert into head values (true, 0)
"""
_INSERT: Final = "insert into event select * from unnest($1::bigint[], $2::uuid[], $3::text[], $4::int[], $5::bytea[])"


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast callers were served once they had warmed up. **Units**: calls per second; milliseconds that one took.

    **Shape**: `calls` are all that were made.
    """

    per_second: float
    p50_ms: float
    p99_ms: float
    calls: int


async def load(call: Callable[[], Awaitable[object]], *, callers: int, seconds: float) -> Rate:
    """Let so many callers call again and again, each once it has its answer; first to warm up."""
    cold = await _timed(call, callers, _WARM_UP_SECONDS)
    begun = perf_counter()
    took = await _timed(call, callers, seconds)
    percent = quantiles(took, n=100)
    per_second = len(took) / (perf_counter() - begun)
    return Rate(per_second, percent[49] * 1_000, percent[98] * 1_000, len(cold) + len(took))


async def _timed(call: Callable[[], Awaitable[object]], callers: int, seconds: float) -> Sequence[float]:
    took: list[float] = []

    async def again_and_again(until: float) -> None:
        while (begun := perf_counter()) < until:
            await call()
            took.append(perf_counter() - begun)

    until = perf_counter() + seconds
    await asyncio.gather(*[again_and_again(until) for _ in range(callers)])
    return took


async def transactions(server: DatabaseServer, name: str, *, callers: int, seconds: float) -> Rate:
    """Return how fast one transaction per command is, over as many connections as there are callers, 16 at most."""
    url = await _prepared(server, f"bare_transactions_{callers}_{name}")
    positions = count(1)
    size = min(callers, _CONNECTIONS_MAX)
    async with asyncpg.create_pool(url, min_size=size, max_size=size) as pool:

        async def append() -> None:
            position = next(positions)
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute(
                    "insert into event values ($1, $2, $3, $4, $5)", position, new_id(), f"s-{position}", 1, _BODY
                )

        return await load(append, callers=callers, seconds=seconds)


async def group_commit(server: DatabaseServer, name: str, *, callers: int, seconds: float) -> Rate:
    """Return how fast one writer is that takes whatever waits into one transaction."""
    url = await _prepared(server, f"bare_group_commit_{callers}_{name}")
    async with _writer(url) as append:
        return await load(append, callers=callers, seconds=seconds)


@asynccontextmanager
async def _writer(url: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    waiting: list[asyncio.Future[None]] = []
    wake = asyncio.Event()
    loop = asyncio.get_running_loop()

    def append() -> Awaitable[None]:
        answer: asyncio.Future[None] = loop.create_future()
        waiting.append(answer)
        wake.set()
        return answer

    async def write(connection: asyncpg.Connection) -> None:
        while True:
            await wake.wait()
            wake.clear()
            batch = waiting.copy()
            waiting.clear()
            if batch:
                await _write(connection, len(batch))
            for answer in batch:
                answer.set_result(None)

    connection = await asyncpg.connect(url)
    task = asyncio.create_task(write(connection))
    try:
        yield append
    finally:
        task.cancel()
        await connection.close()


async def _write(connection: asyncpg.Connection, size: int) -> None:
    async with connection.transaction():
        head = await connection.fetchval("select position from head for update")
        positions = list(range(head + 1, head + size + 1))
        ids, streams = [new_id() for _ in positions], [f"s-{position}" for position in positions]
        await connection.execute(_INSERT, positions, ids, streams, [1] * size, [_BODY] * size)
        await connection.execute("update head set position = $1", head + size)


async def _prepared(server: DatabaseServer, name: str) -> str:
    await server.create(name)
    connection = await asyncpg.connect(server.url(name))
    try:
        await connection.execute(_TABLES)
    finally:
        await connection.close()
    return server.url(name)
