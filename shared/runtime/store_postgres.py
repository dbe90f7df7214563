"""The event store in PostgreSQL. **Shape**: `Store` of `store.py`, its promises and its suite.

Owns: the lock of the head, one writing connection, and what to do when it breaks around a commit. Refuses: deciding.
The first statement locks the head and nothing else, so that the next ones see what its last holder committed.
Next: `store_postgres_standing.py` asks what the lock shows, `store_postgres_tx.py` is one transaction,
`store_postgres_rows.py` asks read models.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from structlog import get_logger

from shared.events.envelope import Envelope
from shared.kernel.errors import Unavailable
from shared.kernel.projection import AnyProjection
from shared.runtime.clock import new_id
from shared.runtime.failpoints import point
from shared.runtime.listening import Listening
from shared.runtime.operations import Operations
from shared.runtime.operations_postgres import PostgresOperations
from shared.runtime.postgres import (
    AT_LENGTH,
    BY_KEY,
    CONNECTION_ERRORS,
    LONG_SECONDS_MAX,
    SCHEMA,
    apply_schema,
    connect,
    end,
    pool,
    unavailable,
)
from shared.runtime.read_models import definitions, generation_table
from shared.runtime.silent_holder import granted
from shared.runtime.store import (
    NOTHING_ASKED,
    NOTHING_READ,
    Applied,
    AskedOfLock,
    Began,
    Checkpoint,
    Fact,
    Head,
    Parked,
    Place,
    Sought,
    Standing,
    StoreUnavailable,
    Stream,
    UnstorableValue,
    table_name,
)
from shared.runtime.store_postgres_applied import applied
from shared.runtime.store_postgres_rows import PostgresRows, generations_in_service
from shared.runtime.store_postgres_standing import HEAD, shown
from shared.runtime.store_postgres_tx import EVENT_COLUMNS, FACTS_BETWEEN, PostgresTx, envelope_of

_LOG = get_logger("store")
_READERS_MAX: Final = 8
_HAS_HEAD: Final = "select exists (select 1 from events where position = $1 and chain_hash = $2)"
_IS_HOME: Final = (
    "select system_id = system_identifier::text and timeline = timeline_id"
    " from store_head, pg_control_system(), pg_control_checkpoint()"
)
_LOCK: Final = "begin; select one from store_head for update"


class StoreMoved(StoreUnavailable):
    """The store lies on a copy of its server, after a failover or a restore: nothing is written on a guess."""

    slug = "store-moved"


class StoreRestoring(StoreUnavailable):
    """A restore is under way, or broke off half-way: only `claimlog restore` writes."""

    slug = "store-restoring"


class ReadModelUnfilled(Unavailable):
    """A read model over facts of other services is newer than the facts that this store has consumed."""

    slug = "read-model-unfilled"


class PostgresStore(PostgresRows):
    """One service's store. Open it once per process."""

    def __init__(self, url: str, name: str, readers: asyncpg.Pool, projections: Mapping[str, AnyProjection]) -> None:
        super().__init__(name, readers)
        self._url = url
        self._projections = projections
        self._writer: asyncpg.Connection | None = None
        self._sessions = 0
        self._is_home = False
        self._locked_generations: tuple[int, Mapping[str, int]] = (-1, {})  # as the lock showed, and after which swap
        self._turn = asyncio.Lock()
        self.operations: Operations = PostgresOperations(self._fetch)
        self._listening = Listening(url, self._position)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, projections: Sequence[AnyProjection], *, name: str, unfilled: bool = False
    ) -> AsyncIterator["PostgresStore"]:
        """Connect, make tables where they are missing, and close at the end.

        **Shape**: `unfilled` for who fills read models: those that know nothing of the past are no reason to refuse.
        **Errors**: `StoreUnavailable`, `ReadModelUnfilled`.
        """
        readers = await pool(url, size_max=_READERS_MAX)
        store = cls(url, name, readers, {table_name(projection): projection for projection in projections})
        try:
            with unavailable(f"the store of {name}"):
                await store._prepare(unfilled=unfilled)
            yield store
        finally:
            await store._close()

    async def _prepare(self, *, unfilled: bool) -> None:
        async with self._readers.acquire() as connection:
            await apply_schema(connection, (SCHEMA / "store.sql").read_text())
            self._generations = await generations_in_service(connection)
            tables = [
                statement
                for name, projection in self._projections.items()
                for statement in definitions(projection, generation_table(name, self._generations.get(name, 1)))
            ]
            await apply_schema(connection, *tables)
            if not unfilled:
                await self._refuse_unfilled(connection)
            await connection.execute(
                "insert into store_head (store_id, chain_hash, recorded_at, system_id, timeline)"
                " select $1, $2, $3, system_identifier::text, timeline_id"
                " from pg_control_system(), pg_control_checkpoint() on conflict do nothing",
                new_id(),
                bytes(32),
                datetime(1970, 1, 1, tzinfo=UTC),
            )

    async def _refuse_unfilled(self, connection: "asyncpg.Connection | PoolConnectionProxy") -> None:
        """Refuse a read model over foreign facts that is new to a store with a past: it would stay half empty."""
        foreign = [name for name, each in self._projections.items() if each.source == "foreign"]
        known = await connection.fetch("select name from projected where name = any($1::text[])", foreign)
        new = sorted(set(foreign) - {row["name"] for row in known})
        consumed = await connection.fetchval(
            "select exists (select 1 from checkpoint"
            " where topic <> 'own' and topic not like 'effect:%' and position > 0)"
        )
        if new and consumed:
            raise ReadModelUnfilled(
                f"{', '.join(new)} of {self._name} cannot know the facts that were consumed before;"
                f" fill it with `claimlog replay --service {self._name}`, or start with empty databases"
            )
        await connection.execute(
            "insert into projected (name, position) select unnest($1::text[]), 0 on conflict do nothing", new
        )

    async def settle_here(self) -> None:
        """Take the server that the store lies on now for its home: somebody compared the store with its topics."""
        await self._fetch(
            "update store_head set system_id = system_identifier::text, timeline = timeline_id"
            " from pg_control_system(), pg_control_checkpoint() returning one"
        )

    async def _close(self) -> None:
        await self._listening.close()
        if self._writer is not None:
            with suppress(*CONNECTION_ERRORS):
                await self._writer.close(timeout=2)
        await end(self._readers)

    @asynccontextmanager
    async def apart(self, settings: Mapping[str, str] | None = None) -> AsyncIterator[asyncpg.Connection]:
        """Return a connection of one's own, for long work on read models. **Errors**: `StoreUnavailable`."""
        connection = await connect(self._url, {**AT_LENGTH, **(settings or {})}, answer_seconds_max=LONG_SECONDS_MAX)
        try:
            yield connection
        finally:
            with suppress(*CONNECTION_ERRORS):
                await connection.close(timeout=2)

    # -- writing -------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def locked(
        self, asked: AskedOfLock = NOTHING_ASKED, *, restoring: bool = False
    ) -> AsyncIterator["PostgresTx"]:
        """Return a transaction that holds the head and shows what was asked of it; leaving it commits.

        **Shape**: `restoring` for who compared the store with its topics: it writes wherever the store lies.
        **Errors**: `StoreUnavailable`, `UnstorableValue`.
        """
        async with self._turn:
            connection, head, standing = await self._begin(asked, restoring=restoring)
            tx = PostgresTx(connection, head, standing, self._projections, self._locked_generations[1])
            try:
                yield tx
            except BaseException:
                await self._roll_back(connection)
                raise
            try:
                await connection.execute("commit")
            except CONNECTION_ERRORS as error:
                await self._drop_writer()
                point("store.unknown")
                if not await self._was_committed(tx):
                    raise StoreUnavailable("the connection broke and nothing was written; try again") from error

    async def _begin(self, asked: AskedOfLock, *, restoring: bool) -> tuple[asyncpg.Connection, Head, Standing]:
        """Open a transaction, lock the head, look. What fails half-way leaves no transaction behind to go on with."""
        try:
            with unavailable(f"the store of {self._name}"):
                connection = await self._writing(anywhere=restoring)
                head, standing = await self._take_head(connection, asked)
                _refuse_others(head, restoring=restoring)
                if head.read_models != self._locked_generations[0]:
                    self._locked_generations = (head.read_models, await generations_in_service(connection))
                return connection, head, standing
        except UnstorableValue:  # a key, or the name of a stream: nothing is wrong with the connection
            if self._writer is not None:
                await self._roll_back(self._writer)
            raise
        except BaseException:
            await self._drop_writer()
            raise

    async def _writing(self, *, anywhere: bool = False) -> asyncpg.Connection:
        if self._writer is not None and self._writer.is_in_transaction():
            await self._drop_writer()  # whoever was to roll back was called off twice
        if self._writer is None or self._writer.is_closed():
            self._writer = await connect(self._url, BY_KEY)
            self._sessions += 1
            self._is_home = False
            self._locked_generations = (-1, {})  # it may be another store
        if not self._is_home:
            self._is_home = await self._writer.fetchval(_IS_HOME)
        if not self._is_home and not anywhere:
            raise StoreMoved("the store lies on another server or timeline than before; its relay compares it first")
        return self._writer

    async def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.terminate()
            self._writer = None

    async def _roll_back(self, connection: asyncpg.Connection) -> None:
        try:
            await connection.execute("rollback")
        except (*CONNECTION_ERRORS, asyncpg.PostgresError):
            await self._drop_writer()

    async def _take_head(self, connection: asyncpg.Connection, asked: AskedOfLock) -> tuple[Head, Standing]:
        """Begin a transaction, lock the head and look, in two round trips: what is read must be newer than the lock."""
        await granted(connection.execute(_LOCK), connection, self._readers, of=self._name)
        return await shown(connection, asked, session=self._sessions)

    async def _was_committed(self, tx: "PostgresTx") -> bool:
        """Return whether a commit whose answer was lost took place: under the lock, on a new connection."""
        if tx.proof is None:
            return True
        try:
            with unavailable(f"the store of {self._name}"):
                connection = await self._writing()
                await self._take_head(connection, NOTHING_ASKED)
                return bool(await connection.fetchval(*tx.proof))
        finally:
            await self._drop_writer()  # and with it the lock

    # -- reading -------------------------------------------------------------------------------------------------

    async def head(self) -> Head:
        """Return the end of the store, without its lock."""
        (row,) = await self._fetch(HEAD)
        return Head(**row)

    async def _position(self) -> int:
        return (await self.head()).position

    async def events(
        self, after: int, *, types: Sequence[str] | None = None, tenant_id: str | None = None, events_max: int
    ) -> Sequence[Envelope]:
        """Return events by position."""
        rows = await self._fetch(
            f"select {EVENT_COLUMNS} from events where position > $1"  # noqa: S608 (columns of ours)
            " and ($2::text[] is null or type = any($2)) and ($3::text is null or tenant_id = $3)"
            " order by position limit $4",
            after,
            types,
            tenant_id,
            events_max,
        )
        return [envelope_of(row) for row in rows]

    async def facts_between(self, head: Head, after: int, to: int, types: Collection[str]) -> Sequence[Fact]:
        """Return the facts of some types above a position up to another, by position.

        **Errors**: `StoreUnavailable`, also where a connection leads to a server of before that has not this head.
        """
        with unavailable(f"the store of {self._name}"):
            async with self._readers.acquire() as connection:
                if not await connection.fetchval(_HAS_HEAD, head.position, head.chain_hash):
                    raise StoreUnavailable("another server answers than the one that was locked; try again in a moment")
                rows = await connection.fetch(FACTS_BETWEEN, after, to, types)
        return [Fact(*row) for row in rows]

    async def history(
        self, tenant_id: str, streams: Sequence[str], *, until: datetime | None = None, events_max: int
    ) -> Sequence[Envelope]:
        """Return the events of streams by position. Sorted here: in SQL the planner may walk all positions instead."""
        rows = await self._fetch(
            f"select {EVENT_COLUMNS} from events where tenant_id = $1 and stream = any($2::text[])"  # noqa: S608
            " and ($3::timestamptz is null or recorded_at <= $3) limit $4",
            tenant_id,
            streams,
            until,
            events_max,
        )
        return sorted(map(envelope_of, rows), key=lambda each: each.position)

    async def version(self, tenant_id: str, stream: str, *, until: datetime | None = None) -> int:
        """Return the version of a stream, or that at an instant; 0 without a fact."""
        rows = await self._fetch(
            "select version from events where tenant_id = $1 and stream = $2"
            " and ($3::timestamptz is null or recorded_at <= $3) order by version desc limit 1",
            tenant_id,
            stream,
            until,
        )
        return rows[0][0] if rows else 0

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

    async def forget_answers(self, before: datetime, *, rows_max: int) -> int:
        """Forget what idempotency keys were answered with before an instant; return how many there were, up to most."""
        rows = await self._fetch(
            "delete from idempotency where ctid = any(array(select ctid from idempotency where written_at < $1"
            " limit $2 for update skip locked)) returning 1",
            before,
            rows_max,
        )
        return len(rows)

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
            "with head as (update relay_head set position = $1),"
            " unsynced as (select set_config('synchronous_commit', 'off', true))"  # what is lost, the log itself tells
            " insert into relayed (topic, partition, position)"
            " select given.* from unnest($2::text[], $3::int[], $4::bigint[]) as given, unsynced"
            " on conflict (topic, partition) do update set position = excluded.position",
            position,
            [topic for topic, _ in sent],
            [partition for _, partition in sent],
            list(sent.values()),
        )

    async def began(self) -> Began:
        """Return after which position a partition has facts of an incarnation; empty where nothing was restored."""
        rows = await self._fetch("select topic, partition, incarnation, after_position from incarnation")
        found: dict[Place, dict[int, int]] = defaultdict(dict)
        for topic, partition, incarnation, after in rows:
            found[topic, partition][incarnation] = after
        return found

    async def locked_streams(self) -> Sequence[Stream]:
        """Return the streams of which a restore found facts missing, until a person releases them."""
        rows = await self._fetch("select tenant_id, stream from locked_stream order by tenant_id, stream")
        return [(row[0], row[1]) for row in rows]

    async def hold_effects(self, *, held: bool) -> None:
        """Hold effects back, or let them act again."""
        await self._fetch("update store_head set effects_held = $1 returning one", held)

    async def units_caused(self, actor_id: str, after: int) -> Mapping[str, int]:
        """Return how many units with facts an actor added after a position, by the fact that caused them."""
        rows = await self._fetch(
            "select causation_id, count(distinct unit_first) from events"
            " where position > $1 and actor_id = $2 and causation_id is not null group by causation_id",
            after,
            actor_id,
        )
        return {row[0]: row[1] for row in rows}

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

    async def applied(self, sought: Sequence[Sought], own_tables: Sequence[str]) -> Applied:
        """Return how far facts are applied that somebody waits for."""
        return await applied(self._fetch, sought, own_tables)

    async def attempt(self, place: Place) -> int:
        """Count one more try at what follows a checkpoint, at once and for good; return how many there were."""
        (row,) = await self._fetch(
            "insert into checkpoint (topic, partition, next_offset, store_id, incarnation, position, attempts)"
            " values ($1, $2, 0, '', 0, 0, 1)"
            " on conflict (topic, partition) do update set attempts = checkpoint.attempts + 1 returning attempts",
            *place,
        )
        return int(row["attempts"])

    async def forgive(self, place: Place) -> None:
        """Take a try back that failed for no fault of the records: the other side was away."""
        await self._fetch(
            "update checkpoint set attempts = greatest(attempts - 1, 0) where topic = $1 and partition = $2", *place
        )

    async def parked(
        self,
        tenant_id: str | None,
        *,
        key: str | None = None,
        cause: str | None = None,
        event_id: str | None = None,
        rows_max: int,
    ) -> Sequence[Parked]:
        """Return parked records, of one key, cause, fact, or all, oldest first."""
        rows = await self._fetch(
            "select topic, partition, offset_, tenant_id, key, position, event_id::text, cause, parked_at"
            " from parked where ($1::text is null or tenant_id = $1) and ($2::text is null or key = $2)"
            " and ($3::text is null or cause = $3) and ($4::uuid is null or event_id = $4)"
            " order by topic, partition, offset_ limit $5",
            tenant_id,
            key,
            cause,
            event_id,
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
                parked_at=row["parked_at"],
            )
            for row in rows
        ]

    async def wait_for_facts(self, after: int, *, seconds: float, types: Iterable[str] | None = None) -> int:
        """Return when the store has facts after a position, or when the time is over."""
        with unavailable(f"the store of {self._name}"):
            return await self._listening.wait(after, seconds=seconds, types=types)


def _refuse_others(head: Head, *, restoring: bool) -> None:
    if head.restoring and not restoring:
        raise StoreRestoring("a restore is under way, or broke off half-way: run `claimlog restore` again")
