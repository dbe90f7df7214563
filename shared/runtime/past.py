"""Facts of the past for one read model, in chunks: from the service's store, or from topics.

Owns: in which order they come, how far a chunk leads, and which records are left out: repeats, parked ones, discarded
ones. Of a fact only what a fold needs is read. Refuses: folding (`folding.py`), and reading past a checkpoint.
"""

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Final, TypeAlias, TypeVar, cast

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from msgspec import structs

from shared.events.envelope import personal_fields
from shared.events.registry import PRODUCERS
from shared.kernel.errors import Malformed, Unavailable
from shared.kernel.projection import AnyProjection
from shared.runtime.calling_off import call_off
from shared.runtime.engine import Engine
from shared.runtime.log import Fetched, Log, topic_of
from shared.runtime.store import NOTHING_READ, Checkpoint, Fact, Place, fact_of
from shared.runtime.topics import following, merged, next_offset
from shared.runtime.wire import Arrived, arrived

_SILENT_SECONDS_MAX: Final = 10
_FACTS: Final = (
    "select position, tenant_id, case when type = any($4::text[]) then event_id::text end, type, schema_version, data"
    " from events where position > $1 and position <= $2 and type = any($3::text[]) order by position"
)

Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy
Where: TypeAlias = tuple[str, int, int]
"""Topic, partition and offset of a record."""
Item = TypeVar("Item")


class RecordsMissing(Unavailable):
    """The topics do not hold all that was published or consumed: records were lost, or they are another log's."""

    slug = "records-missing"


class LogNeeded(Malformed):
    """Facts of other services are on the log alone, and the service names none."""

    slug = "log-needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How far a fold has come: the position in the own store, or the place in each partition of others."""

    position: int = 0
    places: Mapping[Place, Checkpoint] = field(default_factory=dict)
    skipped: frozenset[Where] = frozenset()
    events: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Facts to fold, and how far they lead."""

    facts: Sequence[Fact]
    reached: Reached


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Up to where facts are to be folded, and which records of others are not."""

    position: int = 0
    checkpoints: Mapping[Place, Checkpoint] = field(default_factory=dict)
    parked: frozenset[Where] = frozenset()
    discarded: frozenset[Where] = frozenset()

    def left(self, after: Reached) -> int:
        """Return how many positions, or records of others, a fold has still to pass."""
        places = after.places
        records = [to.next_offset - places.get(at, NOTHING_READ).next_offset for at, to in self.checkpoints.items()]
        return self.position - after.position + sum(records)

    def is_out_of_turn(self, after: Reached) -> bool:
        """Return whether a record that a fold passed over was handled since: it belongs before others of its key."""
        return bool(after.skipped - self.parked - self.discarded)


class Past:
    """All facts of one read model. **Shape**: `until` leaves out what was recorded later."""

    def __init__(  # noqa: PLR0913 (where facts come from, and what is left out)
        self,
        engine: Engine,
        log: Log | None,
        projection: AnyProjection,
        reading: asyncpg.Connection,
        *,
        from_topics: bool = False,
        until: datetime | None = None,
    ) -> None:
        settings = engine.service.settings
        name, prefix = engine.service.name, settings.topic_prefix
        self._log = log
        self.projection = projection
        self._reading = reading
        self._from_topics = from_topics
        self._until = until
        self._size = settings.replay_chunk_max
        self._own_topics = [topic_of(prefix, name, public=public) for public in (True, False)]
        self._foreign_topics = [
            topic_of(prefix, producer, public=True)
            for producer, events in PRODUCERS.items()
            if producer != name and not set(events).isdisjoint(projection.events)
        ]

    async def end(self, connection: Connection) -> End:
        """Return up to where there are facts now, as the transaction of a connection sees it."""
        if self.projection.source == "own":
            head = await connection.fetchval("select position from store_head")
            return End(position=head if self._until is None else await position_at(connection, self._until, head))
        return await consumed(connection, self._foreign_topics)

    async def chunks(self, after: Reached, to: End) -> AsyncGenerator[Chunk, None]:
        """Yield facts in order. **Errors**: `RecordsMissing`, `LogNeeded`, those of the log and of the store."""
        if self.projection.source == "own":
            published = 0
            if self._from_topics:
                published = min(to.position, await self._reading.fetchval("select position from relay_head"))
            if after.position < published:
                records = merged(self._named_log(), self._own_topics)
                topics = own_facts_of_topics(records, self.projection, after, to=published, size=self._size)
                async with aclosing(topics):
                    async for chunk in topics:
                        after = chunk.reached
                        yield chunk
            facts = own_facts(self._reading, self.projection, after, to=to.position, size=self._size)
        else:
            walk = Walk(self.projection, after, to, self._until)
            facts = foreign_facts(self._named_log, walk, size=self._size)
        async with aclosing(facts):
            async for chunk in facts:
                yield chunk

    def _named_log(self) -> Log:
        if self._log is None:
            raise LogNeeded("these facts are on the log: set its address, CLAIMLOG_<SERVICE>_LOG_URL")
        return self._log


async def consumed(connection: Connection, topics: Sequence[str]) -> End:
    """Return how far topics were consumed, and what of them was not folded."""
    rows = await connection.fetch(
        "select topic, partition, next_offset, store_id, incarnation, position from checkpoint"
        " where topic = any($1::text[])",
        topics,
    )
    parked = await connection.fetch("select topic, partition, offset_ from parked where topic = any($1)", topics)
    discarded = await connection.fetch("select topic, partition, offset_ from discarded where topic = any($1)", topics)
    return End(
        checkpoints={(row[0], row[1]): Checkpoint(**dict(list(row.items())[2:])) for row in rows},
        parked=frozenset((row[0], row[1], row[2]) for row in parked),
        discarded=frozenset((row[0], row[1], row[2]) for row in discarded),
    )


async def position_at(connection: Connection, moment: datetime, head: int) -> int:
    """Return the position of the last fact that was recorded up to a moment: time never goes back along positions."""
    recorded, later = 0, head + 1
    while later - recorded > 1:
        middle = (recorded + later) // 2
        at = await connection.fetchval("select recorded_at from events where position = $1", middle)
        recorded, later = (middle, later) if at <= moment else (recorded, middle)
    return recorded


async def own_facts(
    connection: Connection, projection: AnyProjection, after: Reached, *, to: int, size: int
) -> AsyncGenerator[Chunk, None]:
    """Yield own facts up to a position, from the store. **Shape**: a chunk for each `size` positions."""
    types = [event.__name__ for event in projection.events]
    sealed = [event.__name__ for event in projection.events if personal_fields(event)]
    reached = after
    while reached.position < to:
        end = min(to, reached.position + size)
        found = await connection.fetch(_FACTS, reached.position, end, types, sealed)
        facts = cast("Sequence[Fact]", found)  # a row of the database unpacks like one, and is made faster
        reached = dataclasses.replace(reached, position=end, events=reached.events + len(facts))
        yield Chunk(facts=facts, reached=reached)


async def own_facts_of_topics(
    records: AsyncGenerator[Arrived, None], projection: AnyProjection, after: Reached, *, to: int, size: int
) -> AsyncGenerator[Chunk, None]:
    """Yield own facts up to a position, from the service's own topics, each position once.

    **Errors**: `RecordsMissing`: the topics lack a position that was published.
    """
    types = {event.__name__ for event in projection.events}
    reached, facts = after, list[Fact]()
    last = 0
    async with aclosing(records):
        async for record in records:
            if last == to:
                break
            if record.envelope.position != last + 1:
                break  # a hole: said below
            last += 1
            if last > after.position and record.envelope.type in types:
                facts.append(fact_of(record.envelope))
            if last > after.position and (last % size == 0 or last == to):
                reached = dataclasses.replace(reached, position=last, events=reached.events + len(facts))
                yield Chunk(facts=facts, reached=reached)
                facts = []
    if last < to:
        raise RecordsMissing(f"the topics do not hold position {last + 1}; fold from the store instead")


async def foreign_facts(log: Callable[[], Log], walk: "Walk", *, size: int) -> AsyncGenerator[Chunk, None]:
    """Yield facts of other services up to where they were consumed, each partition in its order.

    **Errors**: `RecordsMissing`, `LogUnavailable`, `OffsetGone`.
    """
    places = walk.unfinished()
    if not places:
        return
    async with log().reader() as reader:
        await reader.assign({place: walk.places[place].next_offset for place in places})
        heard = dict.fromkeys(places, monotonic())
        while places := walk.unfinished():
            found = await reader.fetch(records_max=size, seconds=1)
            heard |= dict.fromkeys(found, monotonic())
            for place in places:
                if monotonic() - heard[place] > _SILENT_SECONDS_MAX:
                    await _refuse_lost(log(), place, walk.end(place))
                    heard[place] = monotonic()
            if found:
                facts = [fact for place, records in found.items() for fact in walk.over(place, records)]
                yield Chunk(facts=facts, reached=walk.reached(len(facts)))


async def _refuse_lost(log: Log, place: Place, end: int) -> None:
    """Refuse a partition that ends before its checkpoint, however busy others are. **Errors**: `RecordsMissing`."""
    if await next_offset(log, place) < end:
        where = f"{place[0]}/{place[1]}"
        raise RecordsMissing(f"{where} ends before this service's checkpoint of it, {end}; is it the right log?")


class Walk:
    """The way through the partitions of other services."""

    def __init__(self, projection: AnyProjection, after: Reached, to: End, until: datetime | None) -> None:
        self.places = {place: after.places.get(place, NOTHING_READ) for place in to.checkpoints}
        self._types = {event.__name__ for event in projection.events}
        self._after = after
        self._skipped = set(after.skipped)
        self._to = to
        self._until = until
        self._events = after.events

    def unfinished(self) -> list[Place]:
        """Return the partitions that have more."""
        ends = self._to.checkpoints
        return [place for place, read in self.places.items() if read.next_offset < ends[place].next_offset]

    def end(self, place: Place) -> int:
        """Return the offset up to which a partition was consumed."""
        return self._to.checkpoints[place].next_offset

    def reached(self, events: int) -> Reached:
        """Return how far it is after some more facts."""
        self._events += events
        return Reached(places=dict(self.places), skipped=frozenset(self._skipped), events=self._events)

    def over(self, place: Place, records: Sequence[Fetched]) -> Iterator[Fact]:
        """Yield what is folded of the next records of a partition."""
        end = self._to.checkpoints[place].next_offset
        for record in records:
            if record.offset >= end:
                self.places[place] = structs.replace(self.places[place], next_offset=end)
                return
            fact = self._taken(place, arrived(record))
            self.places[place] = structs.replace(self.places[place], next_offset=record.offset + 1)
            if fact is not None and self._is_folded((*place, record.offset), fact):
                yield fact_of(fact.envelope)

    def _taken(self, place: Place, fact: Arrived | None) -> Arrived | None:
        """Return a record's fact where the consumer took it, as the consumer tells: no repeat, nothing before a gap."""
        read = self.places[place]
        moved = following(read, fact) if fact is not None else None
        if moved is None or moved is read:
            return None
        self.places[place] = moved
        return fact

    def _is_folded(self, where: Where, fact: Arrived) -> bool:
        if fact.envelope.type not in self._types or where in self._to.discarded:
            return False
        if self._until is not None and fact.envelope.recorded_at > self._until:
            return False
        if where in self._to.parked:
            self._skipped.add(where)
            return False
        return True


def always() -> bool:
    """Return that it is."""
    return True


async def one_ahead(
    items: AsyncGenerator[Item, None], *, is_wanted: Callable[[], bool] = always
) -> AsyncIterator[Item]:
    """Yield items; the next one is fetched while this one is worked on, unless that is not wanted just then."""
    async with aclosing(items):
        coming = asyncio.ensure_future(anext(items, None))
        try:
            while (item := await coming) is not None:
                if is_wanted():
                    coming = asyncio.ensure_future(anext(items, None))
                    yield item
                else:
                    yield item
                    coming = asyncio.ensure_future(anext(items, None))
        finally:
            await call_off(coming)
            if not coming.cancelled():
                coming.exception()  # nobody asks for it any more
