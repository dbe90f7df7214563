"""Stores of any size from a small real one: COPY puts copies of its facts and rows beside them, under other ids.

Owns: ids. In a copy each UUID carries the number of the copy, everywhere alike, so that a copy refers to itself and to
nothing else; a key without a UUID ends with the number. Positions go on and the chain holds. Refuses: what does not
grow with encounters (master data, files), and opening a copy: a sealed block belongs to one fact alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final, TypeVar

import asyncpg
from msgspec import structs

from bench.stores import EVENT_TABLE_COLUMNS, record
from shared.events.envelope import Envelope, link
from shared.runtime.store import OWN, Place
from shared.runtime.store_postgres_tx import EVENT_COLUMNS, envelope_of

Item = TypeVar("Item")

COPIES_MAX: Final = 0x4FFF
"""Copies carry their number where a real UUID says 5xxx or 7xxx, so that none meets a real one."""
_ID: Final = re.compile(r"(?<=[0-9a-f]{8}-[0-9a-f]{4}-)[0-9a-f]{4}(?=-[0-9a-f]{4}-[0-9a-f]{12})")
_AT_ONCE: Final = 10_000
_TEXTS: Final = ("stream", "event_id", "key", "correlation_id")


@dataclass(frozen=True, slots=True)
class _Text:
    """A text, cut where its ids differ, so that a copy of it is one join."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "_Text":
        return cls(tuple(_ID.split(text)))

    def copy(self, tag: str) -> str:
        return tag.join(self.parts)

    def unlike(self, tag: str) -> str:
        """Return a copy that differs even where no id is in it."""
        return tag.join(self.parts) if len(self.parts) > 1 else f"{self.parts[0]}~{tag}"


@dataclass(frozen=True, slots=True)
class _Fact:
    envelope: Envelope
    texts: tuple[_Text, ...]
    data: tuple[bytes, ...]

    @classmethod
    def of(cls, envelope: Envelope) -> "_Fact":
        texts = tuple(_Text.of(getattr(envelope, name)) for name in _TEXTS)
        data = tuple(part.encode() for part in _ID.split(envelope.data.decode()))
        return cls(envelope, texts, data)


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows to copy. **Shape**: `key` is the place of the column that has to differ, even where it has no id."""

    name: str
    columns: tuple[str, ...]
    key: int
    rows: Sequence[tuple[Any, ...]]

    def copies(self, tag: str) -> Iterator[tuple[Any, ...]]:
        """Yield one copy of all rows."""
        for row in self.rows:
            made = [each.copy(tag) if isinstance(each, _Text) else each for each in row]
            made[self.key] = row[self.key].unlike(tag)
            yield tuple(made)


@dataclass(frozen=True, slots=True)
class Original:
    """What a small real store has of everything that grows."""

    facts: Sequence[_Fact]
    tables: Sequence[_Table]

    @classmethod
    async def read(cls, url: str, *, rows_min: int) -> "Original":
        """Read a store. **Shape**: a table with fewer rows than `rows_min` is master data, and left alone."""
        connection = await asyncpg.connect(url)
        try:
            rows = await connection.fetch(f"select {EVENT_COLUMNS} from events order by position")  # noqa: S608 (ours)
            found = await connection.fetch("select tablename from pg_tables where tablename ~ '^rm_' order by 1")
            tables = [await _table(connection, row[0], "key") for row in found]
            tables.append(await _table(connection, "names", "hmac"))
            facts = [_Fact.of(envelope_of(row)) for row in rows]
            return cls(facts, [each for each in tables if len(each.rows) >= rows_min])
        finally:
            await connection.close()

    def copies(self, tag: str, base: int, chain_hash: bytes) -> Iterator[Envelope]:
        """Yield one copy of all facts, from after a position and its chain hash on."""
        recorded_at = self.facts[-1].envelope.recorded_at
        for fact in self.facts:
            stream, event_id, key, correlation_id = (each.unlike(tag) for each in fact.texts)
            envelope = structs.replace(
                fact.envelope,
                position=base + fact.envelope.position,
                unit_first=base + fact.envelope.unit_first,
                unit_last=base + fact.envelope.unit_last,
                stream=stream,
                event_id=event_id,
                key=key,
                correlation_id=correlation_id,
                causation_id=None,
                recorded_at=recorded_at,
                names=tuple((kind, f"{hmac}~{tag}") for kind, hmac in fact.envelope.names),
                data=tag.encode().join(fact.data),
            )
            chain_hash = link(chain_hash, envelope)
            yield structs.replace(envelope, chain_hash=chain_hash)


async def _table(connection: asyncpg.Connection, name: str, key: str) -> _Table:
    statement = await connection.prepare(f"select * from {name}")  # noqa: S608 (a name of ours)
    columns = tuple(each.name for each in statement.get_attributes())
    rows = [
        tuple(_Text.of(each) if isinstance(each, str) else each for each in row.values())
        for row in await statement.fetch()
    ]
    return _Table(name, columns, columns.index(key), rows)


async def grow(url: str, original: Original, copies: Iterable[int], effects: Sequence[Place]) -> None:
    """Add copies to a store whose services stand still, as if all that they lead to had been done and published."""
    tags = [f"{number:04x}" for number in copies]
    connection = await asyncpg.connect(url)
    try:
        for table in original.tables:
            for some in _portions(chain.from_iterable(table.copies(tag) for tag in tags)):
                await connection.copy_records_to_table(table.name, records=some, columns=table.columns)
        ((position, chain_hash),) = await connection.fetch("select position, chain_hash from store_head")
        last: Envelope | None = None
        for tag in tags:
            for facts in _portions(original.copies(tag, position, chain_hash)):
                last = facts[-1]
                position, chain_hash = last.position, last.chain_hash
                records = [record(each) for each in facts]
                await connection.copy_records_to_table("events", records=records, columns=EVENT_TABLE_COLUMNS)
        if last is not None:
            await _move(connection, last, effects)
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


def _portions(items: Iterable[Item]) -> Iterator[list[Item]]:
    left = iter(items)
    while some := list(islice(left, _AT_ONCE)):
        yield some


async def _move(connection: asyncpg.Connection, last: Envelope, effects: Sequence[Place]) -> None:
    """Move everything that has a place in the store to its new end."""
    await connection.execute(
        "update store_head set position = $1, chain_hash = $2, recorded_at = greatest(recorded_at, $3)",
        last.position,
        last.chain_hash,
        last.recorded_at,
    )
    await connection.execute("update projected set position = $1 where position > 0", last.position)
    await connection.execute("update relay_head set position = $1", last.position)
    await connection.execute("delete from relayed")  # what comes next goes to topics that are new
    await connection.executemany(
        "insert into checkpoint (topic, partition, next_offset, store_id, incarnation, position)"
        " values ($1, $2, $3, '', 0, $3) on conflict (topic, partition)"
        " do update set next_offset = $3, position = $3",
        [(*place, last.position) for place in (OWN, *effects)],
    )
