"""Where wrapped data keys are kept: a PostgreSQL database of its own. **Shape**: `KeyStore` of `keys.py`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from shared.runtime.keys import WrappedKey
from shared.runtime.postgres import SCHEMA, apply_schema, end, pool, unavailable

_CONNECTIONS_MAX = 4


class PostgresKeyStore:
    """Keys in a table; a destroyed one keeps its row, so that nobody makes a second key for the person."""

    def __init__(self, connections: asyncpg.Pool) -> None:
        self._pool = connections

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["PostgresKeyStore"]:
        """Connect, make the table where it is missing, and close at the end. **Errors**: `StoreUnavailable`."""
        connections = await pool(url, size_max=_CONNECTIONS_MAX)
        try:
            with unavailable("the key store"):
                async with connections.acquire() as connection:
                    await apply_schema(connection, (SCHEMA / "keys.sql").read_text())
            yield cls(connections)
        finally:
            await end(connections)

    async def ensure(self, offered: Sequence[WrappedKey]) -> Sequence[WrappedKey]:
        """Keep the offered key of each subject that has none; return the one that each subject has."""
        columns = (
            [key.kid for key in offered],
            [key.tenant_id for key in offered],
            [key.subject for key in offered],
            [key.wrapped for key in offered],
        )
        with unavailable("the key store"):
            await self._pool.execute(
                "insert into data_keys (kid, tenant_id, subject, wrapped)"
                " select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[])"
                " on conflict (tenant_id, subject) do nothing",
                *columns,
            )
            rows = await self._pool.fetch(
                "select kid::text, tenant_id, subject, wrapped from data_keys"
                " join unnest($1::text[], $2::text[]) as wanted (tenant_id, subject) using (tenant_id, subject)",
                columns[1],
                columns[2],
            )
        return [WrappedKey(**row) for row in rows]

    async def find(self, kids: Sequence[str]) -> Sequence[WrappedKey]:
        """Return keys by id."""
        with unavailable("the key store"):
            rows = await self._pool.fetch(
                "select kid::text, tenant_id, subject, wrapped from data_keys where kid = any($1::uuid[])", kids
            )
        return [WrappedKey(**row) for row in rows]

    async def destroy(self, tenant_id: str, subject: str) -> None:
        """Forget a key for good; again changes nothing."""
        with unavailable("the key store"):
            await self._pool.execute(
                "update data_keys set wrapped = null, destroyed_at = now()"
                " where tenant_id = $1 and subject = $2 and wrapped is not null",
                tenant_id,
                subject,
            )
