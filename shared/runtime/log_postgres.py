"""The log in a PostgreSQL database, for one machine without Kafka. **Shape**: `Log` of `log.py`.

Offsets per partition come from a row that is locked FOR UPDATE, so they have no gaps and follow the order of commits.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final

import asyncpg
from msgspec import json

from shared.runtime.failpoints import point
from shared.runtime.log import (
    RECORD_BYTES_MAX,
    Fetched,
    Form,
    LogUnavailable,
    OffsetGone,
    Record,
    TopicDiffers,
    wrong_partitions,
)
from shared.runtime.postgres import CONNECTION_ERRORS, SCHEMA, apply_schema, connect, end, pool
from shared.runtime.silent_holder import granted
from shared.runtime.store import Place, StoreUnavailable

_CONNECTIONS_MAX: Final = 16
_CHANNEL: Final = "claimlog_log"


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (*CONNECTION_ERRORS, StoreUnavailable) as error:
        raise LogUnavailable("the log's database does not answer") from error


class PostgresLog:
    """A log in two tables."""

    def __init__(self, url: str, connections: asyncpg.Pool) -> None:
        self._url = url
        self._pool = connections
        self._listener: asyncpg.Connection | None = None
        self._listening = asyncio.Lock()
        self.readers: set[_Reader] = set()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["PostgresLog"]:
        """Connect, make the tables where they are missing, and close at the end. **Errors**: `LogUnavailable`."""
        with _unavailable():
            connections = await pool(url, size_max=_CONNECTIONS_MAX)
        log = cls(url, connections)
        try:
            with _unavailable():
                async with connections.acquire() as connection:
                    await apply_schema(connection, (SCHEMA / "log.sql").read_text())
                await log._listen()
            yield log
        finally:
            if log._listener is not None:
                with suppress(*CONNECTION_ERRORS):
                    await log._listener.close(timeout=2)
            await end(connections)

    async def _listen(self) -> None:
        if self._listener is None or self._listener.is_closed():
            async with self._listening:
                if self._listener is None or self._listener.is_closed():
                    listener = await connect(self._url)
                    await listener.add_listener(_CHANNEL, lambda *heard: self._wake(heard[-1].split()))
                    self._listener = listener

    def _wake(self, topics: Sequence[str]) -> None:
        for reader in self.readers:
            if not reader.topics.isdisjoint(topics):
                reader.grown.set()

    async def fetch_rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Return what the database answers. **Errors**: `LogUnavailable`."""
        with _unavailable():
            await self._listen()
            return await self._pool.fetch(query, *arguments)

    async def ensure_topics(self, topics: Sequence[str], *, partitions: int, replicas: int) -> None:
        """Make the topics that are missing; `replicas` is the database's business here. **Errors**: `TopicDiffers`."""
        del replicas
        for topic in topics:
            await self.fetch_rows(
                "insert into log_partition (topic, partition) select $1, generate_series(0, $2 - 1)"
                " where not exists (select 1 from log_partition where topic = $1) on conflict do nothing",
                topic,
                partitions,
            )
            if await self.partitions(topic) != partitions:
                raise TopicDiffers("a topic has another number of partitions; they are fixed when it is made")

    async def differences(self, topics: Sequence[str], *, partitions: int) -> Mapping[str, str]:
        """Return what is wrong with topics; a table keeps its records for ever."""
        found = {topic: wrong_partitions(await self.partitions(topic), partitions) for topic in topics}
        return {topic: wrong for topic, wrong in found.items() if wrong}

    async def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has."""
        (row,) = await self.fetch_rows("select count(*) from log_partition where topic = $1", topic)
        return int(row[0])

    async def last(self, place: Place) -> Fetched | None:
        """Return the newest record of a partition."""
        rows = await self.fetch_rows(
            "select topic, partition, offset_, key, value, headers from log_record"
            " where topic = $1 and partition = $2 order by offset_ desc limit 1",
            *place,
        )
        return _fetched(rows[0]) if rows else None

    async def record(self, place: Place, offset: int) -> Fetched | None:
        """Return one record."""
        rows = await self.fetch_rows(
            "select topic, partition, offset_, key, value, headers from log_record"
            " where topic = $1 and partition = $2 and offset_ = $3",
            *place,
            offset,
        )
        return _fetched(rows[0]) if rows else None

    @asynccontextmanager
    async def reader(self) -> AsyncIterator["_Reader"]:
        """Return a reader."""
        reader = _Reader(self)
        self.readers.add(reader)
        try:
            yield reader
        finally:
            self.readers.discard(reader)

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator["_Publisher"]:
        """Return a publisher."""
        yield _Publisher(self._pool)


class _Reader:
    def __init__(self, log: PostgresLog) -> None:
        self.grown = asyncio.Event()
        self.topics: frozenset[str] = frozenset()
        self._log = log
        self._offsets: dict[Place, int] = {}

    async def assign(self, offsets: Mapping[Place, int]) -> None:
        """Read these partitions from these offsets. **Errors**: `OffsetGone`."""
        self._offsets = dict(offsets)
        self.topics = frozenset(topic for topic, _ in offsets)
        self.grown.set()  # whatever is there already
        for (topic, partition), offset in offsets.items():
            rows = await self._log.fetch_rows(
                "select next_offset from log_partition where topic = $1 and partition = $2", topic, partition
            )
            if rows and rows[0][0] < offset:
                raise OffsetGone("the log ends before the stored offset: it is another log, or it lost records")

    async def fetch(self, *, records_max: int, seconds: float) -> Mapping[Place, Sequence[Fetched]]:
        """Return the next records of each partition, in order."""
        if not self.grown.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.grown.wait()
        self.grown.clear()
        most = max(1, records_max // max(1, len(self._offsets)))
        found = await self._next(most)
        if any(len(records) == most for records in found.values()):
            self.grown.set()  # there may be more
        return found

    async def fetch_as(
        self, form: Callable[[Fetched], Form], *, records_max: int, seconds: float
    ) -> Mapping[Place, Sequence[Form]]:
        """Return the next records of each partition, in order, each as a function makes it."""
        found = await self.fetch(records_max=records_max, seconds=seconds)
        return {place: [form(record) for record in records] for place, records in found.items()}

    async def _next(self, most: int) -> Mapping[Place, Sequence[Fetched]]:
        places = list(self._offsets)
        rows = await self._log.fetch_rows(
            "select r.topic, r.partition, r.offset_, r.key, r.value, r.headers"
            " from unnest($1::text[], $2::int[], $3::bigint[]) as wanted (topic, partition, next_offset)"
            " cross join lateral (select * from log_record l where l.topic = wanted.topic"
            "  and l.partition = wanted.partition and l.offset_ >= wanted.next_offset order by l.offset_ limit $4) r",
            [topic for topic, _ in places],
            [partition for _, partition in places],
            list(self._offsets.values()),
            most,
        )
        found: dict[Place, list[Fetched]] = defaultdict(list)
        for row in rows:
            record = _fetched(row)
            found[record.place].append(record)
        for place, records in found.items():
            self._offsets[place] = records[-1].offset + 1
        return found


class _Publisher:
    def __init__(self, connections: asyncpg.Pool) -> None:
        self._pool = connections

    async def publish(self, batches: Mapping[Place, Iterable[Record]]) -> None:
        """Return once all batches are committed, in one transaction."""
        given = {place: list(records) for place, records in batches.items()}
        if any(_bytes(record) > RECORD_BYTES_MAX for records in given.values() for record in records):
            raise LogUnavailable("a record is larger than the log takes")
        with _unavailable():
            async with self._pool.acquire() as connection, connection.transaction():
                places = sorted(given)  # the same order everywhere, so that two publishers cannot lock each other out
                locking = connection.fetch(
                    "select topic, partition, next_offset from log_partition"
                    " join unnest($1::text[], $2::int[]) as wanted (topic, partition) using (topic, partition)"
                    " order by topic, partition for update of log_partition",
                    [topic for topic, _ in places],
                    [partition for _, partition in places],
                )
                rows = await granted(locking, connection, self._pool, of="log")
                starts = {(row[0], row[1]): row[2] for row in rows}
                if len(starts) != len(places):
                    raise LogUnavailable("a topic or partition does not exist")
                flat = [(place, starts[place] + n, record) for place in places for n, record in enumerate(given[place])]
                await connection.execute(
                    "insert into log_record select * from unnest"
                    "($1::text[], $2::int[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[])",
                    [place[0] for place, _, _ in flat],
                    [place[1] for place, _, _ in flat],
                    [offset for _, offset, _ in flat],
                    [record.key for _, _, record in flat],
                    [record.value for _, _, record in flat],
                    [json.encode([(name, value.decode()) for name, value in r.headers]) for _, _, r in flat],
                )
                await connection.execute(
                    f"with woken as (select pg_notify('{_CHANNEL}', $4))"  # noqa: S608 (a name of ours)
                    " update log_partition set next_offset = given.next_offset"
                    " from unnest($1::text[], $2::int[], $3::bigint[]) as given (topic, partition, next_offset), woken"
                    " where log_partition.topic = given.topic and log_partition.partition = given.partition",
                    [topic for topic, _ in places],
                    [partition for _, partition in places],
                    [starts[place] + len(given[place]) for place in places],
                    " ".join(sorted({topic for topic, _ in places})),
                )
                point("log.sent")


def _bytes(record: Record) -> int:
    return len(record.key) + len(record.value) + sum(len(name) + len(value) for name, value in record.headers)


def _fetched(row: asyncpg.Record) -> Fetched:
    return Fetched(
        place=(row[0], row[1]),
        offset=row[2],
        key=row[3],
        value=row[4],
        headers=tuple((name, value.encode()) for name, value in json.decode(row[5])),
    )
