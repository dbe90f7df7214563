"""The event store in memory: the same promises as `store_postgres.py`, until the process ends.

Owns: dicts and one lock. Refuses: durability. For unit tests of a whole service, and the twin in the store's suite.
"""

import asyncio
import operator
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from msgspec import Struct

from shared.events.envelope import Envelope
from shared.kernel.projection import AnyProjection, Projection
from shared.runtime.operations import MemoryOperations, Operations
from shared.runtime.store import (
    NOTHING_ASKED,
    NOTHING_READ,
    OWN,
    Answer,
    AnswerKey,
    Applied,
    AskedOfLock,
    AtMost,
    Batch,
    Began,
    Checkpoint,
    Choice,
    Fact,
    Head,
    HeldBack,
    NameKey,
    Order,
    Parked,
    Place,
    ProjectionBroken,
    Restoration,
    RowKey,
    Sought,
    Spot,
    Standing,
    StoreUnavailable,
    Stream,
    Sum,
    Summing,
    UnstorableValue,
    fact_of,
    table_name,
)

Row = TypeVar("Row")


class MemoryStore:
    """A store that forgets. **Shape**: `Store`."""

    def __init__(self, store_id: str = "00000000-0000-0000-0000-000000000000") -> None:
        beginning = datetime(1970, 1, 1, tzinfo=UTC)
        self._head = Head(store_id=store_id, incarnation=1, position=0, chain_hash=bytes(32), recorded_at=beginning)
        self._lock = asyncio.Lock()
        self._grown = asyncio.Condition()
        self._events: list[Envelope] = []
        self._streams: dict[Stream, list[Envelope]] = {}
        self._ids: set[str] = set()
        self._names: dict[NameKey, str] = {}
        self._answers: dict[AnswerKey, Answer] = {}
        self._answered_at: dict[AnswerKey, datetime] = {}
        self._rows: dict[str, dict[RowKey, Any]] = {}
        self._checkpoints: dict[Place, Checkpoint] = {}
        self._attempts: Counter[Place] = Counter()
        self._parked: dict[tuple[Place, int], Parked] = {}
        self._discarded: set[str] = set()
        self._files: dict[tuple[str, str], tuple[str, bytes]] = {}
        self._projected: dict[str, int] = {}
        self._broken: dict[str, str] = {}
        self.operations: Operations = MemoryOperations()
        self._relayed: tuple[int, Mapping[Place, int]] = (0, {})
        self._numbers: Counter[tuple[str, str]] = Counter()

    @asynccontextmanager
    async def locked(
        self, asked: AskedOfLock = NOTHING_ASKED, *, restoring: bool = False
    ) -> AsyncIterator["_MemoryTx"]:
        """Return a transaction that holds the head and shows what was asked of it."""
        del restoring  # this store is never restored
        async with self._lock:
            tx = _MemoryTx(self, self._standing(asked))
            yield tx
            self._commit(tx.written)
        async with self._grown:
            self._grown.notify_all()

    def _standing(self, asked: AskedOfLock) -> Standing:
        parked: dict[RowKey, dict[Place, int]] = {}
        for each in self._parked.values():
            if (each.tenant_id, each.key) in asked.keys:
                first = parked.setdefault((each.tenant_id, each.key), {})
                first[each.place] = min(each.offset, first.get(each.place, each.offset))
        return Standing(
            checkpoints={place: self._checkpoints.get(place, NOTHING_READ) for place in asked.places},
            held_back=HeldBack(parked, frozenset(self._discarded)),
            existing=frozenset(self._ids.intersection(asked.event_ids)),
            answers={key: self._answers[key] for key in asked.answers if key in self._answers},
            consumed=sum(each.next_offset for each in self._checkpoints.values()),
            streams={stream: tuple(self._streams.get(stream, ())) for stream in asked.streams},
        )

    def _commit(self, batches: list[Batch]) -> None:
        for batch in batches:
            for event in batch.events:
                self._events.append(event)
                self._streams.setdefault((event.tenant_id, event.stream), []).append(event)
                self._ids.add(event.event_id)
            if batch.events:
                last = batch.events[-1]
                self._head = replace(
                    self._head, position=last.position, chain_hash=last.chain_hash, recorded_at=last.recorded_at
                )
            self._names |= batch.names
            self._answers |= batch.answers
            self._answered_at |= dict.fromkeys(batch.answers, self._head.recorded_at)
            for name, rows in batch.rows.items():
                table = self._rows.setdefault(name, {})
                for key, row in rows.items():
                    if row is None:
                        table.pop(key, None)
                    else:
                        table[key] = row
            for place, (_, moved) in batch.checkpoints.items():
                self._checkpoints[place] = moved
                self._attempts[place] = 0
            self._parked |= {(each.place, each.offset): each for each in batch.parked}
            self._discarded |= {each.event_id for each in batch.discarded}
            for gone in batch.released:
                self._parked.pop(gone, None)
            self._files |= {key: (file.kind, sealed) for key, (file, sealed) in batch.files.items()}
            self._projected |= batch.projected
            self._broken |= batch.broken

    async def settle_here(self) -> None:
        """Do nothing: this store cannot be moved."""

    async def head(self) -> Head:
        """Return the end of the store."""
        return self._head

    async def events(
        self, after: int, *, types: Sequence[str] | None = None, tenant_id: str | None = None, events_max: int
    ) -> Sequence[Envelope]:
        """Return events by position."""
        found: list[Envelope] = []
        for event in self._events[after:]:
            if (types is None or event.type in types) and tenant_id in {None, event.tenant_id}:
                found.append(event)
            if len(found) == events_max:
                break
        return found

    async def facts_between(self, head: Head, after: int, to: int, types: Collection[str]) -> Sequence[Fact]:
        """Return the facts of some types above a position up to another, by position."""
        if [each.chain_hash for each in self._events[head.position - 1 : head.position]] != [head.chain_hash]:
            raise StoreUnavailable("another store answers than the one that has this head; try again in a moment")
        return [fact_of(each) for each in self._events[after:to] if each.type in types]

    async def history(
        self, tenant_id: str, streams: Sequence[str], *, until: datetime | None = None, events_max: int
    ) -> Sequence[Envelope]:
        """Return the events of streams by position, those alone that were recorded up to an instant."""
        events = [each for stream in streams for each in self._streams.get((tenant_id, stream), ())]
        known = (each for each in events if until is None or each.recorded_at <= until)
        return sorted(known, key=lambda each: each.position)[:events_max]

    async def version(self, tenant_id: str, stream: str, *, until: datetime | None = None) -> int:
        """Return the version of a stream, or that at an instant; 0 without a fact."""
        events = self._streams.get((tenant_id, stream), ())
        return sum(until is None or each.recorded_at <= until for each in events)

    async def row(self, projection: Projection[Row, Any], tenant_id: str, key: str) -> Row | None:
        """Return one row of a read model."""
        row: Row | None = self._table(projection).get((tenant_id, key))
        return row

    async def rows_by_key(
        self, projection: Projection[Row, Any], tenant_id: str, keys: Collection[str]
    ) -> Mapping[str, Row]:
        """Return those rows of a read model that exist."""
        table = self._table(projection)
        return {key: table[tenant_id, key] for key in keys if (tenant_id, key) in table}

    async def rows_of_tenants(self, projection: Projection[Row, Any], key: str) -> Mapping[str, Row]:
        """Return the rows of one key, by tenant."""
        return {tenant: row for (tenant, each), row in self._table(projection).items() if each == key}

    def _table(self, projection: AnyProjection) -> dict[RowKey, Any]:
        if table_name(projection) in self._broken:
            raise ProjectionBroken("this read model stopped at a fact that it cannot fold; mend and rebuild it")
        return self._rows.get(table_name(projection), {})

    async def select(
        self,
        projection: Projection[Row, Any],
        tenant_id: str,
        *,
        where: Mapping[str, object],
        after: str | None,
        rows_max: int,
    ) -> Sequence[tuple[str, Row]]:
        """Return keys and rows whose filters have given values, by key."""
        found = [
            (key, row)
            for (tenant, key), row in self._table(projection).items()
            if tenant == tenant_id
            and (after is None or key > after)
            and all(_has(getattr(row, name), value) for name, value in where.items())
        ]
        return sorted(found, key=lambda pair: pair[0])[:rows_max]

    async def ordered(  # noqa: PLR0913 (as `select`, and the order)
        self,
        projection: Projection[Row, Any],
        tenant_id: str,
        order: Order,
        *,
        where: Mapping[str, object],
        after: Spot | None,
        rows_max: int,
    ) -> Sequence[tuple[Spot, Row]]:
        """Return rows in an order with where in it they stand."""
        rows = await self.select(projection, tenant_id, where=where, after=None, rows_max=len(self._events) + 1)
        spots = [(Spot(getattr(row, order.by), key), row) for key, row in rows]
        known = sorted((each for each in spots if each[0].value is not None), key=_spot, reverse=order.descending)
        rest = sorted((each for each in spots if each[0].value is None), key=_spot_key, reverse=order.descending)
        return [each for each in (*known, *rest) if after is None or _is_after(each[0], after, order)][:rows_max]

    async def counts(
        self, projection: AnyProjection, tenant_id: str, *, by: str, where: Mapping[str, object]
    ) -> Mapping[str, int]:
        """Return how many rows have each value of a filter."""
        rows = await self.select(projection, tenant_id, where=where, after=None, rows_max=len(self._events) + 1)
        return Counter(str(getattr(row, by)) for _, row in rows)

    async def sums(
        self, projection: AnyProjection, tenant_id: str, summing: Summing, *, where: Mapping[str, object]
    ) -> Sequence[Sum]:
        """Return what rows come to, by value."""
        rows = await self.select(projection, tenant_id, where=where, after=None, rows_max=len(self._events) + 1)
        by_value: dict[Any, list[Any]] = {}
        for _, row in rows:
            by_value.setdefault(getattr(row, summing.by) if summing.by else None, []).append(row)
        return [_sum(value, rows, summing) for value, rows in by_value.items()]

    async def totals(
        self, projection: AnyProjection, tenant_id: str, choices: Sequence[Choice], days: tuple[date, date]
    ) -> Sequence[Sum]:
        """Return what the rows of each choice come to."""
        found: list[Sum] = []
        for choice in choices:
            rows = await self.select(
                projection, tenant_id, where=choice.where, after=None, rows_max=len(self._events) + 1
            )
            summing = Summing(None, choice.amount, choice.due, days)
            found.append(_sum(None, [row for _, row in rows], summing))
        return found

    async def file(self, tenant_id: str, sha256: str) -> tuple[str, bytes] | None:
        """Return kind and sealed bytes of a stored file."""
        return self._files.get((tenant_id, sha256))

    async def files(self, known: int) -> Sequence[tuple[str, str, str]]:
        """Return tenant, hash and kind of stored files."""
        return [(*key, kind) for key, (kind, _) in list(self._files.items())[known:]]

    async def forget_answers(self, before: datetime, *, rows_max: int) -> int:
        """Forget what idempotency keys were answered with before an instant; return how many there were, up to most."""
        old = [key for key, at in self._answered_at.items() if at < before][:rows_max]
        for key in old:
            del self._answers[key], self._answered_at[key]
        return len(old)

    async def number(self, tenant_id: str, sequence: str) -> int:
        """Return the next number of a sequence."""
        self._numbers[tenant_id, sequence] += 1
        return self._numbers[tenant_id, sequence]

    async def relayed(self) -> tuple[int, Mapping[Place, int]]:
        """Return up to which position facts were published, and the highest of each partition."""
        return self._relayed

    async def remember_relayed(self, position: int, sent: Mapping[Place, int]) -> None:
        """Remember what was published."""
        self._relayed = (position, {**self._relayed[1], **sent})

    async def began(self) -> Began:
        """Return nothing: this store is never restored."""
        return {}

    async def locked_streams(self) -> Sequence[Stream]:
        """Return none: this store is never restored."""
        return ()

    async def hold_effects(self, *, held: bool) -> None:
        """Hold effects back, or let them act again."""
        self._head = replace(self._head, effects_held=held)

    async def units_caused(self, actor_id: str, after: int) -> Mapping[str, int]:
        """Return how many units with facts an actor added after a position, by the fact that caused them."""
        found = {(e.causation_id, e.unit_first) for e in self._events[after:] if e.actor.id == actor_id}
        return Counter(cause for cause, _ in found if cause)

    async def tenants(self) -> Sequence[str]:
        """Return all tenants that have facts."""
        return sorted({event.tenant_id for event in self._events})

    async def checkpoint(self, place: Place) -> Checkpoint:
        """Return how far a partition was consumed."""
        return self._checkpoints.get(place, NOTHING_READ)

    async def applied(self, sought: Sequence[Sought], own_tables: Sequence[str]) -> Applied:
        """Return how far facts are applied that somebody waits for."""
        head = self._head
        whole = [self._projected.get(each, 0) for each in own_tables if each not in self._broken]
        own = Checkpoint(
            next_offset=head.position,
            store_id=head.store_id,
            incarnation=head.incarnation,
            position=min(head.position, *whole),
        )
        parked = {
            n
            for n, each in enumerate(sought)
            for waits in self._parked.values()
            if (waits.tenant_id, waits.place) == (each.tenant_id, each.place)
            and each.first <= waits.position <= each.last
        }
        return Applied({**self._checkpoints, OWN: own}, frozenset(parked))

    async def attempt(self, place: Place) -> int:
        """Count one more try at what follows a checkpoint."""
        self._attempts[place] += 1
        return self._attempts[place]

    async def forgive(self, place: Place) -> None:
        """Take a try back that failed for no fault of the records."""
        self._attempts[place] = max(self._attempts[place] - 1, 0)

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
        asked = {"tenant_id": tenant_id, "key": key, "cause": cause, "event_id": event_id}
        wanted = {name: value for name, value in asked.items() if value is not None}
        found = [
            each
            for each in self._parked.values()
            if all(getattr(each, name) == value for name, value in wanted.items())
        ]
        return sorted(found, key=lambda each: (each.place, each.offset))[:rows_max]

    async def wait_for_facts(self, after: int, *, seconds: float, types: Iterable[str] | None = None) -> int:
        """Return when the store has facts after a position, or when the time is over."""
        del types  # to wake too often costs nothing here
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._grown:
                await self._grown.wait_for(lambda: self._head.position > after)
        return self._head.position


class _MemoryTx:
    """One transaction. **Shape**: `StoreTx`."""

    def __init__(self, store: MemoryStore, standing: Standing) -> None:
        self._store = store
        self.head = store._head  # noqa: SLF001 (one adapter in two classes)
        self.standing = standing
        self.written: list[Batch] = []

    async def events_after(self, known: Mapping[Stream, int]) -> Sequence[Envelope]:
        """Return the events of streams above the versions that are known."""
        streams = self._store._streams  # noqa: SLF001
        return [event for stream, version in known.items() for event in streams.get(stream, [])[version:]]

    async def held_names(self, names: Sequence[NameKey]) -> Mapping[NameKey, str]:
        """Return the streams that hold names."""
        held = self._store._names  # noqa: SLF001
        return {name: held[name] for name in names if name in held}

    async def rows(
        self, wanted: Mapping[AnyProjection, Sequence[RowKey]]
    ) -> Mapping[AnyProjection, Mapping[RowKey, Any]]:
        """Return the rows of read models that exist."""
        found = {}
        for projection, keys in wanted.items():
            table = self._store._rows.get(table_name(projection), {})  # noqa: SLF001
            found[projection] = {key: table[key] for key in keys if key in table}
        return found

    async def oldest_parked(self, keys: Sequence[RowKey]) -> Mapping[RowKey, tuple[Place, int]]:
        """Return the place of the oldest parked record of each key that has one."""
        found = {key: await self._store.parked(key[0], key=key[1], rows_max=1) for key in keys}
        return {key: (rows[0].place, rows[0].offset) for key, rows in found.items() if rows}

    async def locked_streams(self) -> frozenset[Stream]:
        """Return none: this store is never restored."""
        return frozenset()

    async def projected(self) -> Mapping[str, tuple[int, str | None]]:
        """Return up to which position each own read model was folded, and why it is broken."""
        broken = self._store._broken  # noqa: SLF001
        return {name: (at, broken.get(name)) for name, at in self._store._projected.items()}  # noqa: SLF001

    async def facts_between(self, after: int, to: int, types: Collection[str]) -> Sequence[Fact]:
        """Return the facts of some types above a position up to another, by position."""
        return await self._store.facts_between(self.head, after, to, types)

    async def write(self, batch: Batch) -> None:
        """Write a batch. **Errors**: `UnstorableValue` for a number beyond 64 bits, which no column takes."""
        for rows in batch.rows.values():
            values = (value for row in rows.values() if row is not None for value in _values(row))
            if any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in values):
                raise UnstorableValue("a number does not fit")
        self.written.append(batch)

    async def begin_restore(self, store_id: str) -> None:
        """Refuse: nothing is restored into a store that forgets."""
        raise NotImplementedError(store_id)

    async def end_restore(self, ended: Restoration) -> None:
        """Refuse: nothing is restored into a store that forgets."""
        raise NotImplementedError(ended)


def _has(given: Any, asked: object) -> bool:  # noqa: ANN401 (a value of a filter)
    if isinstance(asked, AtMost):
        return given is not None and bool(given <= asked.value)
    return bool(given == asked)


def _spot(found: tuple[Spot, object]) -> Spot:
    return found[0]


def _spot_key(found: tuple[Spot, object]) -> str:
    return found[0].key


def _is_after(spot: Spot, other: Spot, order: Order) -> bool:
    if (spot.value is None) != (other.value is None):
        return spot.value is None
    beyond = operator.lt if order.descending else operator.gt
    return bool(beyond(spot.key, other.key) if spot.value is None else beyond(spot, other))


def _sum(value: str | None, rows: Sequence[Any], summing: Summing) -> Sum:
    first, last = summing.days
    due = [getattr(row, summing.due) for row in rows] if summing.due else []
    return Sum(
        value,
        len(rows),
        sum(getattr(row, summing.amount) or 0 for row in rows) if summing.amount else 0,
        sum(each is not None and each < first for each in due),
        sum(each is not None and first <= each <= last for each in due),
    )


def _values(row: Any) -> Iterable[object]:  # noqa: ANN401 (rows are of many types)
    names = row.__struct_fields__ if isinstance(row, Struct) else [each.name for each in fields(row)]
    return (getattr(row, name) for name in names)
