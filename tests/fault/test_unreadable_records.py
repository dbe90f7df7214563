"""Records that nobody can read, 1 in 500, on a real Kafka: no JSON, a later form, 9 MB; ours and strangers' (F10).

A fact that cannot be read parks with its cause, and what follows of its key waits behind it until a person gives it up;
a stranger's record is passed over, counted and named. All others move.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final, cast

from msgspec import json, structs
from structlog.testing import capture_logs

from shared.runtime.log import Log, Publisher, Record
from shared.runtime.metrics import SKIPPED
from shared.runtime.releasing import discard, release
from shared.runtime.store import Place
from tests.fault.test_broker_refuses import limit
from tests.support.dose import dose
from tests.support.engines import until
from tests.support.evidence import Evidence
from tests.support.invariants import SAFETY, check
from tests.support.line import ACTOR, Line, finish, give_all, opened, working

COUNT, EVERY = dose((300, 50), (6_000, 500))
KINDS: Final = ("broken", "newer", "huge")
HUGE_BYTES: Final = 9 * 1024 * 1024
CAUSES: Final = {"broken": "DecodeError", "newer": "unknown-version", "huge": "record-too-large"}


def spoilt(record: Record, kind: str) -> Record:
    """Return a record of ours with the right headers, as nobody can read it."""
    if kind == "broken":
        return structs.replace(record, value=record.value[:-20])
    if kind == "newer":
        headers = {**dict(record.headers), "ce_schemaversion": b"99"}
        return structs.replace(record, headers=tuple(headers.items()))
    return structs.replace(record, value=record.value.replace(b'"huge"', b'"%s"' % (b"x" * HUGE_BYTES)))


def stranger(kind: str) -> Record:
    """Return a record of somebody else."""
    value = b"x" * HUGE_BYTES if kind == "huge" else b'{"broken'
    return Record(key=b"", value=value, headers=(("other", b"header"),))


class SpoilingPublisher:
    """A publisher of what became of records. **Shape**: `true` has the bytes of those that were spoilt, by event id."""

    def __init__(self, publisher: Publisher, true: dict[str, bytes]) -> None:
        self._publisher = publisher
        self._true = true

    async def publish(self, batches: Mapping[Place, Iterable[Record]]) -> None:
        """Publish what became of a batch."""
        await self._publisher.publish({place: list(self._spoilt(records)) for place, records in batches.items()})

    def _spoilt(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            kind = json.decode(record.value).get("payer_name")
            if kind not in KINDS:
                yield record
                continue
            self._true[dict(record.headers)["ce_id"].decode()] = record.value
            yield spoilt(record, kind)
            yield stranger(kind)


class Spoiling:
    """A log on which some records come out as nobody can read them, each with a stranger's behind it."""

    def __init__(self, log: Log) -> None:
        self.true: dict[str, bytes] = {}
        self._log = log

    def __getattr__(self, name: str) -> object:
        """Return what the log itself has."""
        return getattr(self._log, name)

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator["SpoilingPublisher"]:
        """Return the log's own publisher, which gets what became of a batch."""
        async with self._log.publisher() as publisher:
            yield SpoilingPublisher(publisher, self.true)

    def mended(self, found: Evidence) -> Evidence:
        """Return what a line left, with the bytes that its store has in the place of those that were spoilt."""
        topics = {
            place: tuple(replace(each, data=self.true.get(each.event_id, each.data)) for each in records)
            for place, records in found.topics.items()
        }
        return replace(found, topics=topics)


async def test_unreadable_records_park_or_are_named_and_nothing_behind_them_is_lost(
    line: Line, kafka_bootstrap: str
) -> None:
    given = replace(
        line,
        log=f"kafka://{kafka_bootstrap}",
        prefix="unreadable",
        count=COUNT,
        poison_every=EVERY,
        poisons=KINDS,
        releases=False,
        thanks=False,
    )
    spoiling: Callable[[Log], Log] = lambda log: cast(Log, Spoiling(log))  # noqa: E731 (a wrapper in one line)
    before = skipped()
    with capture_logs() as told:
        async with opened(given, through=spoiling) as open_:
            log = cast(Spoiling, open_.log)
            topics = [f"{given.prefix}.registration", f"{given.prefix}.registration.internal"]
            await open_.log.ensure_topics(topics, partitions=given.partitions, replicas=1)
            await limit(kafka_bootstrap, topics[0], 2 * HUGE_BYTES)
            async with working(given, open_):
                await give_all(given, open_.giver)
                await finish(given, open_)
                waiting = log.mended(await given.evidence())
                for n in range(COUNT // EVERY):
                    oldest, *_ = await open_.shelver.store.parked("demo", key=f"P-{n}", rows_max=9)
                    await discard(open_.shelver, oldest, reason="unreadable", by=ACTOR)
                    assert await release(open_.shelver, open_.log, "demo", f"P-{n}", by=ACTOR) == 1

                async def all_out() -> bool:
                    (sent, _), head = await open_.shelver.store.relayed(), await open_.shelver.store.head()
                    types = Counter(each.type for each in await open_.shelver.store.events(0, events_max=100_000))
                    return sent == head.position and types["CopyStamped"] == types["CopyShelved"]

                await until(all_out, seconds=60)
    ended = log.mended(await given.evidence())
    causes = Counter(fact.body["cause"] for fact in waiting.shelver.facts if fact.type == "KeyParked")
    named = [each for each in told if each["event"] == "not-our-record"]

    check(waiting)
    assert causes == dict.fromkeys(CAUSES.values(), COUNT // EVERY // 3) | {"waits-behind-its-key": COUNT // EVERY}
    assert skipped() - before == len(named) == len(log.true) == COUNT // EVERY
    assert all({"topic", "partition", "offset"} <= set(each) for each in named)
    check(ended, SAFETY)
    assert not ended.shelver.parked
    assert Counter(fact.type for fact in ended.shelver.facts)["CopyShelved"] == COUNT - COUNT // EVERY


def skipped() -> int:
    return int(SKIPPED.labels("shelving")._value.get())  # noqa: SLF001 (the client has no other way to ask)
