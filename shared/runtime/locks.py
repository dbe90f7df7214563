"""Who works: locks that live as long as a session of the service's own database.

Owns: taking what is free and noticing what was lost. A process that dies gives its locks back within seconds.
Refuses: fencing; that is the checkpoint's business (`flush.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager, suppress
from hashlib import blake2b
from typing import Final

import asyncpg

from shared.runtime.postgres import CONNECTION_ERRORS, connect, unavailable

JOBS: Final = ("relay", "own-facts", "effects")
"""Names of the locks of a worker's jobs; a partition's is `topic/number`."""
PING_SECONDS: Final = 2
ANSWER_SECONDS_MAX: Final = 5  # sooner than the server gives the locks of a silent session to somebody else


class Locks:
    """Session locks on one connection of their own; no pooler may stand between."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._held: set[str] = set()
        self._turn = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Locks"]:
        """Connect, and give everything back at the end. **Errors**: `StoreUnavailable`."""
        connection = await connect(url)
        try:
            with unavailable("the database"):
                await connection.execute("set idle_session_timeout = '10s'")
            yield cls(connection)
        finally:
            with suppress(*CONNECTION_ERRORS):
                await connection.close(timeout=2)

    async def take(self, names: Iterable[str]) -> frozenset[str]:
        """Take what is free; return all that is held. **Errors**: `StoreUnavailable`: everything is lost."""
        async with self._turn:
            wanted = [name for name in names if name not in self._held]
            with unavailable("the database"):
                rows = await self._connection.fetch(
                    "select n, pg_try_advisory_lock(k) as taken from unnest($1::text[], $2::bigint[]) as wanted (n, k)",
                    wanted,
                    [_number(name) for name in wanted],
                    timeout=ANSWER_SECONDS_MAX,
                )
            self._held.update(row["n"] for row in rows if row["taken"])
            return frozenset(self._held)


async def taken(connection: asyncpg.Connection, names: Collection[str]) -> frozenset[str]:
    """Return which locks somebody has, of the connection's database."""
    rows = await connection.fetch(
        "select n from unnest($1::text[], $2::bigint[]) as wanted (n, k) where exists (select 1 from pg_locks"
        " where locktype = 'advisory' and objsubid = 1 and granted and (classid::bigint << 32 | objid::bigint) = k"
        " and database = (select oid from pg_database where datname = current_database()))",
        list(names),
        [_number(name) for name in names],
    )
    return frozenset(row["n"] for row in rows)


def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
