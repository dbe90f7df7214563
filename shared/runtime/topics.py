"""A service's topics: where each fact goes, and all partitions read as one history, up to where they end at the start.

Owns: places, the order, which record of a partition follows from the last one, dropping repeats, a bounded memory (one
reader for each partition, asked only when its turn comes). Refuses: judging holes: a position that no partition has is
left out. Next: `relay.py` publishes, `restore.py` and `past.py` read all, `consumer.py` follows one partition.
"""

from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from heapq import heapify, heappop, heapreplace
from typing import Final

from shared.events.envelope import Envelope
from shared.runtime.engine import Engine
from shared.runtime.log import Fetched, Log, Reader, partition_of, topic_of
from shared.runtime.store import Began, Checkpoint, Place
from shared.runtime.wire import Arrived, Standing, arrived

_RECORDS_MAX: Final = 1_000


class _Tail:
    """One partition, from its start to where it ended when it was opened.

    Records behind a gap are passed over until the missing ones come, as a consumer does: whoever sends those again
    sends all that follow, too. Where nobody did, it goes back, and on behind the gap.
    """

    def __init__(self, place: Place, reader: Reader, last_offset: int) -> None:
        self._place = place
        self._reader = reader
        self._last_offset = last_offset
        self._read: deque[Arrived] = deque()
        self._ended = False
        self._highest = 0
        self._gap: int | None = None  # offset of the first record behind a gap
        self._lost_before: int | None = None  # offset of a record before which nobody sent what is missing

    async def next(self) -> Arrived | None:
        """Return the next fact that is not a repeat, None at the end. **Errors**: `LogUnavailable`, `OffsetGone`."""
        while not self._read and not self._ended:
            for record in (await self._reader.fetch(records_max=_RECORDS_MAX, seconds=1)).get(self._place, ()):
                self._ended = self._ended or record.offset >= self._last_offset
                if record.offset <= self._last_offset:
                    self._take(record)
            if self._ended and self._gap is not None:
                self._lost_before, self._gap, self._ended = self._gap, None, False
                await self._reader.assign({self._place: self._lost_before})
        return self._read.popleft() if self._read else None

    def _take(self, record: Fetched) -> None:
        fact = arrived(record)
        if fact is None or fact.envelope.position <= self._highest:
            return
        if fact.previous_position > self._highest and record.offset != self._lost_before:
            self._gap = record.offset if self._gap is None else self._gap
            return
        self._gap, self._highest = None, fact.envelope.position
        self._read.append(fact)


def following(read: Checkpoint, fact: Standing) -> Checkpoint | None:
    """Return where a record leads: `read` itself for a repeat or news from before a restore, None behind a gap."""
    position = fact.position
    fresh = fact.store_id != read.store_id
    if not fresh and (
        fact.incarnation < read.incarnation or (fact.incarnation == read.incarnation and position <= read.position)
    ):
        return read
    if fact.previous_position != (0 if fresh else read.position):
        return None
    return Checkpoint(next_offset=0, store_id=fact.store_id, incarnation=fact.incarnation, position=position)


def own_topics(engine: Engine) -> tuple[str, str]:
    """Return the topics of a service: its public facts, and the others."""
    prefix, name = engine.service.settings.topic_prefix, engine.service.name
    return topic_of(prefix, name, public=True), topic_of(prefix, name, public=False)


def place_of(fact: Envelope, topics: tuple[str, str], partitions: int) -> Place:
    """Return where the relay sends a fact, of the topics of `own_topics`."""
    public, private = topics
    return (public if fact.public else private, partition_of(fact.key, partitions))


def incarnation_of(began: Began, place: Place, position: int, newest: int) -> int:
    """Return under which incarnation a fact was published: under another one it is another history to readers."""
    found = [number for number, after in began.get(place, {}).items() if after < position]
    return max(found, default=newest)


async def next_offset(log: Log, place: Place) -> int:
    """Return the offset that the next record of a partition gets."""
    last = await log.last(place)
    return last.offset + 1 if last else 0


async def last_fact(log: Log, place: Place) -> Arrived | None:
    """Return the newest fact of a partition: a stranger's records behind it do not hide it."""
    record = await log.last(place)
    fact = arrived(record) if record else None
    while record is not None and fact is None and record.offset > 0:
        record = await log.record(place, record.offset - 1)
        fact = arrived(record) if record else None
    return fact


async def merged(log: Log, topics: Sequence[str]) -> AsyncGenerator[Arrived, None]:
    """Yield the facts of topics in the order of their store; close it where you stop early (`contextlib.aclosing`).

    **Shape**: records that are not ours are left out, as are topics that do not exist.
    **Errors**: `LogUnavailable`, `OffsetGone`.
    """
    async with AsyncExitStack() as stack:
        tails = [await _opened(stack, log, place, offset) for place, offset in (await ends(log, topics)).items()]
        waiting: list[tuple[int, int, Arrived]] = []
        for n, tail in enumerate(tails):
            fact = await tail.next()
            if fact is not None:
                waiting.append((fact.envelope.position, n, fact))
        heapify(waiting)
        while waiting:
            _, n, fact = waiting[0]
            yield fact
            coming = await tails[n].next()
            if coming is None:
                heappop(waiting)
            else:
                heapreplace(waiting, (coming.envelope.position, n, coming))


async def ends(log: Log, topics: Sequence[str]) -> dict[Place, int]:
    """Return the newest offset of each partition that has records."""
    places = [(topic, partition) for topic in topics for partition in range(await log.partitions(topic))]
    newest = {place: await log.last(place) for place in places}
    return {place: record.offset for place, record in newest.items() if record is not None}


async def _opened(stack: AsyncExitStack, log: Log, place: Place, last_offset: int) -> _Tail:
    reader = await stack.enter_async_context(log.reader())
    await reader.assign({place: 0})
    return _Tail(place, reader, last_offset)
