"""What one flush asks and writes in PostgreSQL while it holds the head. **Shape**: `StoreTx` of `store.py`.

Owns: the statements of the write path. Refuses: opening, committing and what to do when that breaks
(`store_postgres.py`).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from msgspec import json

from shared.events.envelope import Actor, Envelope
from shared.kernel.projection import AnyProjection
from shared.runtime.listening import CHANNEL, notification
from shared.runtime.postgres import storable, unavailable
from shared.runtime.read_models import (
    column_names,
    decoder,
    generation_table,
    rows_of_tables,
    upsert,
    upserts,
    values,
)
from shared.runtime.store import (
    Batch,
    Fact,
    Head,
    NameKey,
    Place,
    Restoration,
    RowKey,
    Standing,
    Stream,
    UnstorableValue,
    table_name,
)

EVENT_COLUMNS: Final = (
    "position, tenant_id, stream, version, event_id::text, type, schema_version, key, public, occurred_at, recorded_at,"
    " actor_kind, actor_id, correlation_id, causation_id, unit_first, unit_last, names, chain_hash, data"
)
FACTS_BETWEEN: Final = (
    "select position, tenant_id, event_id::text, type, schema_version, data from events"
    " where position > $1 and position <= $2 and type = any($3::text[]) order by position"
)
_EVENT_COLUMN_NAMES: Final = tuple(EVENT_COLUMNS.replace("::text", "").split(", "))
_COPIED_FROM: Final = 30  # a COPY waits twice for the database; fewer rows go along with what is written anyway
_WRITE: Final = (
    "with {written} projecting as (insert into projected (name, position, broken)"
    "  select * from unnest($1::text[], $2::bigint[], $3::text[])"
    "  on conflict (name) do update set position = greatest(projected.position, excluded.position),"
    "  broken = coalesce(projected.broken, excluded.broken)),"
    " woken as (select pg_notify($4, $5::text) where $5::text is not null),"
    " headed as (update store_head set position = $6, chain_hash = $7, recorded_at = $8 where $6::bigint is not null),"
    " given as (select * from unnest($9::text[], $10::int[], $11::bigint[], $12::text[], $13::int[], $14::bigint[],"
    "  $15::bigint[], $16::bigint[])"
    "  as given (topic, partition, next_offset, store_id, incarnation, position, read_offset, read_position)),"
    " moved as (update checkpoint set next_offset = given.next_offset, store_id = given.store_id,"
    "  incarnation = given.incarnation, position = given.position, attempts = 0 from given"
    "  where checkpoint.topic = given.topic and checkpoint.partition = given.partition"
    "  and checkpoint.next_offset = given.read_offset and checkpoint.position = given.read_position returning 1),"
    " made as (insert into checkpoint (topic, partition, next_offset, store_id, incarnation, position)"
    "  select topic, partition, next_offset, store_id, incarnation, position from given"
    "  where not exists (select 1 from checkpoint c where c.topic = given.topic and c.partition = given.partition)"
    "  returning 1)"
    " select (select count(*) from moved) + (select count(*) from made), (select count(*) from woken)"
)
_WRITE_PARAMETERS: Final = 16
_EVENTS: Final = (
    f"insert into events ({', '.join(_EVENT_COLUMN_NAMES)})"  # noqa: S608 (columns of ours)
    " select (e ->> 0)::bigint, e ->> 1, e ->> 2, (e ->> 3)::int, (e ->> 4)::uuid, e ->> 5, (e ->> 6)::int, e ->> 7,"
    " (e ->> 8)::boolean, (e ->> 9)::timestamptz, (e ->> 10)::timestamptz, e ->> 11, e ->> 12, e ->> 13, e ->> 14,"
    " (e ->> 15)::bigint, (e ->> 16)::bigint, e ->> 17, decode(e ->> 18, 'base64'), decode(e ->> 19, 'base64')"
    " from jsonb_array_elements(${n}::jsonb) as e"
)
_NAMES: Final = (
    "insert into names (tenant_id, kind, hmac, stream)"
    " select given ->> 0, given ->> 1, given ->> 2, given ->> 3 from jsonb_array_elements(${n}::jsonb) as given"
    " on conflict (tenant_id, kind, hmac) do update set stream = excluded.stream"
)
_ANSWERS: Final = (
    "insert into idempotency (tenant_id, route, key, body_hmac, stream, version, token, status)"
    " select given ->> 0, given ->> 1, given ->> 2, given ->> 3, given ->> 4, (given ->> 5)::int, given ->> 6,"
    " (given ->> 7)::int"
    " from jsonb_array_elements(${n}::jsonb) as given"
)
_LOCK_STREAMS: Final = (
    "with lost as materialized (select position from events where type = 'PositionLost'),"
    " torn as (select e.tenant_id, e.stream, l.position from lost l join events e"
    "  on e.position between l.position - $1 and l.position + $1"
    "  and l.position between e.unit_first and e.unit_last and e.type <> all($2::text[])"
    "  union all select e.tenant_id, e.stream, e.position from events e"
    "  where e.position > (select min(position) from lost) and e.version > 1 and e.type <> all($2::text[])"
    "  and not exists (select 1 from events p"
    "   where p.tenant_id = e.tenant_id and p.stream = e.stream and p.version = e.version - 1))"
    " insert into locked_stream (tenant_id, stream, position)"
    " select t.tenant_id, t.stream, min(t.position) from torn t where not exists (select 1 from events u"
    "  where u.tenant_id = t.tenant_id and u.stream = 'unlocked-' || t.stream and u.position > t.position)"
    " group by t.tenant_id, t.stream on conflict do nothing"
)
_END_RESTORE: Final = (
    "update store_head set restoring = false, incarnation = $1, system_id = system_identifier::text,"
    " timeline = timeline_id, streams_locked = exists (select 1 from locked_stream)"
    " from pg_control_system(), pg_control_checkpoint()"
)
_NUMBERS_AHEAD: Final = 1_000
"""By how much sequences are raised after a restore: numbers may have been given out that no fact tells of."""


class PostgresTx:
    """One transaction that holds the head. **Shape**: `StoreTx`; `proof` asks whether it was committed."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        head: Head,
        standing: Standing,
        projections: Mapping[str, AnyProjection],
        generations: Mapping[str, int],
    ) -> None:
        self.head = head
        self.standing = standing
        self._connection = connection
        self.proof: tuple[str, *tuple[object, ...]] | None = None
        self._projections = projections
        self._generations = generations

    @property
    def connection(self) -> asyncpg.Connection:
        """Return the connection, for what a rebuild writes under the same lock."""
        return self._connection

    def _table(self, projection: AnyProjection) -> str:
        name = table_name(projection)
        return generation_table(name, self._generations.get(name, 1))

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        with storable(), unavailable("the store"):
            return await self._connection.fetch(query, *arguments)

    async def events_after(self, known: Mapping[Stream, int]) -> Sequence[Envelope]:
        """Return the events of streams above the versions that are known, in order of stream and version."""
        rows = await self._fetch(
            "select newer.* from unnest($1::text[], $2::text[], $3::int[]) as known (t, s, v)"  # noqa: S608 (ours)
            f" cross join lateral (select {EVENT_COLUMNS} from events"
            "  where tenant_id = t and stream = s and version > v offset 0) as newer order by t, s, version",
            [tenant_id for tenant_id, _ in known],
            [stream for _, stream in known],
            list(known.values()),
        )
        return [envelope_of(row) for row in rows]

    async def held_names(self, names: Sequence[NameKey]) -> Mapping[NameKey, str]:
        """Return the streams that hold names."""
        rows = await self._fetch(
            "select tenant_id, kind, hmac, stream from names"
            " join unnest($1::text[], $2::text[], $3::text[]) as wanted (tenant_id, kind, hmac)"
            " using (tenant_id, kind, hmac)",
            *map(list, zip(*names, strict=True)),
        )
        return {(row["tenant_id"], row["kind"], row["hmac"]): row["stream"] for row in rows}

    async def rows(
        self, wanted: Mapping[AnyProjection, Sequence[RowKey]]
    ) -> Mapping[AnyProjection, Mapping[RowKey, Any]]:
        """Return the rows of read models that exist: one question, however many read models it is about."""
        projections = sorted(wanted, key=self._table)  # one statement for each set, whatever order it comes in
        keys = [list(column) for each in projections for column in zip(*wanted[each], strict=True)]
        rows = await self._fetch(rows_of_tables(tuple(map(self._table, projections))), *keys)
        found: dict[AnyProjection, dict[RowKey, Any]] = {each: {} for each in projections}
        into = [(found[each], decoder(each).decode) for each in projections]
        for number, tenant_id, key, doc in rows:
            table, decode = into[number]
            table[tenant_id, key] = decode(doc)
        return found

    async def oldest_parked(self, keys: Sequence[RowKey]) -> Mapping[RowKey, tuple[Place, int]]:
        """Return the place of the oldest parked record of each key that has one."""
        rows = await self._fetch(
            "select distinct on (tenant_id, key) tenant_id, key, topic, partition, offset_ from parked"
            " join unnest($1::text[], $2::text[]) as wanted (tenant_id, key) using (tenant_id, key)"
            " order by tenant_id, key, topic, partition, offset_",
            *map(list, zip(*keys, strict=True)),
        )
        return {(row[0], row[1]): ((row[2], row[3]), row[4]) for row in rows}

    async def locked_streams(self) -> frozenset[Stream]:
        """Return the streams on which nothing is decided."""
        return frozenset((row[0], row[1]) for row in await self._fetch("select tenant_id, stream from locked_stream"))

    async def projected(self) -> Mapping[str, tuple[int, str | None]]:
        """Return up to which position each own read model was folded, by `table_name`."""
        return {row[0]: (row[1], row[2]) for row in await self._fetch("select name, position, broken from projected")}

    async def facts_between(self, after: int, to: int, types: Collection[str]) -> Sequence[Fact]:
        """Return the facts of some types above a position up to another, by position."""
        return [Fact(*row) for row in await self._fetch(FACTS_BETWEEN, after, to, types)]

    async def write(self, batch: Batch) -> None:
        """Write a batch. **Errors**: `UnstorableValue`."""
        with storable(), unavailable("the store"):
            await self._write(batch)

    async def _write(self, batch: Batch) -> None:
        if batch.only_folds():
            await self._connection.execute("set local synchronous_commit = off")  # nobody waits for the disk
        if len(batch.events) >= _COPIED_FROM:
            await _copy(self._connection, "events", _EVENT_COLUMN_NAMES, list(map(_event_values, batch.events)))
        await self._write_seldom(batch)
        await self._write_whole(batch, await self._copy_rows(batch))
        if batch.events:
            self.proof = ("select exists (select 1 from events where event_id = $1)", batch.events[0].event_id)
        elif batch.checkpoints:
            place, (_, to) = next(iter(batch.checkpoints.items()))
            self.proof = (
                "select exists (select 1 from checkpoint where topic = $1 and partition = $2 and next_offset >= $3)",
                *place,
                to.next_offset,
            )

    async def begin_restore(self, store_id: str) -> None:
        """Let nobody else write, hold effects, and be the store that the topics know."""
        await self._fetch("update store_head set restoring = true, effects_held = true, store_id = $1", store_id)

    async def end_restore(self, ended: Restoration) -> None:
        """Begin a new incarnation here, raise numbers, lock streams of which facts are lost, and let others write."""
        await self._fetch(_LOCK_STREAMS, ended.unit_events_max, ended.never_locked)
        await self._fetch(_END_RESTORE, ended.incarnation)
        await self._fetch("update relay_head set position = $1", ended.relayed)
        await self._fetch("delete from relayed")
        await self._fetch(
            "insert into relayed (topic, partition, position)"
            " select * from unnest($1::text[], $2::int[], $3::bigint[])",
            [topic for topic, _ in ended.sent],
            [partition for _, partition in ended.sent],
            list(ended.sent.values()),
        )
        began = [(*place, number, after) for place, numbers in ended.began.items() for number, after in numbers.items()]
        await self._fetch("delete from incarnation")
        await self._fetch(
            "insert into incarnation (topic, partition, incarnation, after_position)"
            " select * from unnest($1::text[], $2::int[], $3::int[], $4::bigint[])",
            *map(list, zip(*began, strict=True)) if began else [[]] * 4,
        )
        await self._fetch(
            "insert into number_sequence (tenant_id, name, last)"
            " select * from unnest($1::text[], $2::text[], $3::bigint[]) on conflict (tenant_id, name)"
            " do update set last = greatest(number_sequence.last, excluded.last)",
            [tenant_id for tenant_id, _ in ended.numbers],
            [name for _, name in ended.numbers],
            list(ended.numbers.values()),
        )
        await self._fetch("update number_sequence set last = last + $1", _NUMBERS_AHEAD)
        self.proof = ("select not restoring from store_head",)

    async def _write_seldom(self, batch: Batch) -> None:
        if batch.parked:
            await self._connection.executemany(
                "insert into parked (topic, partition, offset_, tenant_id, key, position, event_id, cause,"
                " parked_at) values ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, now())) on conflict do nothing",
                [
                    (
                        *each.place,
                        each.offset,
                        each.tenant_id,
                        each.key,
                        each.position,
                        each.event_id,
                        each.cause,
                        each.parked_at,
                    )
                    for each in batch.parked
                ],
            )
        if batch.released:
            await self._connection.executemany(
                "delete from parked where topic = $1 and partition = $2 and offset_ = $3",
                [(*place, offset) for place, offset in batch.released],
            )
        if batch.discarded:
            await self._connection.executemany(
                "insert into discarded (event_id, tenant_id, key, topic, partition, offset_)"
                " values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
                [(each.event_id, each.tenant_id, each.key, *each.place, each.offset) for each in batch.discarded],
            )
        if batch.unlocked:
            await self._unlock(batch.unlocked)
        if batch.files:
            await self._connection.executemany(
                "insert into files (tenant_id, sha256, kind, sealed) values ($1, $2, $3, $4) on conflict do nothing",
                [(*key, file.kind, sealed) for key, (file, sealed) in batch.files.items()],
            )

    async def _unlock(self, streams: Iterable[Stream]) -> None:
        await self._connection.execute(
            "delete from locked_stream where (tenant_id, stream) in (select * from unnest($1::text[], $2::text[]))",
            *map(list, zip(*streams, strict=True)),
        )
        await self._connection.execute("update store_head set streams_locked = exists (select 1 from locked_stream)")

    async def _copy_rows(self, batch: Batch) -> Mapping[str, Mapping[RowKey, Any]]:
        """Copy new rows where there are many of one read model, take away those that are gone; return the rest."""
        left: dict[str, Mapping[RowKey, Any]] = {}
        for name in sorted(batch.rows):  # one statement for each set of read models, whatever order it comes in
            projection, rows, absent = self._projections[name], batch.rows[name], batch.absent[name]
            table = self._table(projection)
            new, changed, gone = _sorted(rows, absent)
            if len(new) >= _COPIED_FROM:
                await _copy(self._connection, table, column_names(projection), values(projection, new))
            else:
                changed = new | changed
            await _delete(self._connection, table, gone)
            if changed:
                left[name] = changed
        return left

    def _parts(
        self, batch: Batch, rows: Mapping[str, Mapping[RowKey, Any]]
    ) -> Iterator[tuple[Callable[[int], str], str]]:
        """Yield what goes into one statement: each part of it, given the number of its parameter, and what that is."""
        if 0 < len(batch.events) < _COPIED_FROM:
            yield partial(_numbered, _EVENTS), _document(list(map(_event_values, batch.events)))
        if batch.names:
            yield partial(_numbered, _NAMES), _document([(*key, stream) for key, stream in batch.names.items()])
        if batch.answers:
            answers = [
                (*key, each.body_hmac, each.stream, each.version, each.token, each.status)
                for key, each in batch.answers.items()
            ]
            yield partial(_numbered, _ANSWERS), _document(answers)
        for name, changed in rows.items():
            projection = self._projections[name]
            yield partial(upserts, projection, self._table(projection)), _document(values(projection, changed))

    async def _write_whole(self, batch: Batch, rows: Mapping[str, Mapping[RowKey, Any]]) -> None:
        """Write in one statement what is left: few facts, rows, names, head, checkpoints; wake who waits.

        A statement costs as much Python as thirty rows in it. **Errors**: `RuntimeError`: the lock was not held.
        """
        parts = list(self._parts(batch, rows))
        statements = tuple(statement(n) for n, (statement, _) in enumerate(parts, _WRITE_PARAMETERS + 1))
        names = sorted({*batch.projected, *batch.broken})
        last = batch.events[-1] if batch.events else None
        moves = batch.checkpoints
        moved = await self._connection.fetchval(
            _whole(statements),
            names,
            [batch.projected.get(name, 0) for name in names],
            [batch.broken.get(name) for name in names],
            CHANNEL,
            notification(last.position, (each.type for each in batch.events)) if last else None,
            last.position if last else None,
            last.chain_hash if last else None,
            last.recorded_at if last else None,
            [topic for topic, _ in moves],
            [partition for _, partition in moves],
            [to.next_offset for _, to in moves.values()],
            [to.store_id for _, to in moves.values()],
            [to.incarnation for _, to in moves.values()],
            [to.position for _, to in moves.values()],
            [read_from.next_offset for read_from, _ in moves.values()],
            [read_from.position for read_from, _ in moves.values()],
            *[encoded for _, encoded in parts],
        )
        if moved != len(moves):
            raise RuntimeError("a checkpoint moved while the lock of the store was held")


@lru_cache(maxsize=64)
def _numbered(statement: str, parameter: int) -> str:
    return statement.format(n=parameter)


@lru_cache(maxsize=1_024)
def _whole(statements: tuple[str, ...]) -> str:
    """Return the statement that writes all that others do, and moves what follows the facts."""
    return _WRITE.format(written="".join(f"written_{n} as ({each})," for n, each in enumerate(statements)))


async def write_rows(
    connection: "asyncpg.Connection | PoolConnectionProxy",
    projection: AnyProjection,
    table: str,
    rows: Mapping[RowKey, Any],
    absent: Collection[RowKey] = (),
) -> None:
    """Write rows into a table of a read model; None takes one away. **Errors**: `UnstorableValue`, asyncpg's.

    **Shape**: `absent` are those that are not in the table now.
    """
    new, changed, gone = _sorted(rows, absent)
    if len(new) >= _COPIED_FROM:
        await _copy(connection, table, column_names(projection), values(projection, new))
    else:
        changed = new | changed
    if changed:
        await connection.executemany(upsert(projection, table), values(projection, changed))
    await _delete(connection, table, gone)


def _sorted(
    rows: Mapping[RowKey, Any], absent: Collection[RowKey]
) -> tuple[dict[RowKey, Any], dict[RowKey, Any], list[RowKey]]:
    """Return rows that are new, those that are there or may be, and the keys of those that are gone."""
    new: dict[RowKey, Any] = {}
    changed: dict[RowKey, Any] = {}
    gone: list[RowKey] = []
    for key, row in rows.items():
        if row is not None:
            (new if key in absent else changed)[key] = row
        elif key not in absent:
            gone.append(key)
    return new, changed, gone


async def _delete(connection: "asyncpg.Connection | PoolConnectionProxy", table: str, keys: Collection[RowKey]) -> None:
    if keys:
        await connection.execute(
            f"delete from {table} where (tenant_id, key) in (select * from unnest($1::text[], $2::text[]))",  # noqa: S608
            *map(list, zip(*keys, strict=True)),
        )


async def _copy(
    connection: "asyncpg.Connection | PoolConnectionProxy",
    table: str,
    columns: Sequence[str],
    records: Sequence[tuple[object, ...]],
) -> None:
    """Add rows by COPY: a third of what arrays cost, whose elements asyncpg looks at one by one."""
    try:
        await connection.copy_records_to_table(table, columns=columns, records=records)
    except (ValueError, TypeError, OverflowError) as error:  # what asyncpg says here of a value that no column has
        raise UnstorableValue("the database refuses a value") from error


def _document(records: Sequence[tuple[object, ...]]) -> str:
    """Return records as one JSON document, bytes in base64. **Errors**: `UnstorableValue`."""
    try:
        return json.encode(records).decode()
    except (ValueError, OverflowError) as error:  # what msgspec says of a text or number that no column has
        raise UnstorableValue("the database refuses a value") from error


def _event_values(event: Envelope) -> tuple[object, ...]:
    """Return a fact as the database takes it, in the order of `EVENT_COLUMNS`."""
    return (
        event.position,
        event.tenant_id,
        event.stream,
        event.version,
        event.event_id,
        event.type,
        event.schema_version,
        event.key,
        event.public,
        event.occurred_at,
        event.recorded_at,
        event.actor.kind,
        event.actor.id,
        event.correlation_id,
        event.causation_id,
        event.unit_first,
        event.unit_last,
        json.encode(event.names).decode() if event.names else "[]",
        event.chain_hash,
        event.data,
    )


def envelope_of(row: asyncpg.Record | tuple[Any, ...]) -> Envelope:
    """Return the fact of a row of `EVENT_COLUMNS`."""
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
