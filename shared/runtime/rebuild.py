"""Rebuilding a read model from its facts, beside the one that serves; a moment under the lock puts it in its place.

Owns: `replay`: a table of the next generation is filled in chunks, each one transaction with how far it leads, so that
a killed rebuild goes on there. It catches up, then takes the lock of the store, folds the rest and moves the pointer
row; serving and writing go on meanwhile, and nothing reacts, acts or publishes. Refuses: knowing how facts fold
(`folding.py`) and where they come from (`past.py`). Next: `comparing.py` compares instead.

A record of another service that was parked when it was passed, and was handled since, belongs in front of what was
folded after it: then the rebuild begins again. That is rare, and the only order that is honest.
"""

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from time import monotonic
from typing import Final, Literal, TypeAlias

import asyncpg
from msgspec import json

from shared.kernel.errors import Conflict, Unavailable
from shared.kernel.projection import AnyProjection
from shared.runtime.engine import Engine
from shared.runtime.failpoints import point
from shared.runtime.folding import Changed, Folding, Sink, undisturbed, untaken
from shared.runtime.log import Log
from shared.runtime.past import Past, Reached, one_ahead
from shared.runtime.postgres import BY_KEY, unavailable
from shared.runtime.progress import Progress
from shared.runtime.read_models import definitions, generation_table
from shared.runtime.store import Checkpoint, table_name
from shared.runtime.store_postgres import PostgresStore
from shared.runtime.store_postgres_tx import PostgresTx

Source: TypeAlias = Literal["store", "topics"]

SWAP_FACTS_MAX: Final = 5_000
"""Facts that may be left to fold under the lock: a fraction of a second; with more, the rebuild catches up first."""
SWAP_SECONDS_MAX: Final = 5
"""Time that a swap may hold the lock; over it everything is put back, and the next run does it."""
ROUNDS_MAX: Final = 100
_OTHER_SECONDS_MAX: Final = 10
_SHARED: Final = Path(__file__).parents[1]
_DROPS_MAX: Final = 50
_DROP_EVERY_SECONDS: Final = 0.1
_SWAP: Final = (
    "with pointing as (insert into projected (name, position, generation) values ($1, $2, $3) on conflict (name)"
    "  do update set position = excluded.position, generation = excluded.generation, broken = null),"
    " ended as (delete from rebuild where name = $1)"
    " update store_head set read_models = read_models + 1"
)


class ReplayRunning(Conflict):
    """Somebody else rebuilds this read model."""

    slug = "replay-running"


class ReplayBehind(Unavailable):
    """More is written than a rebuild can follow; it goes on where it is when it is started again."""

    slug = "replay-behind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a rebuild came to.

    **Shape**: `events` of all runs, `seconds` of this one; `swap_seconds` under the lock; a side table has neither that
    nor a generation.
    """

    name: str
    version: int
    source: str
    generation: int | None
    events: int
    rows: int
    seconds: float
    events_per_second: int
    swap_seconds: float | None
    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A rebuild that is under way."""

    generation: int
    table: str
    reached: Reached


class _BeginAgain(Exception):
    """What was filled so far cannot be finished: a record that was passed over was handled since."""


async def replay(
    engine: Engine, log: Log | None, projection: AnyProjection, progress: Progress, *, source: Source = "store"
) -> Replayed:
    """Rebuild a read model and put it in the place of the one that serves; what a killed run did is gone on with.

    **Errors**: `ReplayRunning`, `ReplayBehind`, `FactNotFolded`, those of `past.py`, `StoreUnavailable`.
    """
    store = store_of(engine)
    with unavailable(f"the store of {engine.service.name}"), undisturbed():
        async with (
            store.apart() as writing,
            store.apart() as reading,
            store.apart(BY_KEY) as looking,
            alone(writing, table_name(projection)),
        ):
            past = Past(engine, log, projection, reading, from_topics=source == "topics")
            while True:
                begun = await _begin(writing, projection, source)
                work = _Rebuild(engine, past, begun, (writing, looking), progress)
                with suppress(_BeginAgain):
                    return await work.run(source)
                await writing.execute("delete from rebuild where name = $1", table_name(projection))


def store_of(engine: Engine) -> PostgresStore:
    """Return the store of a service whose read models are tables. **Errors**: `TypeError` for one that forgets."""
    if not isinstance(engine.store, PostgresStore):
        raise TypeError("only read models in a database are rebuilt")
    return engine.store


@asynccontextmanager
async def alone(connection: asyncpg.Connection, table: str) -> AsyncIterator[None]:
    """Keep others from filling the same; who was killed a moment ago is waited for. **Errors**: `ReplayRunning`."""
    await connection.execute(f"set lock_timeout = '{_OTHER_SECONDS_MAX}s'")
    try:
        await connection.execute("select pg_advisory_lock(hashtextextended($1, 0))", f"claimlog replay {table}")
    except asyncpg.LockNotAvailableError as error:
        raise ReplayRunning(f"{table} is being filled by somebody else") from error
    yield  # the lock ends with the connection, which is its holder's own


async def _begin(connection: asyncpg.Connection, projection: AnyProjection, source: Source) -> _Begun:
    """Return the rebuild to go on with, or a new one with an empty table."""
    name, code = table_name(projection), fingerprint(projection)
    async with connection.transaction():
        serving = await _serving(connection, name)
        row = await connection.fetchrow(
            "select generation, position, places, skipped, events from rebuild"
            " where name = $1 and code = $2 and source = $3 and generation > $4"
            " and position <= (select position from store_head)",
            *(name, code, source, serving),
        )
        if row is not None:
            return _Begun(generation=row[0], table=generation_table(name, row[0]), reached=_reached(row))
        await _drop_others(connection, name, serving)
        table = generation_table(name, serving + 1)
        await connection.execute(definitions(projection, table)[0])
        await connection.execute(
            "insert into rebuild (name, generation, code, source) values ($1, $2, $3, $4) on conflict (name) do update"
            " set generation = $2, code = $3, source = $4, position = 0, places = '[]', skipped = '[]', events = 0,"
            " started_at = now()",
            *(name, serving + 1, code, source),
        )
    return _Begun(generation=serving + 1, table=table, reached=Reached())


async def _serving(connection: asyncpg.Connection, name: str) -> int:
    """Return the generation that serves."""
    return await connection.fetchval("select generation from projected where name = $1", name) or 1


async def _drop_others(connection: asyncpg.Connection, name: str, serving: int) -> None:
    """Drop the tables of all generations but one."""
    found = await connection.fetch(
        "select tablename from pg_tables where schemaname = current_schema() and tablename ~ $1 and tablename <> $2",
        f"^{name}(_g[0-9]+)?$",
        generation_table(name, serving),
    )
    for row in found:
        await connection.execute(f"drop table {row[0]}")


def fingerprint(projection: AnyProjection) -> str:
    """Return a hash of all code that a fold may reach, of its service and of `shared`: other code begins anew."""
    parts = (projection.apply, projection.keys, projection.row, *projection.events)
    modules = {part.__module__ for part in parts}
    services = {".".join(each.split(".")[:2]) for each in modules if each.startswith("services.")}
    folders = {_SHARED, *(Path(inspect.getfile(sys.modules[each])).parent for each in services)}
    files = {Path(inspect.getfile(sys.modules[each])) for each in modules}
    files.update(file for folder in folders for file in folder.rglob("*.py"))
    return sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()


def _reached(row: asyncpg.Record) -> Reached:
    places = json.decode(row["places"], type=list[tuple[str, int, Checkpoint]])
    skipped = json.decode(row["skipped"], type=list[tuple[str, int, int]])
    return Reached(
        position=row["position"],
        places={(topic, partition): read for topic, partition, read in places},
        skipped=frozenset(skipped),
        events=row["events"],
    )


class _Rebuild:
    """One table on its way into service."""

    def __init__(
        self,
        engine: Engine,
        past: Past,
        begun: _Begun,
        connections: tuple[asyncpg.Connection, asyncpg.Connection],
        progress: Progress,
    ) -> None:
        writing, looking = connections
        projection = past.projection
        self._store = store_of(engine)
        self._connection = writing
        self._projection = projection
        self._name = table_name(projection)
        self._past = past
        self._begun = begun
        self._reached = begun.reached
        folded = untaken(projection)
        self._sink = Sink(writing, folded, begun.table, looking)
        self._folding = Folding(folded, engine.vault, self._sink, is_empty=not begun.reached.events)
        self._progress = progress
        self._head = -1
        self._is_alone = False

    async def run(self, source: Source) -> Replayed:
        """Fill, catch up, swap, and drop what served before."""
        started = monotonic()
        await self._catch_up()
        await self._index()
        seconds = await self._swapped()
        lasted = monotonic() - started
        await self._drop_before()
        events = self._reached.events
        return Replayed(
            name=self._projection.name,
            version=self._projection.version,
            source=source,
            generation=self._begun.generation,
            events=events,
            rows=await self._connection.fetchval(f"select count(*) from {self._begun.table}"),  # noqa: S608 (a name of ours)
            seconds=round(lasted, 3),
            events_per_second=round((events - self._begun.reached.events) / lasted),
            swap_seconds=round(seconds, 3),
            table=self._begun.table,
        )

    async def _catch_up(self) -> None:
        """Fold up to where the facts end at the moment. **Errors**: `_BeginAgain`."""
        to = await self._past.end(self._connection)
        if to.is_out_of_turn(self._reached):
            raise _BeginAgain
        total = to.left(Reached())
        writing: asyncio.Task[None] | None = None
        try:
            async for chunk in one_ahead(self._past.chunks(self._reached, to), is_wanted=lambda: self._is_alone):
                changed = await self._folding.take(chunk.facts)
                if writing is not None:
                    await writing
                self._folding.let_go(changed.rows)
                writing = asyncio.create_task(self._write(changed, chunk.reached))
                if not self._is_alone:
                    await asyncio.wait((writing,))
                self._reached = chunk.reached
                self._progress(self._projection.name, total - to.left(self._reached), total)
        finally:
            if writing is not None:
                await writing

    async def _write(self, changed: Changed, reached: Reached) -> None:
        """Write rows and how far they lead; what a crash of the server takes, it takes together.

        While others write, the disk is waited for: else the next of them waits until it has all that we wrote.
        """
        async with self._sink.turn, self._connection.transaction():
            if self._is_alone:
                await self._connection.execute("set local synchronous_commit = off")
            await self._sink.write(changed)
            head = await self._connection.fetchval(
                "update rebuild set position = $2, places = $3, skipped = $4, events = $5 where name = $1"
                " returning (select position from store_head)",
                self._name,
                reached.position,
                json.encode([(*place, read) for place, read in reached.places.items()]).decode(),
                json.encode(sorted(reached.skipped)).decode(),
                reached.events,
            )
        self._is_alone, self._head = head == self._head, head
        point("rebuild.chunk")

    async def _index(self) -> None:
        """Make the indexes and the statistics that questions need, before there are any."""
        for statement in definitions(self._projection, self._begun.table)[1:]:
            await self._connection.execute(statement)
        await self._connection.execute(f"analyze {self._begun.table}")

    async def _swapped(self) -> float:
        """Catch up and move the pointer; return how long the lock was held. **Errors**: `_BeginAgain`."""
        for _ in range(ROUNDS_MAX):
            await self._catch_up()
            async with self._store.locked() as tx:
                begun = monotonic()
                try:
                    async with asyncio.timeout(SWAP_SECONDS_MAX):
                        done = await self._swap(tx)
                except TimeoutError as error:
                    raise ReplayBehind("the last facts took too long under the lock; run it again") from error
            if done:
                return monotonic() - begun
        raise ReplayBehind("more is written than a rebuild can follow; run it again when less is going on")

    async def _drop_before(self) -> None:
        """Drop what served before, once nobody looks at it any more.

        Who looks last, in the belief that it serves, must not stand behind us in a queue for its lock: while the
        database tends the table of its own accord, such a queue lasts for a second. Only at the end one is stood in.
        """
        for lock_timeout in (*repeat("1ms", _DROPS_MAX), "2s"):
            with suppress(asyncpg.LockNotAvailableError):
                await self._connection.execute(f"set lock_timeout = '{lock_timeout}'")
                await _drop_others(self._connection, self._name, self._begun.generation)
                return
            await asyncio.sleep(_DROP_EVERY_SECONDS)

    async def _swap(self, tx: PostgresTx) -> bool:
        """Fold the rest and move the pointer, in the transaction that holds the lock; return whether it was little."""
        to = await self._past.end(tx.connection)
        if to.is_out_of_turn(self._reached):
            raise _BeginAgain
        if to.left(self._reached) > SWAP_FACTS_MAX:
            return False
        async with aclosing(self._past.chunks(self._reached, to)) as chunks:
            async for chunk in chunks:
                await self._sink.write(await self._folding.take(chunk.facts), over=tx.connection)
                self._reached = chunk.reached
        await tx.connection.execute(_SWAP, self._name, to.position, self._begun.generation)
        tx.proof = (
            "select exists (select 1 from projected where name = $1 and generation = $2)",
            self._name,
            self._begun.generation,
        )
        point("rebuild.swap")
        return True
