"""What a line of donating and shelving left: rows, records and letters as they lie there, read by plain SQL.

Opening a service would mend what is looked for (a read model that is behind, say), so none is opened. Values only;
`invariants.py` judges them.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg

from shared.runtime.hosting import open_log
from tests.support.journal import Told

Place = tuple[str, int]

_FACTS: Final = (
    "select position, tenant_id, stream, version, event_id::text, type, schema_version, key, recorded_at, actor_kind,"
    " actor_id, causation_id, unit_first, unit_last, chain_hash, data from events order by position"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One row of `events`."""

    position: int
    tenant_id: str
    stream: str
    version: int
    event_id: str
    type: str
    schema_version: int
    key: str
    recorded_at: datetime
    actor_kind: str
    actor_id: str
    causation_id: str | None
    unit_first: int
    unit_last: int
    chain_hash: bytes
    data: bytes

    @property
    def body(self) -> Mapping[str, Any]:
        """Return what the fact says."""
        found: Mapping[str, Any] = json.loads(self.data)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One row of `parked`."""

    topic: str
    partition: int
    offset: int
    key: str
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What one database holds. **Shape**: `rows` by table and key; `checkpoints` as offset and position."""

    facts: tuple[Fact, ...]
    head: tuple[int, bytes]
    answers: Mapping[str, tuple[str, int]]
    checkpoints: Mapping[Place, tuple[int, int]]
    parked: tuple[Waiting, ...]
    relayed: int
    projected: Mapping[str, int]
    rows: Mapping[str, Mapping[str, Mapping[str, Any]]]


_NEVER_OPENED: Final = Stored(
    facts=(), head=(0, bytes(32)), answers={}, checkpoints={}, parked=(), relayed=0, projected={}, rows={}
)
"""Of a service whose process was killed before it made its tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One record, by what its headers say."""

    event_id: str
    position: int
    previous: int
    stream: str
    version: int
    chain_hash: bytes
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All of it. **Shape**: `topics` holds our records of each partition in the order of their offsets."""

    giver: Stored
    shelver: Stored
    topics: Mapping[Place, tuple[Published, ...]]
    told: tuple[Told, ...]
    letters: tuple[str, ...]


async def stored(url: str) -> Stored:
    """Return what one database holds, under one snapshot."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if await connection.fetchval("select to_regclass('store_head')") is None:
                return _NEVER_OPENED
            tables = await connection.fetch(r"select tablename from pg_tables where tablename like 'rm\_%'")
            (head,) = await connection.fetch("select position, chain_hash from store_head")
            return Stored(
                facts=tuple(Fact(**row) for row in await connection.fetch(_FACTS)),
                head=(head[0], head[1]),
                answers={
                    row[0]: (row[1], row[2])
                    for row in await connection.fetch("select key, stream, version from idempotency")
                },
                checkpoints={
                    (row[0], row[1]): (row[2], row[3])
                    for row in await connection.fetch("select topic, partition, next_offset, position from checkpoint")
                },
                parked=tuple(
                    Waiting(**row)
                    for row in await connection.fetch(
                        'select topic, partition, offset_ as "offset", key, event_id::text from parked'
                        " order by topic, partition, offset_"
                    )
                ),
                relayed=await connection.fetchval("select position from relay_head"),
                projected=dict(await connection.fetch("select name, position from projected")),  # type: ignore[arg-type]
                rows={row[0]: await _rows(connection, row[0]) for row in tables},
            )
    finally:
        await connection.close()


async def _rows(connection: asyncpg.Connection, table: str) -> Mapping[str, Mapping[str, Any]]:
    found = await connection.fetch(f"select key, doc::text from {table}")  # noqa: S608 (a name of ours)
    return {row[0]: json.loads(row[1]) for row in found}


async def published(log_url: str, places: list[Place]) -> Mapping[Place, tuple[Published, ...]]:
    """Return the records of partitions that exist, in order, without those of strangers."""
    found: dict[Place, list[Published]] = defaultdict(list)
    async with open_log(log_url) as log, log.reader() as reader:
        counts = {topic: await log.partitions(topic) for topic, _ in places}
        ends = {place: await log.last(place) for place in places if counts[place[0]]}
        await reader.assign(dict.fromkeys(ends, 0))
        last = {place: record.offset for place, record in ends.items() if record}
        read = dict.fromkeys(last, -1)
        while any(read[place] < offset for place, offset in last.items()):
            for place, records in (await reader.fetch(records_max=10_000, seconds=1)).items():
                read[place] = records[-1].offset
                ours = [(dict(record.headers), record.value) for record in records]
                found[place] += [_published(headers, value) for headers, value in ours if "ce_id" in headers]
    return {place: tuple(records) for place, records in found.items()}


def _published(headers: Mapping[str, bytes], value: bytes) -> Published:
    return Published(
        event_id=headers["ce_id"].decode(),
        position=int(headers["ce_position"]),
        previous=int(headers["ce_previousposition"]),
        stream=headers["ce_subject"].decode(),
        version=int(headers["ce_sequence"]),
        chain_hash=bytes.fromhex(headers["ce_chainhash"].decode()),
        data=value,
    )
