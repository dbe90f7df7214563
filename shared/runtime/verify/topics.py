"""Topics against the store: every fact that was relayed is there, once, in its partition, in order, and equal.

Owns: one pass over all partitions. Each batch of records is compared with the facts of the same positions; one bit for
each position says at the end which ones no partition has, so that memory stays small. Refuses: facts that the relay has
not sent yet, and records that came again: they are counted.
"""

from collections.abc import Sequence
from typing import Final

import asyncpg
from msgspec import DecodeError

from shared.events.envelope import Envelope
from shared.runtime.engine import Engine
from shared.runtime.log import Fetched, Log, OffsetGone
from shared.runtime.progress import Progress
from shared.runtime.store import Place
from shared.runtime.store_postgres_tx import EVENT_COLUMNS, envelope_of
from shared.runtime.topics import ends, own_topics, place_of
from shared.runtime.verify.finding import About, Finding
from shared.runtime.verify.records import records
from shared.runtime.verify.snapshot import Snapshot
from shared.runtime.wire import Arrived, arrived

TOPICS: Final = About(name="topics", about="The topics have every relayed fact once, in order, and nothing else.")


async def check_topics(
    engine: Engine, log: Log, connection: asyncpg.Connection, seen: Snapshot, progress: Progress
) -> Finding:
    """Return whether the service's topics are its facts. **Errors**: `LogUnavailable`."""
    check = _Check(engine, connection, seen)
    try:
        await check.read(log, progress)
    except OffsetGone:
        check.complain("a partition does not begin at offset 0: records are gone")
    return await check.ended()


def _readable(row: asyncpg.Record) -> Envelope | None:
    try:
        return envelope_of(row)
    except (DecodeError, TypeError, ValueError):  # what it reserved was damaged
        return None


class _Check:
    """What was read so far.

    **Shape**: `newest` is the highest position of each partition, `there` has a bit for each position.
    """

    def __init__(self, engine: Engine, connection: asyncpg.Connection, seen: Snapshot) -> None:
        self._topics = own_topics(engine)
        self._partitions = engine.service.settings.topic_partitions
        self._connection = connection
        self._seen = seen
        self._there = bytearray((seen.head.position >> 3) + 1)
        self._newest: dict[Place, int] = {}
        self._again = 0
        self._strangers = 0
        self._complaint: str | None = None

    def complain(self, words: str) -> None:
        """Keep the first complaint."""
        self._complaint = self._complaint or words

    async def read(self, log: Log, progress: Progress) -> None:
        """Read every partition up to where it ends now."""
        last = await ends(log, self._topics)
        total, done = sum(last.values()) + len(last), 0
        async for place, some in records(log, dict.fromkeys(last, 0), last):
            await self._compare(place, some)
            done += len(some)
            progress("topics", done, total)

    async def _compare(self, place: Place, some: Sequence[Fetched]) -> None:
        """Compare records of one partition with the facts of the same positions."""
        facts = [(record, arrived(record)) for record in some]
        rows = await self._connection.fetch(
            f"select {EVENT_COLUMNS} from events where position = any($1::bigint[])",  # noqa: S608 (columns of ours)
            [fact.envelope.position for _, fact in facts if fact],
        )
        known = {row[0]: stored for row in rows if (stored := _readable(row))}
        for record, fact in facts:
            if fact is None:
                self._strangers += 1
            else:
                self._take(place, record.offset, fact, known.get(fact.envelope.position))

    def _take(self, place: Place, offset: int, fact: Arrived, stored: Envelope | None) -> None:
        where, position = f"{place[0]}/{place[1]} offset {offset}", fact.envelope.position
        newest = self._newest.get(place, 0)
        if fact.store_id != self._seen.head.store_id:
            self.complain(f"{where} is of another store")
            return
        if stored is None:
            self.complain(f"{where} has position {position}, which the store has not")
        elif stored != fact.envelope:
            self.complain(f"{where} differs from position {position} of the store")
        elif place_of(stored, self._topics, self._partitions) != place:
            self.complain(f"{where} has position {position}, which belongs into another partition")
        if position <= newest:
            self._again += 1
            return
        if fact.previous_position != newest:
            self.complain(f"{where} follows position {fact.previous_position}, the one before it has {newest}")
        self._newest[place] = position
        if position <= self._seen.head.position:
            self._there[position >> 3] |= 1 << (position & 7)

    def _has(self, position: int) -> bool:
        return bool(self._there[position >> 3] & 1 << (position & 7))

    async def ended(self) -> Finding:
        """Return what it comes to: what was relayed and is nowhere shows only at the end."""
        relayed = min(self._seen.relay_position, self._seen.head.position)
        missing = [position for position in range(1, relayed + 1) if not self._has(position)]
        await self._name_missing(missing)
        unsent = self._seen.head.position - relayed
        notes = (
            f"{self._again} records were sent again" if self._again else "",
            f"{self._strangers} records are not ours" if self._strangers else "",
            f"{unsent} facts are not sent yet" if unsent else "",
        )
        return TOPICS.found(
            self._complaint,
            checked=relayed - len(missing),
            left_out=self._again + self._strangers,
            note="; ".join(filter(None, notes)) or None,
        )

    async def _name_missing(self, missing: Sequence[int]) -> None:
        """Name the first fact that was relayed and is nowhere. One that the store lost too shows as a gap there."""
        row = await self._connection.fetchrow(
            f"select {EVENT_COLUMNS} from events where position = any($1::bigint[])"  # noqa: S608 (columns of ours)
            " order by position limit 1",
            missing,
        )
        fact = _readable(row) if row else None
        if fact is not None:
            topic, partition = place_of(fact, self._topics, self._partitions)
            self.complain(f"{topic}/{partition} has not position {fact.position}, which was relayed")
