"""The store at one moment: its head, and the small tables that say where everything stands.

Owns: the read-only transaction that every check is judged against. Refuses: reading facts; there may be millions, and
a snapshot that is held for minutes keeps the server from cleaning up behind the writers.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from shared.runtime.postgres import connect, unavailable
from shared.runtime.store import Checkpoint, Head, Parked, Place

STATEMENT_SECONDS_MAX: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a store remembers at one moment. **Shape**: `newest` is the last fact: position, chain hash, when."""

    head: Head
    newest: tuple[int, bytes, datetime] | None
    checkpoints: Mapping[Place, Checkpoint]
    projected: Mapping[str, tuple[int, str | None]]
    relayed: Mapping[Place, int]
    relay_position: int
    parked: Sequence[Parked]


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Return a connection whose statements may take long. **Errors**: `StoreUnavailable`."""
    connection = await connect(url, {"statement_timeout": f"{STATEMENT_SECONDS_MAX}s", "work_mem": "64MB"})
    try:
        with unavailable("the store"):
            yield connection
    finally:
        await connection.close(timeout=2)


@asynccontextmanager
async def snapshot(connection: asyncpg.Connection) -> AsyncIterator[Snapshot]:
    """Return the store at this moment; what the block asks the connection, it sees at the same moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        yield Snapshot(
            head=await _head(connection),
            newest=await _newest(connection),
            checkpoints=await _checkpoints(connection),
            projected={row[0]: (row[1], row[2]) for row in await connection.fetch("select * from projected")},
            relayed={
                (row[0], row[1]): row[2]
                for row in await connection.fetch("select topic, partition, position from relayed")
            },
            relay_position=await connection.fetchval("select position from relay_head"),
            parked=await _parked(connection),
        )


async def _head(connection: asyncpg.Connection) -> Head:
    (row,) = await connection.fetch(
        "select store_id::text, incarnation, position, chain_hash, recorded_at from store_head"
    )
    return Head(**row)


async def _newest(connection: asyncpg.Connection) -> tuple[int, bytes, datetime] | None:
    row = await connection.fetchrow(
        "select position, chain_hash, recorded_at from events order by position desc limit 1"
    )
    return None if row is None else (row[0], row[1], row[2])


async def _checkpoints(connection: asyncpg.Connection) -> Mapping[Place, Checkpoint]:
    rows = await connection.fetch(
        "select topic, partition, next_offset, store_id, incarnation, position from checkpoint"
    )
    return {
        (row[0], row[1]): Checkpoint(next_offset=row[2], store_id=row[3], incarnation=row[4], position=row[5])
        for row in rows
    }


async def _parked(connection: asyncpg.Connection) -> Sequence[Parked]:
    rows = await connection.fetch(
        "select tenant_id, key, topic, partition, offset_, position, event_id::text, cause from parked"
        " order by topic, partition, offset_"
    )
    return [
        Parked(
            tenant_id=row[0],
            key=row[1],
            place=(row[2], row[3]),
            offset=row[4],
            position=row[5],
            event_id=row[6],
            cause=row[7],
        )
        for row in rows
    ]
