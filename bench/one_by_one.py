"""The control loop: consumers that take one event per transaction, on the same server and in the same run.

Owns: what a plain consumer does for each event (read the checkpoint, insert the event, change a row, move the
checkpoint, commit), one connection each. No rules, no sealing, no HTTP, no log: a real one would be slower. One of
them is the control loop of every measurement that writes; five are the baseline of the whole line.
"""

import asyncio
from time import monotonic
from typing import Final

import asyncpg

from apps.embedded.database_server import DatabaseServer
from shared.runtime.clock import new_id

_BODY: Final = bytes(700)
_TABLES: Final = """
create table if not exists event (position bigint primary key, id uuid unique, stream text, body bytea);
create table if not exists row (key text primary key, doc text);
create table if not exists checkpoint (one bool primary key, position bigint);
insert into checkpoint values (true, 0) on conflict do nothing
"""


async def events_per_second(server: DatabaseServer, seconds: float = 1.5, *, consumers: int = 1) -> float:
    """Return how many events such consumers take in a second, together; each has a database of its own."""
    names = [f"baseline_{n}" for n in range(consumers)]
    await server.create(*names)
    begun = monotonic()
    counts = await asyncio.gather(*[_consume(server.url(name), begun + seconds) for name in names])
    return sum(counts) / (monotonic() - begun)


async def _consume(url: str, until: float) -> int:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_TABLES)
        n = 0
        while monotonic() < until:
            async with connection.transaction():
                position = await connection.fetchval("select position from checkpoint for update") + 1
                key = f"stream/{position % 1_000}"
                await connection.execute("insert into event values ($1, $2, $3, $4)", position, new_id(), key, _BODY)
                await connection.execute(
                    "insert into row values ($1, $2) on conflict (key) do update set doc = excluded.doc", key, "{}"
                )
                await connection.execute("update checkpoint set position = $1", position)
            n += 1
        return n
    finally:
        await connection.close()
