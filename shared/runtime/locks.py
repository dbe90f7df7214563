"""Who works: locks that live as long as a session of the service's own database.

Owns: taking what is free, up to a fair share, and noticing what was lost. A process that dies gives its locks back
within seconds. Refuses: fencing; that is the checkpoint's business (`taking.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager, suppress
from hashlib import blake2b
from typing import Final

import asyncpg

from shared.runtime.postgres import CONNECTION_ERRORS, connect, unavailable

JOBS: Final = ("relay", "own-facts", "effects", "operations")
"""Names of the locks of a worker's jobs; a partition's is `topic/number`."""
_MEMBER: Final = "worker"
"""The lock that every process has a part in that wants a share."""
PING_SECONDS: Final = 1
ANSWER_SECONDS_MAX: Final = 5  # sooner than the server gives the locks of a silent session to somebody else


_HOLDERS: Final = (
    "(select from pg_locks where locktype = 'advisory' and objsubid = 1 and granted"
    " and (classid::bigint << 32 | objid::bigint) = k"
    " and database = (select oid from pg_database where datname = current_database()))"
)
_TAKE: Final = (
    "select n, pg_try_advisory_lock(k) as taken"  # noqa: S608 (ours)
    " from (select n, k from unnest($1::text[], $2::bigint[]) as wanted (n, k)"
    f" where $3 >= cardinality($1) or not exists {_HOLDERS} order by hashtext(n || pg_backend_pid()) limit $3) as free"
)
_MEMBERS: Final = f"select count(*) as members from (select $1::bigint as k) as member, lateral {_HOLDERS} as holders"  # noqa: S608 (ours)
_HELD: Final = f"select n from unnest($1::text[], $2::bigint[]) as wanted (n, k) where exists {_HOLDERS}"  # noqa: S608 (ours)


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

    async def take(self, names: Iterable[str], *, at_most: int | None = None) -> frozenset[str]:
        """Take what is free, until `at_most` of the names are held; return all that is held, by other names too.

        **Errors**: `StoreUnavailable`: everything is lost.
        """
        async with self._turn:
            asked = set(names)
            wanted = sorted(asked - self._held)
            room = len(wanted) if at_most is None else max(at_most - len(asked & self._held), 0)
            rows = await self._fetch(_TAKE, wanted, [_number(name) for name in wanted], room)
            self._held.update(row["n"] for row in rows if row["taken"])
            return frozenset(self._held)

    async def share(self, count: int) -> int:
        """Return how many of so many things each process may hold that asks for its share. **Errors**: as `take`."""
        async with self._turn:
            if _MEMBER not in self._held:
                await self._fetch("select pg_advisory_lock_shared($1)", _number(_MEMBER))
                self._held.add(_MEMBER)
            (row,) = await self._fetch(_MEMBERS, _number(_MEMBER))
            members: int = row["members"]
            return -(-count // members)

    async def give_back(self, names: Iterable[str]) -> None:
        """Give back what is held of these, once its work has ended. **Errors**: as `take`."""
        async with self._turn:
            held = sorted(self._held & set(names))
            await self._fetch(
                "select pg_advisory_unlock(k) from unnest($1::bigint[]) as held (k)", [*map(_number, held)]
            )
            self._held -= set(held)

    async def _fetch(self, query: str, *values: object) -> list[asyncpg.Record]:
        with unavailable("the database"):
            rows: list[asyncpg.Record] = await self._connection.fetch(query, *values, timeout=ANSWER_SECONDS_MAX)
            return rows


async def taken(connection: asyncpg.Connection, names: Collection[str]) -> frozenset[str]:
    """Return which locks somebody has, of the connection's database."""
    rows = await connection.fetch(_HELD, list(names), [_number(name) for name in names])
    return frozenset(row["n"] for row in rows)


def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
