"""What every log promises, run on Kafka and on its twin in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import count

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from apps.embedded.database_server import DatabaseServer
from shared.runtime.hosting import UnknownLog, open_log
from shared.runtime.log import (
    Fetched,
    Log,
    LogUnavailable,
    OffsetGone,
    Publisher,
    Reader,
    Record,
    TopicDiffers,
)
from shared.runtime.store import Place
from tests.support.databases import fresh_database

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

_TOPICS = count(1)
DEADLINE_SECONDS = 20


def record(text: str, key: str = "k") -> Record:
    return Record(key=key.encode(), value=text.encode(), headers=(("ce_id", text.encode()), ("ce_type", b"Example")))


def texts(fetched: Sequence[Fetched]) -> list[str]:
    return [each.value.decode() for each in fetched]


@pytest.fixture(params=["postgres", "kafka"])
async def log(request: pytest.FixtureRequest, database_server: DatabaseServer) -> AsyncIterator[Log]:
    if request.param == "kafka":
        url = f"kafka://{request.getfixturevalue('kafka_bootstrap')}"
    else:
        url = await fresh_database(database_server)
    async with open_log(url) as opened:
        yield opened


@pytest.fixture
async def topic(log: Log) -> str:
    name = f"claimlog.test{next(_TOPICS)}"
    await log.ensure_topics([name], partitions=2, replicas=1)
    return name


async def publish(log: Log, batches: Mapping[Place, Sequence[Record]]) -> None:
    async with log.publisher() as publisher:
        await publisher.publish(batches)


async def read(reader: Reader, *, records: int, records_max: int = 1_000) -> dict[Place, list[Fetched]]:
    """Return what comes until there are so many records."""
    found: dict[Place, list[Fetched]] = {}
    async with asyncio.timeout(DEADLINE_SECONDS):
        while sum(map(len, found.values())) < records:
            for place, fetched in (await reader.fetch(records_max=records_max, seconds=0.2)).items():
                found.setdefault(place, []).extend(fetched)
    return found


async def test_makes_topics_once(log: Log, topic: str) -> None:
    await log.ensure_topics([topic, f"{topic}.internal"], partitions=2, replicas=1)

    assert await log.partitions(topic) == 2
    assert await log.partitions(f"{topic}.internal") == 2
    assert await log.partitions(f"{topic}.missing") == 0


async def test_makes_topics_once_when_services_start_together(log: Log) -> None:
    name = f"claimlog.test{next(_TOPICS)}"
    await asyncio.gather(*(log.ensure_topics([name], partitions=3, replicas=1) for _ in range(4)))

    assert await log.partitions(name) == 3


async def test_refuses_a_topic_with_other_partitions(log: Log, topic: str) -> None:
    with pytest.raises(TopicDiffers):
        await log.ensure_topics([topic], partitions=3, replicas=1)


async def test_says_what_is_wrong_with_topics(log: Log, topic: str) -> None:
    found = await log.differences([topic, f"{topic}.missing"], partitions=2)

    assert found == {f"{topic}.missing": "missing"}
    assert await log.differences([topic], partitions=3) == {topic: "partitions: 2, not 3"}


async def test_reads_each_partition_in_the_order_of_publishing_without_holes_in_offsets(log: Log, topic: str) -> None:
    places = [(topic, 0), (topic, 1)]
    async with log.publisher() as publisher:
        for start in range(0, 30, 10):
            await publisher.publish({place: [record(f"{n}") for n in range(start, start + 10)] for place in places})
    async with log.reader() as reader:
        await reader.assign(dict.fromkeys(places, 0))
        found = await read(reader, records=60)

    for place in places:
        assert texts(found[place]) == [f"{n}" for n in range(30)]
        assert [each.offset for each in found[place]] == list(range(30))


async def test_keeps_key_value_and_headers_byte_for_byte(log: Log, topic: str) -> None:
    headers = (("ce_id", b"1"), ("ce_subject", "Zoë/\u2028".encode()), ("empty", b""))
    await publish(log, {(topic, 1): [Record(key=b"key", value=b'{"a":"\xc3\xab"}', headers=headers)]})

    assert await log.last((topic, 1)) == Fetched(
        place=(topic, 1), offset=0, key=b"key", value=b'{"a":"\xc3\xab"}', headers=headers
    )


async def test_names_the_newest_record_and_any_other(log: Log, topic: str) -> None:
    place = (topic, 0)
    nothing = await log.last(place)
    await publish(log, {place: [record(f"{n}") for n in range(5)]})
    last, third = await log.last(place), await log.record(place, 2)

    assert nothing is None
    assert (last and last.value, third and third.value) == (b"4", b"2")
    assert await log.record(place, 5) is None
    assert await log.last((topic, 1)) is None


async def test_reads_records_as_a_function_makes_them_none_left_out(log: Log, topic: str) -> None:
    place = (topic, 0)
    await publish(log, {place: [record(f"{n}") for n in range(270)]})
    found: list[tuple[int, str]] = []
    most = 0
    async with log.reader() as reader, asyncio.timeout(DEADLINE_SECONDS):
        await reader.assign({place: 0})
        while len(found) < 270:
            some = await reader.fetch_as(lambda each: (each.offset, each.value.decode()), records_max=120, seconds=0.2)
            found += some.get(place, ())
            most = max(most, len(some.get(place, ())))

    assert found == [(n, f"{n}") for n in range(270)]
    assert most <= 120


async def test_reads_from_where_it_is_told_and_again_from_before(log: Log, topic: str) -> None:
    place = (topic, 0)
    await publish(log, {place: [record(f"{n}") for n in range(10)]})
    async with log.reader() as reader:
        await reader.assign({place: 7})
        late = await read(reader, records=3)
        await reader.assign({place: 4})
        again = await read(reader, records=6)

    assert texts(late[place]) == ["7", "8", "9"]
    assert texts(again[place]) == ["4", "5", "6", "7", "8", "9"]


async def test_reads_no_partition_that_it_gave_back(log: Log, topic: str) -> None:
    await publish(log, {(topic, n): [record(f"{n}")] for n in range(2)})
    async with log.reader() as reader:
        await reader.assign({(topic, 0): 0, (topic, 1): 0})
        await reader.assign({(topic, 1): 0})
        found = await read(reader, records=1)
        more = await reader.fetch(records_max=10, seconds=0.1)

    assert {place: texts(fetched) for place, fetched in found.items()} == {(topic, 1): ["1"]}
    assert not more


async def test_fetch_is_limited_and_leaves_the_rest_for_the_next(log: Log, topic: str) -> None:
    place = (topic, 0)
    await publish(log, {place: [record(f"{n}") for n in range(50)]})
    async with log.reader() as reader:
        await reader.assign({place: 0})
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not (first := await reader.fetch(records_max=7, seconds=0.2)):
                pass
        rest = await read(reader, records=50 - len(first[place]), records_max=7)

    assert 0 < len(first[place]) <= 7
    assert texts([*first[place], *rest[place]]) == [f"{n}" for n in range(50)]


async def test_fetch_wakes_for_a_record_that_comes_while_it_waits(log: Log, topic: str) -> None:
    place = (topic, 0)
    async with log.reader() as reader, log.publisher() as publisher:
        await reader.assign({place: 0})
        await reader.fetch(records_max=10, seconds=0)  # whatever is there already: nothing
        waiting = asyncio.create_task(reader.fetch(records_max=10, seconds=DEADLINE_SECONDS))
        await asyncio.sleep(0)
        await publisher.publish({place: [record("new")]})
        async with asyncio.timeout(DEADLINE_SECONDS / 2):
            found = await waiting

    assert texts(found[place]) == ["new"]


async def test_refuses_an_offset_that_the_log_does_not_hold(log: Log, topic: str) -> None:
    await publish(log, {(topic, 0): [record("only")]})
    async with log.reader() as reader:
        await reader.assign({(topic, 0): 1})
        with pytest.raises(OffsetGone):
            await reader.assign({(topic, 0): 2, (topic, 1): 0})


async def test_records_that_a_broker_dropped_are_gone_and_no_outage(kafka_bootstrap: str) -> None:
    place = (f"claimlog.test{next(_TOPICS)}", 0)
    async with open_log(f"kafka://{kafka_bootstrap}") as log:
        await log.ensure_topics([place[0]], partitions=1, replicas=1)
        await publish(log, {place: [record("0"), record("1"), record("2")]})
        await drop(kafka_bootstrap, place, before=2)
        left = [await log.record(place, offset) for offset in range(4)]
        last = await log.last(place)
        await drop(kafka_bootstrap, place, before=3)
        with pytest.raises(LogUnavailable, match="dropped all of them"):
            await log.last(place)  # not as if it never had one: a restore would go on below them

    assert [each and each.value for each in left] == [None, None, b"2", None]
    assert last
    assert last.offset == 2


async def drop(bootstrap: str, place: Place, *, before: int) -> None:
    """Have a broker drop records, as retention does."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(*place): RecordsToDelete(before_offset=before)})
    finally:
        await admin.close()


async def test_two_publishers_at_once_leave_no_hole_and_keep_their_own_order(log: Log, topic: str) -> None:
    places = [(topic, 0), (topic, 1)]

    async def much(name: str, publisher: Publisher) -> None:
        for n in range(20):
            batch = [record(f"{name}{n}a"), record(f"{name}{n}b")]
            await publisher.publish(dict.fromkeys(places if name == "x" else places[::-1], batch))

    async with log.publisher() as one, log.publisher() as other, log.reader() as reader:
        await asyncio.gather(much("x", one), much("y", other))
        await reader.assign(dict.fromkeys(places, 0))
        found = await read(reader, records=160)

    for place in places:
        assert [each.offset for each in found[place]] == list(range(80))
        for name in "xy":
            mine = [text for text in texts(found[place]) if text.startswith(name)]
            assert mine == [f"{name}{n}{half}" for n in range(20) for half in "ab"]


async def test_batch_larger_than_one_request_arrives_whole_and_in_order(log: Log, topic: str) -> None:
    place = (topic, 0)
    large = [record(f"{n:04d}" + "x" * 20_000) for n in range(150)]  # 3 MB: a dozen of Kafka's batches
    await publish(log, {place: large})
    async with log.reader() as reader:
        await reader.assign({place: 0})
        found = await read(reader, records=150)

    assert [text[:4] for text in texts(found[place])] == [f"{n:04d}" for n in range(150)]


async def test_largest_fact_with_its_headers_fits_into_a_record(log: Log, topic: str) -> None:
    place = (topic, 0)
    await publish(log, {place: [record("small"), record("x" * 262_144), record("small")]})
    largest = await log.record(place, 1)

    assert largest is not None
    assert len(largest.value) == 262_144


async def test_refused_record_ends_the_round_and_a_new_publisher_goes_on(log: Log, topic: str) -> None:
    place = (topic, 0)
    with pytest.raises(LogUnavailable):
        await publish(log, {place: [record("before"), record("x" * 1_200_000), record("after")]})
    await publish(log, {place: [record("next")]})
    async with log.reader() as reader:
        await reader.assign({place: 0})
        found = await read(reader, records=1)

    assert "after" not in texts(found[place])
    assert texts(found[place])[-1] == "next"


async def test_topic_that_does_not_exist_is_refused_in_time(log: Log, topic: str) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        with pytest.raises(LogUnavailable):
            await publish(log, {(f"{topic}.missing", 0): [record("lost")]})


@pytest.mark.parametrize("url", ["kafka://127.0.0.1:9", "postgresql://postgres@/none?host=/nonexistent"])
async def test_log_that_does_not_answer_is_unavailable(url: str) -> None:
    with pytest.raises(LogUnavailable):
        async with open_log(url):
            pass


async def test_address_with_another_scheme_is_refused() -> None:
    with pytest.raises(UnknownLog):
        async with open_log("amqp://localhost"):
            pass
