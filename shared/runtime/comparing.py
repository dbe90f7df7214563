"""Comparing a read model with the fold of its facts, row by row, while it serves.

Owns: `compare`, which verify and a dry run ask: the facts are folded once more into a table that only this session
sees, and both are compared in one snapshot, so that what is written meanwhile makes no difference. Refuses: changing
anything, and showing values: they may be a person's; the first difference is a key. A record that is parked is folded
in neither. Where a data key was destroyed, a row that still holds what it sealed differs, and should. Facts are taken
apart whole here, what a rebuild hands on, too: so its work is looked at by another way.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final

import asyncpg
from msgspec import DecodeError, json

from shared.kernel.errors import Unavailable
from shared.kernel.projection import AnyProjection
from shared.runtime.engine import Engine
from shared.runtime.folding import Folding, Sink, fold_all, undisturbed
from shared.runtime.log import Log
from shared.runtime.past import End, Past, Reached
from shared.runtime.postgres import BY_KEY, unavailable
from shared.runtime.progress import Progress
from shared.runtime.read_models import decoder, generation_table
from shared.runtime.rebuild import store_of
from shared.runtime.store import ProjectionBroken, table_name

SNAPSHOT_SECONDS_MAX: Final = 600
"""A snapshot keeps the server from clearing away old rows: minutes, not hours."""
_TRIES_MAX: Final = 3
_ASKED_BY_KEY: Final = [name for name, value in BY_KEY.items() if value == "off"]
_TABLE: Final = "compared"  # of this session alone


class NotComparable(Unavailable):
    """Parked records were handled, or the read model was rebuilt, as often as it was tried; or it took too long."""

    slug = "not-comparable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a read model differs from the fold of its facts.

    **Shape**: `rows` are those in service, `parked` the records that neither has; `first_difference` is tenant and key.
    """

    name: str
    rows: int
    events: int
    parked: int
    differences: int
    first_difference: str | None


class _TryAgain(Exception):
    """What was folded does not fit the snapshot any more."""


async def compare(
    engine: Engine, log: Log | None, projection: AnyProjection, progress: Progress, *, from_topics: bool = False
) -> Comparison:
    """Return how a read model differs from the fold of its facts.

    **Errors**: `ProjectionBroken`, `FactNotFolded`, `NotComparable`, those of `past.py`, `StoreUnavailable`.
    """
    store = store_of(engine)
    with unavailable(f"the store of {engine.service.name}"), undisturbed():
        for _ in range(_TRIES_MAX):
            async with store.apart() as own, store.apart() as reading:
                past = Past(engine, log, projection, reading, from_topics=from_topics)
                folded = _Folded(engine, past, own, progress)
                try:
                    await folded.fill()
                    return await _in_time(folded.compared(), projection)
                except (_TryAgain, asyncpg.UndefinedTableError):
                    continue
    raise NotComparable(f"{projection.name} changed otherwise than by facts during each of {_TRIES_MAX} comparisons")


async def _in_time(compared: Awaitable[Comparison], projection: AnyProjection) -> Comparison:
    """Return what a comparison comes to, under a snapshot that may not last for ever. **Errors**: `NotComparable`."""
    time = asyncio.timeout(SNAPSHOT_SECONDS_MAX)
    try:
        async with time:
            return await compared
    except TimeoutError as error:
        if not time.expired():
            raise
        said = f"{projection.name} was not compared in {SNAPSHOT_SECONDS_MAX} s; try when less is going on"
        raise NotComparable(said) from error


class _Folded:
    """The fold of a read model's facts, in a table of this session."""

    def __init__(self, engine: Engine, past: Past, connection: asyncpg.Connection, progress: Progress) -> None:
        self._past = past
        self._projection = past.projection
        self._connection = connection
        self._progress = progress
        self._sink = Sink(connection, past.projection, _TABLE)
        self._folding = Folding(past.projection, engine.vault, self._sink, is_empty=True)
        self._reached = Reached()

    async def fill(self) -> None:
        """Fold what there is before the snapshot is taken, so that it need not last for all of it."""
        table, end = await self._in_service()
        await self._connection.execute(f"create temporary table {_TABLE} (like {table})")
        await self._connection.execute(f"alter table {_TABLE} add primary key (tenant_id, key)")
        for setting in _ASKED_BY_KEY:
            await self._connection.execute(f"set {setting} = off")
        await self._fold(end)

    async def compared(self) -> Comparison:
        """Take a snapshot, fold the rest that it shows, and compare."""
        async with self._connection.transaction(isolation="repeatable_read"):
            table, end = await self._in_service()
            if end.is_out_of_turn(self._reached) or end.left(self._reached) < 0:
                raise _TryAgain
            await self._fold(end)
            await self._connection.execute(f"analyze {_TABLE}")
            for setting in _ASKED_BY_KEY:
                await self._connection.execute(f"set {setting} = on")
            rows = await self._connection.fetchval(f"select count(*) from {table}")  # noqa: S608 (a name of ours)
            differences, first = await self._differences(table)
        return Comparison(
            name=self._projection.name,
            rows=rows,
            events=self._reached.events,
            parked=len(self._reached.skipped),
            differences=differences,
            first_difference=first,
        )

    async def _differences(self, table: str) -> tuple[int, str | None]:
        """Return how many rows are not what the facts say, and the first of them."""
        count, first = 0, None
        async for place, served, folded, differ in self._connection.cursor(_statement(self._projection, table)):
            if differ or not _is_same(self._projection, served, folded):
                count, first = count + 1, first or place
        return count, first

    async def _in_service(self) -> tuple[str, End]:
        """Return the table that serves, and up to where it was folded. **Errors**: `ProjectionBroken`."""
        name = table_name(self._projection)
        end = await self._past.end(self._connection)
        found = await self._connection.fetchrow(
            "select generation, position, broken from projected where name = $1", name
        )
        generation, position, broken = found or (1, 0, None)
        if broken is not None:
            raise ProjectionBroken(f"{self._projection.name} stopped at a fact that it cannot fold; rebuild it")
        if self._projection.source == "own":
            end = End(position=position)
        return generation_table(name, generation), end

    async def _fold(self, to: End) -> None:
        total = to.left(Reached())

        def passed(reached: Reached) -> None:
            self._reached = reached
            self._progress(self._projection.name, total - to.left(reached), total)

        await fold_all(self._past.chunks(self._reached, to), self._folding, self._sink, passed)


def _statement(projection: AnyProjection, table: str) -> str:
    """Return the question for rows that are not alike. **Shape**: place, both documents, whether columns differ.

    A missing row differs in its columns, because its key is one.
    """
    served, folded = (", ".join(f"{side}.{each}" for each in ("key", *projection.in_columns)) for side in ("s", "f"))
    return (
        "select coalesce(s.tenant_id, f.tenant_id) || '/' || coalesce(s.key, f.key), s.doc::text, f.doc::text,"  # noqa: S608
        f" ({served}) is distinct from ({folded})"
        f" from {table} s full join {_TABLE} f on s.tenant_id = f.tenant_id and s.key = f.key"
        f" where ({served}, s.doc::jsonb) is distinct from ({folded}, f.doc::jsonb)"
        " order by coalesce(s.tenant_id, f.tenant_id), coalesce(s.key, f.key)"
    )


def _is_same(projection: AnyProjection, served: str, folded: str) -> bool:
    """Return whether two documents are one row.

    **Shape**: a field that facts of earlier releases lack may be left out; one that no row has is a difference.
    """
    decode = decoder(projection).decode
    try:
        row = decode(served)
        return bool(row == decode(folded)) and _is_within(json.decode(served), json.decode(json.encode(row)))
    except DecodeError:
        return False


def _is_within(told: object, whole: object) -> bool:
    """Return whether all that one JSON value tells is in another one."""
    if isinstance(told, dict) and isinstance(whole, dict):
        return all(name in whole and _is_within(value, whole[name]) for name, value in told.items())
    if isinstance(told, list) and isinstance(whole, list):
        return len(told) == len(whole) and all(map(_is_within, told, whole))
    return told == whole
