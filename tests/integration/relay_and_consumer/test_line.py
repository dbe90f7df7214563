"""From one service's store over the log into another's: once, in order, and again after every crash."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor, Envelope
from shared.runtime import relay as relay_module
from shared.runtime.consumer import Consumer, Read
from shared.runtime.engine import Engine
from shared.runtime.failpoints import Failed
from shared.runtime.log import Fetched, Log, LogUnavailable, Reader, Record, partition_of
from shared.runtime.relay import Relay, StoreAndTopicsDiffer, StoreRestored
from shared.runtime.store import Place
from shared.runtime.topics import merged
from shared.runtime.wire import Arrived, arrived, to_record
from tests.support.databases import fresh_database
from tests.support.donating import Donate, donating
from tests.support.engines import beside, engine_over, until
from tests.support.lending import DONORS, Lend, Return, lending

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.parametrize("log", ["postgres", "kafka"], indirect=True),
]

CLERK = Actor(kind="human", id="clerk-1")
PARTITIONS = 3


@pytest.fixture
async def giver(database_server: DatabaseServer, prefix: str) -> AsyncIterator[Engine]:
    service = donating(topic_prefix=prefix, topic_partitions=PARTITIONS)
    async with engine_over(service, await fresh_database(database_server)) as engine:
        yield engine


@pytest.fixture
async def lender(database_server: DatabaseServer, prefix: str) -> AsyncIterator[Engine]:
    service = lending(topic_prefix=prefix, topic_partitions=PARTITIONS)
    async with engine_over(service, await fresh_database(database_server)) as engine:
        yield engine


def places(prefix: str) -> list[Place]:
    return [(f"{prefix}.registration", n) for n in range(PARTITIONS)]


async def give(giver: Engine, first: int, last: int) -> None:
    """Donate once per number: each a unit of its own, each donor with a key of their own."""
    for n in range(first, last + 1):
        await giver.handle("demo", CLERK, Donate(donor_id=f"D-{n}", pages=n))


async def relayed(engine: Engine, log: Log) -> None:
    """Run the relay until everything is out and remembered."""

    async def all_out() -> bool:
        return (await engine.store.relayed())[0] == (await engine.store.head()).position

    async with beside(Relay(engine, log).run()):
        await until(all_out)


async def published(log: Log, prefix: str, *, records: int) -> dict[Place, list[Arrived]]:
    """Return what the public topic holds once there are so many records."""
    found: dict[Place, list[Arrived]] = defaultdict(list)
    async with log.reader() as reader:
        await reader.assign(dict.fromkeys(places(prefix), 0))

        async def enough() -> bool:
            for place, fetched in (await reader.fetch(records_max=1_000, seconds=0.2)).items():
                found[place] += [fact for fact in map(arrived, fetched) if fact]
            return sum(map(len, found.values())) >= records

        await until(enough)
    return found


async def consumed(lender: Engine, log: Log, prefix: str, *, facts: int) -> None:
    """Run the consumer until it has added so many facts."""

    async def enough() -> bool:
        return (await lender.store.head()).position >= facts

    async with beside(Consumer(lender, log).run(places(prefix))):
        await until(enough)


async def lent(lender: Engine) -> list[Envelope]:
    return [each for each in await lender.store.events(0, events_max=10_000) if each.type == "CopyLent"]


async def check_whole(giver: Engine, log: Log, prefix: str) -> None:
    """Every fact stands once in its partition, in order, and names the one before it."""
    stored = await giver.store.events(0, events_max=10_000)
    found = await published(log, prefix, records=len(stored))

    assert sorted(fact.envelope.position for facts in found.values() for fact in facts) == [
        each.position for each in stored
    ]
    for (_, partition), facts in found.items():
        positions = [fact.envelope.position for fact in facts]
        assert positions == sorted(positions)
        assert [fact.previous_position for fact in facts] == [0, *positions[:-1]]
        assert {partition_of(fact.envelope.key, PARTITIONS) for fact in facts} == {partition}
        assert [fact.envelope for fact in facts] == [stored[position - 1] for position in positions]


async def test_every_public_fact_arrives_once_and_in_order(
    giver: Engine, lender: Engine, log: Log, prefix: str
) -> None:
    await give(giver, 1, 40)
    await relayed(giver, log)
    await give(giver, 41, 60)
    await relayed(giver, log)
    await check_whole(giver, log, prefix)
    await consumed(lender, log, prefix, facts=60)
    causes = [each.causation_id for each in await lent(lender)]
    gifts = [each.event_id for each in await giver.store.events(0, events_max=100)]

    assert sorted(filter(None, causes)) == sorted(gifts)
    assert (await lender.row(DONORS, "demo", "D-60")) is not None
    assert not await lender.store.parked(None, rows_max=10)


async def test_topics_merge_into_the_history_of_their_store(
    giver: Engine, lender: Engine, log: Log, prefix: str
) -> None:
    await give(giver, 1, 30)
    await relayed(giver, log)
    async with log.publisher() as publisher:  # a tail that is sent again, and a stranger's record
        place, *_ = [place for place in places(prefix) if await log.last(place)]
        stranger = Record(key=b"k", value=b"", headers=())
        await publisher.publish({place: [as_record(await log.record(place, 0)), stranger]})
    await give(giver, 31, 40)
    await relayed(giver, log)
    found = [fact.envelope async for fact in merged(log, [f"{prefix}.registration", f"{prefix}.registration.internal"])]
    none = [fact async for fact in merged(log, [f"{prefix}.lending", f"{prefix}.nobody"])]
    await lender.handle("demo", CLERK, Lend(copy_id="C-1"), Return(copy_id="C-1"))
    await relayed(lender, log)
    private = [fact.envelope async for fact in merged(log, [f"{prefix}.lending", f"{prefix}.lending.internal"])]

    assert found == list(await giver.store.events(0, events_max=100))
    assert none == []
    assert private == list(await lender.store.events(0, events_max=100))


@pytest.mark.parametrize("resent", [True, False], ids=["sent again", "never sent"])
async def test_history_of_topics_has_what_closed_a_gap(
    giver: Engine,
    log: Log,
    prefix: str,
    resent: bool,  # noqa: FBT001 (a case)
) -> None:
    await give(giver, 1, 8)
    topic = f"{prefix}.registration"
    facts = [each for each in await giver.store.events(0, events_max=100) if each.public]
    head = await giver.store.head()
    records = [
        to_record(each, service="registration", store_id=head.store_id, incarnation=1, previous_position=n)
        for n, each in enumerate(facts)
    ]
    await log.ensure_topics([topic], partitions=1, replicas=1)
    async with log.publisher() as publisher:
        await publisher.publish({(topic, 0): [*records[:2], *records[4:6]]})
        await publisher.publish({(topic, 0): records[2:] if resent else records[6:]})
    found = [fact.envelope.position async for fact in merged(log, [topic])]

    assert found == ([1, 2, 3, 4, 5, 6, 7, 8] if resent else [1, 2, 5, 6, 7, 8])


async def test_private_facts_go_to_the_internal_topic_alone(
    giver: Engine, lender: Engine, log: Log, prefix: str
) -> None:
    await give(giver, 1, 5)
    await relayed(giver, log)
    await consumed(lender, log, prefix, facts=5)
    await relayed(lender, log)
    internal = [await log.last((f"{prefix}.lending.internal", n)) for n in range(PARTITIONS)]
    public = [await log.last((f"{prefix}.lending", n)) for n in range(PARTITIONS)]

    assert any(internal)
    assert not any(public)


@pytest.mark.parametrize("name", ["relay.read", "relay.acknowledged"])
async def test_relay_that_died_sends_no_hole_and_nothing_twice(
    giver: Engine, log: Log, prefix: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await give(giver, 1, 20)
    with monkeypatch.context() as patch:
        patch.setattr(relay_module, "point", failing_at(name))
        with pytest.raises(Failed):
            await Relay(giver, log).run()
    await give(giver, 21, 30)
    await relayed(giver, log)

    await check_whole(giver, log, prefix)


def failing_at(wanted: str) -> object:
    def point(name: str) -> None:
        if name == wanted:
            raise Failed(name)

    return point


class HalfBroken:
    """A log whose first publisher gets one partition out and then loses its connection."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def __getattr__(self, name: str) -> object:
        """Return what the log itself has."""
        return getattr(self._log, name)

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator["HalfBroken"]:
        """Return itself."""
        yield self

    async def publish(self, batches: Mapping[Place, Sequence[Record]]) -> None:
        """Get the first partition out. **Errors**: `LogUnavailable`, always."""
        async with self._log.publisher() as publisher:
            await publisher.publish(dict(list(batches.items())[:1]))
        raise LogUnavailable("gone")


async def test_round_that_broke_with_one_partition_out_is_completed(giver: Engine, log: Log, prefix: str) -> None:
    await give(giver, 1, 20)
    with pytest.raises(LogUnavailable):
        await Relay(giver, HalfBroken(log)).run()  # type: ignore[arg-type]  # the rest of it is the log itself
    await give(giver, 21, 30)
    await relayed(giver, log)

    await check_whole(giver, log, prefix)


async def test_facts_that_are_sent_again_have_one_effect(giver: Engine, lender: Engine, log: Log, prefix: str) -> None:
    await give(giver, 1, 10)
    await relayed(giver, log)
    first = await published(log, prefix, records=10)
    async with log.publisher() as publisher:
        for place in first:
            await publisher.publish({place: [as_record(await log.record(place, 0))]})
    await give(giver, 11, 20)
    await relayed(giver, log)
    await consumed(lender, log, prefix, facts=20)

    assert len(await lent(lender)) == 20
    assert not await lender.store.parked(None, rows_max=10)


async def test_whole_topic_read_again_from_the_start_has_no_second_effect(
    giver: Engine, lender: Engine, log: Log, prefix: str
) -> None:
    await give(giver, 1, 12)
    await relayed(giver, log)
    await consumed(lender, log, prefix, facts=12)
    await lender.store._readers.execute("delete from checkpoint")  # type: ignore[attr-defined]  # noqa: SLF001 (a lost table)
    again = Consumer(lender, log)

    async def caught_up() -> bool:
        moved = [(await lender.store.checkpoint(place)).position for place in places(prefix)]
        return max(moved) == 12

    async with beside(again.run(places(prefix))):
        await until(caught_up)

    assert len(await lent(lender)) == 12


def as_record(fetched: Fetched | None) -> Record:
    assert fetched is not None
    return Record(key=fetched.key, value=fetched.value, headers=fetched.headers)


async def test_store_that_was_set_back_stops_the_relay(
    giver: Engine, log: Log, prefix: str, database_server: DatabaseServer
) -> None:
    await give(giver, 1, 5)
    await relayed(giver, log)
    service = donating(topic_prefix=prefix, topic_partitions=PARTITIONS)
    async with engine_over(service, await fresh_database(database_server)) as older:
        await give(older, 1, 3)
        with pytest.raises(StoreAndTopicsDiffer, match="claimlog restore"):
            await Relay(older, log).run()
        await give(older, 4, 9)  # as long by now, and another history all the same
        with pytest.raises(StoreAndTopicsDiffer):
            await Relay(older, log).run()

    await check_whole(giver, log, prefix)


async def test_relay_that_outlives_a_store_that_was_set_back_publishes_nothing(
    giver: Engine, log: Log, prefix: str
) -> None:
    await give(giver, 1, 5)
    await relayed(giver, log)
    outliving = Relay(giver, log)
    await outliving._find_place()  # noqa: SLF001 (it leads while the store is set back under it)
    await execute(giver, "delete from events where position > 3")
    await execute(
        giver,
        "update store_head set position = 3, chain_hash = (select chain_hash from events e3 where e3.position = 3)",
    )
    async with log.publisher() as publisher:
        with pytest.raises(StoreAndTopicsDiffer, match="claimlog restore"):
            await outliving.publish_next(publisher)
    await execute(giver, "delete from names")
    async with engine_over(giver.service, giver.store._url) as anew:  # type: ignore[attr-defined]  # noqa: SLF001
        await give(anew, 6, 9)  # longer than before by now, and another history
    async with log.publisher() as publisher:
        with pytest.raises(StoreAndTopicsDiffer):
            await outliving.publish_next(publisher)
    last = [await log.last(place) for place in places(prefix)]

    assert max(fact.envelope.position for fact in map(arrived, filter(None, last)) if fact) == 5


async def test_relay_reads_nothing_back_that_its_own_process_wrote(
    giver: Engine, log: Log, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = Relay(giver, log)
    await log.ensure_topics(relay.topics, partitions=PARTITIONS, replicas=1)
    await relay._find_place()  # noqa: SLF001 (round by round)
    async with log.publisher() as publisher:
        await give(giver, 1, 1)
        await relay.publish_next(publisher)
        await give(giver, 2, 9)
        with monkeypatch.context() as patched:
            patched.setattr(giver.store, "events", None)
            assert await relay.publish_next(publisher)
        assert not await relay.publish_next(publisher)

    await check_whole(giver, log, prefix)


async def test_facts_of_another_process_are_published_in_their_place(giver: Engine, log: Log, prefix: str) -> None:
    relay = Relay(giver, log)
    await log.ensure_topics(relay.topics, partitions=PARTITIONS, replicas=1)
    await relay._find_place()  # noqa: SLF001 (round by round)
    async with (
        engine_over(giver.service, giver.store._url) as other,  # type: ignore[attr-defined]  # noqa: SLF001
        log.publisher() as publisher,
    ):
        for first, writer in enumerate([giver, giver, other, giver, other, other, giver, giver]):
            await give(writer, first, first)
            if first % 3:
                await relay.publish_next(publisher)
        while await relay.publish_next(publisher):
            pass

    await check_whole(giver, log, prefix)


async def test_facts_that_were_written_here_and_are_gone_are_not_published(giver: Engine, log: Log) -> None:
    relay = Relay(giver, log)
    await log.ensure_topics(relay.topics, partitions=PARTITIONS, replicas=1)
    await relay._find_place()  # noqa: SLF001 (it leads while the store is set back)
    async with log.publisher() as publisher:
        await give(giver, 1, 3)
        await relay.publish_next(publisher)
        await give(giver, 4, 5)
        await execute(giver, "update store_head set position = 3")
        with pytest.raises(StoreRestored):
            await relay.publish_next(publisher)


async def test_checkpoint_moves_behind_several_rounds_and_the_log_tells_the_rest(
    giver: Engine, log: Log, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(relay_module, "_REMEMBER_SECONDS", 0.0)
        await give(giver, 1, 1)
        await relayed(giver, log)
        patched.setattr(relay_module, "_REMEMBER_SECONDS", 1_000_000_000)
        patched.setattr("shared.runtime.listening._ASK_SECONDS", 3_600)  # a look that finds nothing remembers too
        async with beside(Relay(giver, log).run()):
            for n in range(2, 6):
                await give(giver, n, n)
                await published(log, prefix, records=n)
    remembered, _ = await giver.store.relayed()
    await relayed(giver, log)

    assert remembered == 1
    await check_whole(giver, log, prefix)


async def test_relay_starts_anew_at_a_restored_store(giver: Engine, log: Log) -> None:
    await give(giver, 1, 5)
    relay = Relay(giver, log)
    async with log.publisher() as publisher:
        await log.ensure_topics(relay.topics, partitions=PARTITIONS, replicas=1)
        await relay._find_place()  # noqa: SLF001 (it leads while the store is restored)
        await relay.publish_next(publisher)
        await execute(giver, "update store_head set incarnation = 2")
        with pytest.raises(StoreRestored):
            await relay.publish_next(publisher)


async def test_strangers_record_at_the_end_of_a_partition_hides_no_fact(giver: Engine, log: Log, prefix: str) -> None:
    await give(giver, 1, 10)
    await relayed(giver, log)
    stranger = Record(key=b"k", value=b"", headers=())
    async with log.publisher() as publisher:
        await publisher.publish({place: [stranger, stranger] for place in places(prefix)})
    await give(giver, 11, 20)
    await relayed(giver, log)

    await check_whole(giver, log, prefix)


async def test_altered_fact_is_not_published(giver: Engine, log: Log, prefix: str) -> None:
    await give(giver, 1, 5)
    await execute(giver, "update events set data = set_byte(data, 20, 88) where position = 4")

    with pytest.raises(StoreAndTopicsDiffer, match="claimlog verify"):
        await Relay(giver, log).run()
    assert not any([await log.last(place) for place in places(prefix)])


async def execute(engine: Engine, statement: str) -> None:
    await engine.store._readers.execute(statement)  # type: ignore[attr-defined]  # noqa: SLF001 (what happens to it)


async def test_worker_that_was_taken_over_is_fenced(giver: Engine, lender: Engine, log: Log, prefix: str) -> None:
    await give(giver, 1, 20)
    await relayed(giver, log)
    zombie = Consumer(lender, log)
    async with log.reader() as reader:
        await zombie._seek(reader, places(prefix))  # noqa: SLF001 (it stops between reading and writing)
        in_hand = await read(zombie, reader, records=20)
        await consumed(lender, log, prefix, facts=20)
        taken = await zombie.take(in_hand)

    assert taken is False
    assert len(await lent(lender)) == 20


async def read(worker: Consumer, reader: Reader, *, records: int) -> dict[Place, list[Read]]:
    found: dict[Place, list[Read]] = defaultdict(list)

    async def enough() -> bool:
        for place, some in (await reader.fetch_as(worker.read, records_max=1_000, seconds=0.2)).items():
            found[place] += some
        return sum(map(len, found.values())) >= records

    await until(enough)
    return found
