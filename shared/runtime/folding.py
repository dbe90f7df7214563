"""Facts of the past folded into the rows of one read model, thousands at a time.

Owns: opening in bulk, the rows that are kept in memory and when they are let go, the table that the rows go to.
Refuses: knowing where facts come from (`past.py`) and what a table is for (`rebuild.py`, `comparing.py`). The fold
itself is the read model's own: what a flush applies fact by fact is applied here in the same order.
"""

import asyncio
import dataclasses
import gc
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from msgspec import NODEFAULT, Raw, Struct, defstruct, json, structs

from shared.events.envelope import Event, personal_fields
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.projection import AnyProjection
from shared.runtime.keys import Vault
from shared.runtime.past import Chunk, Reached, one_ahead
from shared.runtime.read_models import decoder
from shared.runtime.store import Fact, RowKey
from shared.runtime.store_postgres_tx import write_rows

ROWS_BYTES_MAX: Final = 160_000_000
"""Memory that rows may take, about; those that were not touched lately are let go and loaded when they are needed."""
_SLICE_FACTS: Final = 100  # a millisecond: whoever shares the loop goes on, and what is opened is in the cache still
_ASKED_FACTS: Final = 2_000  # where rows must be looked for first: a question costs as much as a hundred facts
_MARKS: Final = 1 << 24  # with a million rows away, one look in sixteen is for a row that no table has
_ROW_BYTES: Final = 600  # a row, its key and the parts of it weigh this much, and three times its document
_DOCUMENT_FACTOR: Final = 3
_SAMPLE_ROWS: Final = 50

Rows: TypeAlias = dict[RowKey, Any]
_Opened: TypeAlias = tuple[int, RowKey, Event]
"""Position, a row that the fact touches, the fact."""
Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy


class FactNotFolded(Rejected):
    """A fact of the past cannot be folded by this release. **Shape**: the message says where it stands; no values."""

    slug = "fact-not-folded"


@dataclass(frozen=True, slots=True)
class Changed:
    """Rows that facts changed, None for one that is gone. **Shape**: `absent` are those that no table has yet."""

    rows: Rows
    absent: Collection[RowKey]


class Sink:
    """The table that a fold fills. **Shape**: only the fold writes it, in turns; rows are looked for by `looking`."""

    def __init__(
        self, connection: Connection, projection: AnyProjection, table: str, looking: Connection | None = None
    ) -> None:
        self.connection = connection
        self.table = table
        self.turn = asyncio.Lock()
        self._looking = looking
        self._projection = projection

    async def load(self, places: Sequence[RowKey]) -> Rows:
        """Return the rows that exist."""
        async with nullcontext() if self._looking else self.turn:
            found = await (self._looking or self.connection).fetch(
                f"select tenant_id, key, doc from {self.table}"  # noqa: S608 (a name of ours)
                " join unnest($1::text[], $2::text[]) as wanted (tenant_id, key) using (tenant_id, key)",
                *map(list, zip(*places, strict=True)),
            )
        decode = decoder(self._projection).decode
        return {(row[0], row[1]): decode(row[2]) for row in found}

    async def write(self, changed: Changed, over: Connection | None = None) -> None:
        """Write rows, on another connection where that holds the lock."""
        await write_rows(over or self.connection, self._projection, self.table, changed.rows, changed.absent)


class Folding:
    """The rows of one read model while facts are folded into them."""

    def __init__(self, projection: AnyProjection, vault: Vault, sink: Sink, *, is_empty: bool) -> None:
        self._projection = projection
        self._vault = vault
        self._sink = sink
        self._rows: Rows = {}
        self._away = bytearray(_MARKS) if is_empty else bytearray(b"\1") * _MARKS  # by hash: may be in the table alone
        self._sealed = frozenset(event.__name__ for event in projection.events if personal_fields(event))
        self._plain: Mapping[tuple[str, int], Callable[[bytes], Event]] = {
            (event.__name__, event.schema_version): json.Decoder(event).decode
            for event in projection.events
            if event.__name__ not in self._sealed
        }

    async def take(self, facts: Sequence[Fact]) -> Changed:
        """Fold facts in order; return the rows that changed. **Errors**: `FactNotFolded`, `Unavailable`."""
        await self._vault.prepare_to_open([Fact(*fact) for fact in facts if fact[3] in self._sealed])
        changed: Rows = {}
        absent: set[RowKey] = set()
        start = 0
        while start < len(facts):
            waiting = self._fold(self._opened(facts[start : start + _SLICE_FACTS]), changed, absent)
            start += _SLICE_FACTS
            if waiting:
                waiting += self._opened(facts[start : start + _ASKED_FACTS])
                start += _ASKED_FACTS
                await self._load(waiting)
                self._fold(waiting, changed, absent)
            await asyncio.sleep(0)
        return Changed(changed, absent)

    def _opened(self, facts: Sequence[Fact]) -> Iterator[_Opened]:
        """Yield facts, opened one by one as they are folded: what was just made is in the processor's cache still."""
        plain, keys = self._plain, self._projection.keys
        position = 0
        try:
            for position, tenant_id, event_id, type_name, version, data in facts:
                decode = plain.get((type_name, version))
                if decode is not None:
                    event: Event | None = decode(data)
                else:
                    event = self._vault.open(Fact(position, tenant_id, event_id, type_name, version, data))
                if event is not None:
                    for key in keys(event):
                        yield position, (tenant_id, key), event
        except Unavailable:
            raise
        except Exception as error:
            raise self._refused(position, error) from error

    def _fold(self, opened: Iterable[_Opened], changed: Rows, absent: set[RowKey]) -> list[_Opened]:
        """Fold facts up to the first whose row may be in the table alone; return what is left, from that one on."""
        rows, apply, away = self._rows, self._projection.apply, self._away
        position, left = 0, iter(opened)
        try:
            for position, place, event in left:
                before = rows.get(place)
                if before is None and place not in changed:
                    if place not in rows and away[hash(place) % _MARKS]:
                        return [(position, place, event), *left]
                    absent.add(place)
                rows[place] = changed[place] = apply(before, event)
        except (FactNotFolded, Unavailable):
            raise
        except Exception as error:
            raise self._refused(position, error) from error
        return []

    def _refused(self, position: int, error: Exception) -> FactNotFolded:
        kind = type(error).__name__
        return FactNotFolded(f"{self._projection.name} cannot fold the fact at position {position}: {kind}")

    async def _load(self, opened: Iterable[_Opened]) -> None:
        """Have the rows here that facts touch."""
        missing: Rows = {
            place: None for _, place, _ in opened if place not in self._rows and self._away[hash(place) % _MARKS]
        }
        self._rows.update(missing | await self._sink.load(list(missing)))

    def let_go(self, written: Rows) -> None:
        """Keep only the rows that were written last, once all of them together take too much memory."""
        some = [row for row in islice(written.values(), _SAMPLE_ROWS) if row is not None]
        document_bytes = sum(len(json.encode(row)) for row in some) // max(1, len(some))
        if len(self._rows) * (_ROW_BYTES + _DOCUMENT_FACTOR * document_bytes) > ROWS_BYTES_MAX:
            for place in self._rows:
                self._away[hash(place) % _MARKS] = 1
            self._rows = dict(written)


@lru_cache
def untaken(projection: AnyProjection) -> AnyProjection:
    """Return a read model with the same fold, to which what is handed on comes as the bytes that it is.

    **Shape**: its rows are for writing; read again, they are equal to those of the whole fold.
    """
    names = projection.handed_on
    events = tuple(_untaken(event, names) for event in projection.events)
    return dataclasses.replace(projection, row=_untaken(projection.row, names), events=events)


def _untaken(kind: type[Any], names: Collection[str]) -> type[Any]:
    """Return a subclass that decodes some fields as they are."""
    fields = [
        (field.name, Raw) if field.default is NODEFAULT else (field.name, Raw, field.default)
        for field in (structs.fields(kind) if issubclass(kind, Struct) else ())
        if field.name in names
    ]
    return defstruct(kind.__name__, fields, bases=(kind,), frozen=True, kw_only=True, gc=False) if fields else kind


async def fold_all(
    chunks: AsyncGenerator[Chunk, None], folding: Folding, sink: Sink, passed: Callable[[Reached], None]
) -> None:
    """Fold chunks and write their rows, and say after each how far it leads."""
    async for chunk in one_ahead(chunks):
        changed = await folding.take(chunk.facts)
        async with sink.turn:
            await sink.write(changed)
        folding.let_go(changed.rows)
        passed(chunk.reached)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Do without the garbage collector: what a fold makes has no cycles, and looking for some costs a third."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
