"""The event store in PostgreSQL. **Shape**: `Store` of `store.py`, its promises and its suite.

Owns: the lock of the head, one writing connection, and what to do when it breaks around a commit. Refuses: deciding.
The head is read FOR UPDATE by the first statement alone, so that the next ones see what its last holder committed.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import asyncpg
from msgspec import json
from structlog import get_logger

from shared.events.envelope import Actor, Envelope
from shared.kernel.projection import AnyProjection, Projection
from shared.runtime.clock import new_id
from shared.runtime.postgres import CONNECTION_ERRORS, SCHEMA, apply_schema, connect, pool, unavailable
from shared.runtime.read_models import (
    columns,
    counts_statement,
    decoder,
    definitions,
    filter_types,
    page_statement,
    upsert,
)
from shared.runtime.store import (
    NOTHING_READ,
    Answer,
    Batch,
    Checkpoint,
    Head,
    NameKey,
    Parked,
    Place,
    ProjectionBroken,
    RowKey,
    StoreUnavailable,
    Stream,
    UnstorableValue,
    table_name,
)

Row = TypeVar("Row")

_LOG = get_logger("store")
_READERS_MAX: Final = 8
_HOLDER_SECONDS_MAX: Final = 10
_CHANNEL: Final = "claimlog_facts"
_EVENT_COLUMNS: Final = (
    "position, tenant_id, stream, version, event_id::text, type, schema_version, key, public, occurred_at, recorded_at,"
    " actor_kind, actor_id, correlation_id, causation_id, unit_first, unit_last, names, chain_hash, data"
)
_INSERT_EVENTS: Final = (
    "insert into events (position, tenant_id, stream, version, event_id, type, schema_version, key, public, occurred_at,"
    " recorded_at, actor_kind, actor_id, correlation_id, causation_id, unit_first, unit_last, names, chain_hash, data)"
    " select * from unnest($1::bigint[], $2::text[], $3::text[], $4::int[], $5::uuid[], $6::text[], $7::int[], $8::text[],"
    " $9::bool[], $10::timestamptz[], $11::timestamptz[], $12::text[], $13::text[], $14::text[], $15::text[],"
    " $16::bigint[], $17::bigint[], $18::text[], $19::bytea[], $20::bytea[])"
)
_DATA_ERRORS: Final = (asyncpg.DataError, asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)


class PostgresStore:
    """One service's store. Open it once per process."""

    def __init__(self, url: str, name: str, readers: asyncpg.Pool, projections: Mapping[str, AnyProjection]) -> None:
        self._url = url
        self._projections = projections
        self._name = name
        self._readers = readers
        self._writer: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()
        self._listener: asyncpg.Connection | None = None
        self._grown = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, projections: Sequence[AnyProjection], *, name: str) -> AsyncIterator["PostgresStore"]:
        """Connect, make tables where they are missing, and close at the end. **Errors**: `StoreUnavailable`."""
        readers = await pool(url, size_max=_READERS_MAX)
        store = cls(url, name, readers, {table_name(projection): projection for projection in projections})
        try:
            with unavailable(f"the store of {name}"):
                await store._prepare()
            yield store
        finally:
            await store._close()

    async def _prepare(self) -> None:
        async with self._readers.acquire() as connection:
            tables = [statement for projection in self._projections.values() for statement in definitions(projection)]
            await apply_schema(connection, (SCHEMA / "store.sql").read_text(), *tables)
            await connection.execute(
                "insert into store_head (store_id, chain_hash, recorded_at, system_id, timeline)"
                " select $1, $2, $3, system_identifier::text, timeline_id"
                " from pg_control_system(), pg_control_checkpoint() on conflict do nothing",
                new_id(),
                bytes(32),
                datetime(1970, 1, 1, tzinfo=UTC),
            )

    async def _close(self) -> None:
        for connection in (self._writer, self._listener):
            if connection is not None:
                with suppress(*CONNECTION_ERRORS):
                    await connection.close(timeout=2)
        await self._readers.close()

    # -- writing -------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def locked(self) -> AsyncIterator["_PostgresTx"]:
        """Return a transaction that holds the head; leaving it commits. **Errors**: `StoreUnavailable`, `UnstorableValue`."""
        async with self._turn:
            with unavailable(f"the store of {self._name}"):
                connection = await self._writing()
                transaction = connection.transaction()
                await transaction.start()
                head = await self._take_head(connection)
            tx = _PostgresTx(connection, head, self._projections)
            try:
                yield tx
            except BaseException:
                await self._roll_back(transaction)
                raise
            try:
                await transaction.commit()
            except CONNECTION_ERRORS as error:
                await self._drop_writer()
                if not await self._was_committed(tx):
                    raise StoreUnavailable("the connection broke and nothing was written; try again") from error

    async def _writing(self) -> asyncpg.Connection:
        if self._writer is None or self._writer.is_closed():
            self._writer = await connect(self._url)
        return self._writer

    async def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.terminate()
            self._writer = None

    async def _roll_back(self, transaction: Any) -> None:  # noqa: ANN401 (asyncpg types no transaction)
        try:
            await transaction.rollback()
        except (*CONNECTION_ERRORS, asyncpg.PostgresError):
            await self._drop_writer()

    async def _take_head(self, connection: asyncpg.Connection) -> Head:
        """Lock and read the head. A holder that sits on it for long is a stopped process: its session is ended."""
        asked = asyncio.ensure_future(
            connection.fetchrow(
                "select store_id::text, incarnation, position, chain_hash, recorded_at from store_head for update"
            )
        )
        done, _ = await asyncio.wait([asked], timeout=_HOLDER_SECONDS_MAX)
        if not done:
            await self._end_holder(connection.get_server_pid())
        row = await asked
        if row is None:
            raise StoreUnavailable("the store has no head; was its schema made by this release?")
        return Head(**row)

    async def _end_holder(self, waiting_pid: int) -> None:
        async with self._readers.acquire() as other:
            ended = await other.fetch(
                "select pid, pg_terminate_backend(pid) from unnest(pg_blocking_pids($1)) as pid", waiting_pid
            )
        _LOG.warning("lock-holder-ended", service=self._name, count=len(ended))

    async def _was_committed(self, tx: "_PostgresTx") -> bool:
        """Return whether a commit whose answer was lost took place: under the lock, on a new connection."""
        if tx.proof is None:
            return True
        with unavailable(f"the store of {self._name}"):
            connection = await self._writing()
            async with connection.transaction():
                await self._take_head(connection)
                return bool(await connection.fetchval(*tx.proof))

    # -- reading -------------------------------------------------------------------------------------------------

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        with unavailable(f"the store of {self._name}"):
            return await self._readers.fetch(query, *arguments)

    async def head(self) -> Head:
        """Return the end of the store, without its lock."""
        (row,) = await self._fetch(
            "select store_id::text, incarnation, position, chain_hash, recorded_at from store_head"
        )
        return Head(**row)

    async def events(
        self, after: int, *, types: Sequence[str] | None = None, tenant_id: str | None = None, events_max: int
    ) -> Sequence[Envelope]:
        """Return events by position."""
        rows = await self._fetch(
            f"select {_EVENT_COLUMNS} from events where position > $1"  # noqa: S608 (columns of ours)
            " and ($2::text[] is null or type = any($2)) and ($3::text is null or tenant_id = $3)"
            " order by position limit $4",
            after,
            types,
            tenant_id,
            events_max,
        )
        return [_envelope(row) for row in rows]

    async def has_event(self, event_id: str) -> bool:
        """Return whether an event exists."""
        return bool(await self._fetch("select 1 from events where event_id = $1", event_id))

    async def row(self, projection: Projection[Row, Any], tenant_id: str, key: str) -> Row | None:
        """Return one row of a read model. **Errors**: `ProjectionBroken`."""
        rows = await self._fetch(
            f"select (select broken from projected where name = $3) as broken, doc from {table_name(projection)}"  # noqa: S608
            " where tenant_id = $1 and key = $2",
            tenant_id,
            key,
            table_name(projection),
        )
        if not rows:
            return None
        _refuse_broken(rows[0]["broken"])
        row: Row = decoder(projection).decode(rows[0]["doc"])
        return row

    async def select(
        self,
        projection: Projection[Row, Any],
        tenant_id: str,
        *,
        where: Mapping[str, object],
        after: str | None,
        rows_max: int,
    ) -> Sequence[tuple[str, Row]]:
        """Return keys and rows whose filters have given values, by key. **Errors**: `ProjectionBroken`."""
        known = filter_types(projection)
        names = tuple(name for name, value in where.items() if value is not None)
        nulls = tuple(name for name, value in where.items() if value is None)
        if not set(where) <= set(known):
            raise KeyError(f"{projection.name} has no such filter")
        statement = page_statement(projection, names, nulls, after=after is not None)
        arguments = [where[name] for name in names] + ([] if after is None else [after])
        rows = await self._fetch(statement, tenant_id, *arguments, rows_max)
        broken = await self._fetch("select broken from projected where name = $1", table_name(projection))
        _refuse_broken(broken[0]["broken"] if broken else None)
        decode = decoder(projection).decode
        return [(row["key"], decode(row["doc"])) for row in rows]

    async def counts(
        self, projection: AnyProjection, tenant_id: str, *, by: str, where: Mapping[str, object]
    ) -> Mapping[str, int]:
        """Return how many rows have each value of a filter."""
        names = tuple(where)
        rows = await self._fetch(counts_statement(projection, by, names), tenant_id, *(where[name] for name in names))
        return {str(value): count for value, count in rows}

    async def file(self, tenant_id: str, sha256: str) -> tuple[str, bytes] | None:
        """Return kind and sealed bytes of a stored file."""
        rows = await self._fetch(
            "select kind, sealed from files where tenant_id = $1 and sha256 = $2", tenant_id, sha256
        )
        return (rows[0]["kind"], rows[0]["sealed"]) if rows else None

    async def files(self, known: int) -> Sequence[tuple[str, str, str]]:
        """Return tenant, hash and kind of stored files in order of storing, after the first `known`."""
        rows = await self._fetch(
            "select tenant_id, sha256, kind from files order by stored_at, tenant_id, sha256 offset $1", known
        )
        return [(row[0], row[1], row[2]) for row in rows]

    async def number(self, tenant_id: str, sequence: str) -> int:
        """Return the next number of a sequence."""
        (row,) = await self._fetch(
            "insert into number_sequence (tenant_id, name, last) values ($1, $2, 1)"
            " on conflict (tenant_id, name) do update set last = number_sequence.last + 1 returning last",
            tenant_id,
            sequence,
        )
        return int(row["last"])

    async def relayed(self) -> tuple[int, Mapping[Place, int]]:
        """Return up to which position facts were published, and the highest of each partition."""
        rows = await self._fetch("select topic, partition, position from relayed")
        (head,) = await self._fetch("select position from relay_head")
        return head[0], {(row[0], row[1]): row[2] for row in rows}

    async def remember_relayed(self, position: int, sent: Mapping[Place, int]) -> None:
        """Remember what was published."""
        await self._fetch(
            "with head as (update relay_head set position = $1)"
            " insert into relayed (topic, partition, position)"
            " select * from unnest($2::text[], $3::int[], $4::bigint[])"
            " on conflict (topic, partition) do update set position = excluded.position",
            position,
            [topic for topic, _ in sent],
            [partition for _, partition in sent],
            list(sent.values()),
        )

    async def tenants(self) -> Sequence[str]:
        """Return all tenants that have facts, by a walk over the index."""
        rows = await self._fetch(
            "with recursive t as ((select tenant_id from events order by tenant_id limit 1) union all"
            " select (select e.tenant_id from events e where e.tenant_id > t.tenant_id order by e.tenant_id limit 1)"
            " from t where t.tenant_id is not null) select tenant_id from t where tenant_id is not null"
        )
        return [row["tenant_id"] for row in rows]

    async def checkpoint(self, place: Place) -> Checkpoint:
        """Return how far a partition was consumed."""
        rows = await self._fetch(
            "select next_offset, store_id, incarnation, position, attempts from checkpoint"
            " where topic = $1 and partition = $2",
            *place,
        )
        return Checkpoint(**rows[0]) if rows else NOTHING_READ

    async def attempt(self, place: Place) -> int:
        """Count one more try at what follows a checkpoint, at once and for good; return how many there were."""
        (row,) = await self._fetch(
            "insert into checkpoint (topic, partition, next_offset, store_id, incarnation, position, attempts)"
            " values ($1, $2, 0, '', 0, 0, 1)"
            " on conflict (topic, partition) do update set attempts = checkpoint.attempts + 1 returning attempts",
            *place,
        )
        return int(row["attempts"])

    async def parked(self, tenant_id: str | None, *, rows_max: int) -> Sequence[Parked]:
        """Return parked records, oldest first."""
        rows = await self._fetch(
            "select topic, partition, offset_, tenant_id, key, position, event_id::text, cause from parked"
            " where $1::text is null or tenant_id = $1 order by topic, partition, offset_ limit $2",
            tenant_id,
            rows_max,
        )
        return [
            Parked(
                tenant_id=row["tenant_id"],
                key=row["key"],
                place=(row["topic"], row["partition"]),
                offset=row["offset_"],
                position=row["position"],
                event_id=row["event_id"],
                cause=row["cause"],
            )
            for row in rows
        ]

    async def wait_for_facts(self, after: int, seconds: float) -> None:
        """Return when the store has facts after a position, or when the time is over."""
        if self._listener is None or self._listener.is_closed():
            with unavailable(f"the store of {self._name}"):
                self._listener = await connect(self._url)
                await self._listener.execute("set idle_in_transaction_session_timeout = 0")
                await self._listener.add_listener(_CHANNEL, lambda *_: self._grown.set())
        if (await self.head()).position > after:
            return
        self._grown.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._grown.wait(), seconds)


def _refuse_broken(broken: str | None) -> None:
    if broken is not None:
        raise ProjectionBroken("this read model stopped at a fact that it cannot fold; mend and rebuild it")


def _envelope(row: asyncpg.Record) -> Envelope:
    return Envelope(
        position=row[0],
        tenant_id=row[1],
        stream=row[2],
        version=row[3],
        event_id=row[4],
        type=row[5],
        schema_version=row[6],
        key=row[7],
        public=row[8],
        occurred_at=row[9],
        recorded_at=row[10],
        actor=Actor(kind=row[11], id=row[12]),
        correlation_id=row[13],
        causation_id=row[14],
        unit_first=row[15],
        unit_last=row[16],
        names=tuple((kind, hmac) for kind, hmac in json.decode(row[17])) if row[17] != "[]" else (),
        chain_hash=row[18],
        data=row[19],
    )


class _PostgresTx:
    """One transaction that holds the head. **Shape**: `StoreTx`; `proof` asks whether it was committed."""

    def __init__(self, connection: asyncpg.Connection, head: Head, projections: Mapping[str, AnyProjection]) -> None:
        self.head = head
        self._projections = projections
        self.proof: tuple[str, *tuple[object, ...]] | None = None
        self._connection = connection

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        with unavailable("the store"):
            return await self._connection.fetch(query, *arguments)

    async def events_after(self, known: Mapping[Stream, int]) -> Sequence[Envelope]:
        """Return the events of streams above the versions that are known, in order of stream and version."""
        rows = await self._fetch(
            f"select {_EVENT_COLUMNS} from unnest($1::text[], $2::text[], $3::int[]) as known (t, s, v)"  # noqa: S608
            " join events on tenant_id = t and stream = s and version > v order by tenant_id, stream, version",
            [tenant_id for tenant_id, _ in known],
            [stream for _, stream in known],
            list(known.values()),
        )
        return [_envelope(row) for row in rows]

    async def held_names(self, names: Sequence[NameKey]) -> Mapping[NameKey, str]:
        """Return the streams that hold names."""
        rows = await self._fetch(
            "select tenant_id, kind, hmac, stream from names"
            " join unnest($1::text[], $2::text[], $3::text[]) as wanted (tenant_id, kind, hmac)"
            " using (tenant_id, kind, hmac)",
            *map(list, zip(*names, strict=True)),
        )
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    async def answers(self, keys: Sequence[tuple[str, str, str]]) -> Mapping[tuple[str, str, str], Answer]:
        """Return what idempotency keys (tenant, route, key) were answered with."""
        rows = await self._fetch(
            "select tenant_id, route, key, body_hmac, stream, version from idempotency"
            " join unnest($1::text[], $2::text[], $3::text[]) as wanted (tenant_id, route, key)"
            " using (tenant_id, route, key)",
            *map(list, zip(*keys, strict=True)),
        )
        return {(row[0], row[1], row[2]): Answer(body_hmac=row[3], stream=row[4], version=row[5]) for row in rows}

    async def existing(self, event_ids: Sequence[str]) -> frozenset[str]:
        """Return which event ids exist."""
        rows = await self._fetch("select event_id::text from events where event_id = any($1::uuid[])", event_ids)
        return frozenset(row[0] for row in rows)

    async def rows(self, projection: AnyProjection, keys: Sequence[RowKey]) -> Mapping[RowKey, Any]:
        """Return the rows of a read model that exist."""
        rows = await self._fetch(
            f"select tenant_id, key, doc from {table_name(projection)}"  # noqa: S608 (a name of ours)
            " join unnest($1::text[], $2::text[]) as wanted (tenant_id, key) using (tenant_id, key)",
            *map(list, zip(*keys, strict=True)),
        )
        decode = decoder(projection).decode
        return {(row[0], row[1]): decode(row[2]) for row in rows}

    async def checkpoints(self, places: Sequence[Place]) -> Mapping[Place, Checkpoint]:
        """Return how far partitions were consumed."""
        rows = await self._fetch(
            "select topic, partition, next_offset, store_id, incarnation, position, attempts from checkpoint"
            " join unnest($1::text[], $2::int[]) as wanted (topic, partition) using (topic, partition)",
            *map(list, zip(*places, strict=True)),
        )
        found = {(row[0], row[1]): Checkpoint(**dict(list(row.items())[2:])) for row in rows}
        return {place: found.get(place, NOTHING_READ) for place in places}

    async def parked_keys(self, keys: Sequence[RowKey]) -> frozenset[RowKey]:
        """Return which record keys have parked records."""
        if not keys:
            return frozenset()
        rows = await self._fetch(
            "select distinct tenant_id, key from parked"
            " join unnest($1::text[], $2::text[]) as wanted (tenant_id, key) using (tenant_id, key)",
            *map(list, zip(*keys, strict=True)),
        )
        return frozenset((row[0], row[1]) for row in rows)

    async def projected(self) -> Mapping[str, int]:
        """Return up to which position each own read model was folded, by `table_name`."""
        return {row[0]: row[1] for row in await self._fetch("select name, position from projected")}

    async def events_between(self, after: int, to: int) -> Sequence[Envelope]:
        """Return events by position, as the lock shows them."""
        rows = await self._fetch(
            f"select {_EVENT_COLUMNS} from events where position > $1 and position <= $2 order by position",  # noqa: S608
            after,
            to,
        )
        return [_envelope(row) for row in rows]

    async def write(self, batch: Batch) -> None:
        """Write a batch. **Errors**: `UnstorableValue`."""
        try:
            with unavailable("the store"):
                await self._write(batch)
        except _DATA_ERRORS as error:
            raise UnstorableValue("the database refuses a value") from error

    async def _write(self, batch: Batch) -> None:
        if batch.events:
            await self._write_events(batch)
        await self._write_small(batch)
        await self._write_rows(batch)
        for place, (read_from, moved) in batch.checkpoints.items():
            await self._move(place, read_from, moved)
        if batch.events:
            self.proof = ("select exists (select 1 from events where event_id = $1)", batch.events[0].event_id)

    async def _write_events(self, batch: Batch) -> None:
        events = batch.events
        await self._connection.execute(
            _INSERT_EVENTS,
            [e.position for e in events],
            [e.tenant_id for e in events],
            [e.stream for e in events],
            [e.version for e in events],
            [e.event_id for e in events],
            [e.type for e in events],
            [e.schema_version for e in events],
            [e.key for e in events],
            [e.public for e in events],
            [e.occurred_at for e in events],
            [e.recorded_at for e in events],
            [e.actor.kind for e in events],
            [e.actor.id for e in events],
            [e.correlation_id for e in events],
            [e.causation_id for e in events],
            [e.unit_first for e in events],
            [e.unit_last for e in events],
            [json.encode(e.names).decode() if e.names else "[]" for e in events],
            [e.chain_hash for e in events],
            [e.data for e in events],
        )
        last = events[-1]
        await self._connection.execute(
            f"with woken as (select pg_notify('{_CHANNEL}', ''))"  # noqa: S608 (a name of ours)
            " update store_head set position = $1, chain_hash = $2, recorded_at = $3 from woken",
            last.position,
            last.chain_hash,
            last.recorded_at,
        )

    async def _write_small(self, batch: Batch) -> None:
        if batch.names:
            await self._connection.execute(
                "insert into names (tenant_id, kind, hmac, stream)"
                " select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])"
                " on conflict (tenant_id, kind, hmac) do update set stream = excluded.stream",
                *map(list, zip(*batch.names, strict=True)),
                list(batch.names.values()),
            )
        if batch.answers:
            await self._connection.executemany(
                "insert into idempotency (tenant_id, route, key, body_hmac, stream, version)"
                " values ($1, $2, $3, $4, $5, $6)",
                [(*key, each.body_hmac, each.stream, each.version) for key, each in batch.answers.items()],
            )
        if batch.parked:
            await self._connection.executemany(
                "insert into parked (topic, partition, offset_, tenant_id, key, position, event_id, cause)"
                " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
                [
                    (*each.place, each.offset, each.tenant_id, each.key, each.position, each.event_id, each.cause)
                    for each in batch.parked
                ],
            )
        if batch.released:
            await self._connection.executemany(
                "delete from parked where topic = $1 and partition = $2 and offset_ = $3",
                [(*place, offset) for place, offset in batch.released],
            )
        if batch.files:
            await self._connection.executemany(
                "insert into files (tenant_id, sha256, kind, sealed) values ($1, $2, $3, $4) on conflict do nothing",
                [(*key, file.kind, sealed) for key, (file, sealed) in batch.files.items()],
            )

    async def _write_rows(self, batch: Batch) -> None:
        for projection, rows in ((self._projections[name], rows) for name, rows in batch.rows.items()):
            kept = {key: row for key, row in rows.items() if row is not None}
            gone = [key for key, row in rows.items() if row is None]
            if kept:
                await self._connection.execute(upsert(projection), *columns(projection, kept))
            if gone:
                await self._connection.execute(
                    f"delete from {table_name(projection)} where (tenant_id, key) in"  # noqa: S608 (a name of ours)
                    " (select * from unnest($1::text[], $2::text[]))",
                    *map(list, zip(*gone, strict=True)),
                )
        names = sorted({*batch.projected, *batch.broken})
        moved = [(name, batch.projected.get(name, 0), batch.broken.get(name)) for name in names]
        if moved:
            await self._connection.execute(
                "insert into projected (name, position, broken)"
                " select * from unnest($1::text[], $2::bigint[], $3::text[])"
                " on conflict (name) do update set position = greatest(projected.position, excluded.position),"
                " broken = coalesce(projected.broken, excluded.broken)",
                *map(list, zip(*moved, strict=True)),
            )

    async def _move(self, place: Place, read_from: Checkpoint, moved: Checkpoint) -> None:
        """Move a checkpoint from where the batch was read. **Errors**: `RuntimeError`: the lock was not held."""
        status = await self._connection.execute(
            "insert into checkpoint (topic, partition, next_offset, store_id, incarnation, position)"
            " values ($1, $2, $3, $4, $5, $6) on conflict (topic, partition) do update set"
            " next_offset = excluded.next_offset, store_id = excluded.store_id, incarnation = excluded.incarnation,"
            " position = excluded.position, attempts = 0"
            " where checkpoint.next_offset = $7 and checkpoint.position = $8",
            *place,
            moved.next_offset,
            moved.store_id,
            moved.incarnation,
            moved.position,
            read_from.next_offset,
            read_from.position,
        )
        if status != "INSERT 0 1":
            raise RuntimeError("a checkpoint moved while the lock of the store was held")
        self.proof = (
            "select exists (select 1 from checkpoint where topic = $1 and partition = $2 and next_offset >= $3)",
            *place,
            moved.next_offset,
        )
