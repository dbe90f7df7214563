"""What a consumer does with records that it cannot take: gaps, poison, the unknown, and what ends its process."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from prometheus_client import Counter, Gauge

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor, Envelope
from shared.runtime.clock import now
from shared.runtime.consumer import Consumer, OwnFacts
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.flush import Result
from shared.runtime.log import Log, Record
from shared.runtime.metrics import SKIPPED, STOPPED
from shared.runtime.releasing import NotTheOldest, RecordGone, discard, release
from shared.runtime.store import OWN, Place, StoreUnavailable
from shared.runtime.taking import Consumed, StillNotHandled
from shared.runtime.wire import to_record
from tests.support.databases import fresh_database
from tests.support.donating import donated
from tests.support.engines import beside, engine_over, until
from tests.support.lending import DONORS, Donor, Issue, Lend, lending
from tests.support.memory import envelope_of

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.parametrize("log", ["postgres", "kafka"], indirect=True),
]

CLERK = Actor(kind="human", id="clerk-1")


@pytest.fixture
async def place(log: Log, prefix: str) -> Place:
    await log.ensure_topics([f"{prefix}.registration"], partitions=1, replicas=1)
    return (f"{prefix}.registration", 0)


@pytest.fixture
async def url(database_server: DatabaseServer) -> str:
    return await fresh_database(database_server)


@pytest.fixture
async def lender(url: str) -> AsyncIterator[Engine]:
    async with engine_over(lending(), url) as engine:
        yield engine


def gift(position: int, *, name: str = "Example", donor: str = "", **changes: object) -> Envelope:
    """Return the fact at a position: each with a donor of its own, unless one is named."""
    envelope = envelope_of(donated(donor or f"D-{position}", name), position=position, at=now())
    fields = {each: getattr(envelope, each) for each in envelope.__struct_fields__}
    return Envelope(**(fields | changes))


def record_of(envelope: Envelope, *, previous: int | None = None, incarnation: int = 1, store_id: str = "s") -> Record:
    return to_record(
        envelope,
        service="registration",
        store_id=store_id,
        incarnation=incarnation,
        previous_position=envelope.position - 1 if previous is None else previous,
    )


async def publish(log: Log, place: Place, records: Sequence[Record]) -> None:
    async with log.publisher() as publisher:
        await publisher.publish({place: records})


@asynccontextmanager
async def consuming(lender: Engine, log: Log, place: Place) -> AsyncIterator[Consumer]:
    consumer = Consumer(lender, log)
    async with beside(consumer.run([place])):
        yield consumer


async def read_up_to(lender: Engine, place: Place, offset: int) -> None:
    """Return when everything before an offset is done with."""

    async def there() -> bool:
        return (await lender.store.checkpoint(place)).next_offset >= offset

    await until(there)


async def parked(lender: Engine) -> list[tuple[str, int, str]]:
    return [(each.key, each.offset, each.cause) for each in await lender.store.parked(None, rows_max=100)]


async def types(lender: Engine) -> list[str]:
    return [each.type for each in await lender.store.events(0, events_max=100)]


async def test_gap_stops_the_partition_and_a_resend_closes_it(lender: Engine, log: Log, place: Place) -> None:
    await publish(log, place, [record_of(gift(n)) for n in (1, 2, 5, 6)])
    async with consuming(lender, log, place) as consumer:

        async def noticed() -> bool:
            return bool(consumer.gaps)

        await until(noticed)
        await read_up_to(lender, place, 2)
        gaps, before, shown = dict(consumer.gaps), await types(lender), dict(lender.stopped)
        await publish(log, place, [record_of(gift(n)) for n in (2, 3, 4, 5, 6, 7)])
        await read_up_to(lender, place, 10)
        after, left = await types(lender), consumer.gaps

    assert gaps == {place: (2, 4)}
    assert shown == {f"{place[0]}/{place[1]}": "gap: expected 2, found 4"}
    assert lender.stopped == {}
    assert before == ["CopyLent"] * 2
    assert after == ["CopyLent"] * 7
    assert not left


async def test_gap_is_its_next_readers_to_tell(lender: Engine, log: Log, place: Place) -> None:
    await publish(log, place, [record_of(gift(n)) for n in (1, 3)])
    stopped = STOPPED.labels("lending", place[0], str(place[1]))
    async with consuming(lender, log, place) as consumer:

        async def noticed() -> bool:
            return bool(consumer.gaps)

        await until(noticed)
        told = value_of(stopped)

    assert (told, value_of(stopped)) == (1, 0)
    assert lender.stopped == {}


async def test_gap_is_noticed_again_after_a_restart(lender: Engine, log: Log, place: Place) -> None:
    await publish(log, place, [record_of(gift(1)), record_of(gift(3)), Record(key=b"", value=b"", headers=())])
    for _ in range(2):
        async with consuming(lender, log, place) as consumer:

            async def noticed(consumer: Consumer = consumer) -> bool:
                return bool(consumer.gaps)

            await until(noticed)
            await read_up_to(lender, place, 1)

    assert (await lender.store.checkpoint(place)).next_offset == 1


async def test_restored_store_goes_on_only_from_the_same_fact(lender: Engine, log: Log, place: Place) -> None:
    await publish(log, place, [record_of(gift(1)), record_of(gift(2)), record_of(gift(3), incarnation=2)])
    late = record_of(gift(3, donor="late"), incarnation=1)
    await publish(log, place, [late, record_of(gift(4), incarnation=2)])
    async with consuming(lender, log, place):
        await read_up_to(lender, place, 5)
    await publish(log, place, [record_of(gift(4, donor="other"), incarnation=3, previous=3)])

    fitting = [record_of(gift(5), incarnation=3, previous=4), record_of(gift(6), incarnation=3, previous=5)]
    await publish(log, place, fitting)  # by their positions alone
    async with consuming(lender, log, place) as consumer:

        async def noticed() -> bool:
            return bool(consumer.gaps)

        await until(noticed)
        shown = dict(lender.stopped)

    assert shown == {f"{place[0]}/{place[1]}": "diverged: expected 4, found 3"}
    assert await types(lender) == ["CopyLent"] * 4
    assert await lender.row(DONORS, "demo", "late") is None


async def test_gap_behind_a_restore_closes_like_any_other(lender: Engine, log: Log, place: Place) -> None:
    await publish(log, place, [record_of(gift(1)), record_of(gift(4), incarnation=2)])
    async with consuming(lender, log, place) as consumer:

        async def noticed() -> bool:
            return bool(consumer.gaps)

        await until(noticed)
        shown = dict(lender.stopped)
        missing = [record_of(gift(2)), record_of(gift(3), incarnation=2), record_of(gift(4), incarnation=2)]
        await publish(log, place, missing)
        await read_up_to(lender, place, 5)

    assert shown == {f"{place[0]}/{place[1]}": "gap: expected 1, found 3"}
    assert await types(lender) == ["CopyLent"] * 4


async def test_poison_parks_its_key_others_move_and_release_goes_in_order(
    lender: Engine, url: str, log: Log, place: Place
) -> None:
    facts = [gift(1, name="poison", donor="bad"), gift(2), gift(3, name="later", donor="bad"), gift(4)]
    await publish(log, place, [record_of(each) for each in facts])
    async with consuming(lender, log, place):
        await read_up_to(lender, place, 4)
    waiting = await parked(lender)
    with pytest.raises(StillNotHandled) as still:
        await release(lender, log, "demo", "bad", by=CLERK)
    async with engine_over(mended(), url) as repaired:
        released = await release(repaired, log, "demo", "bad", by=CLERK)
        donor = await repaired.row(DONORS, "demo", "bad")

    assert waiting == [("bad", 0, "ValueError"), ("bad", 2, "waits-behind-its-key")]
    assert still.value.cause == "ValueError"
    assert released == 2
    assert donor == Donor("bad", "later")
    assert await parked(lender) == []
    assert (await types(lender)).count("KeyReleased") == 2
    assert [each.actor for each in await lender.store.events(0, events_max=100) if each.type == "KeyReleased"] == [
        CLERK
    ] * 2


def mended(**settings: object) -> Service:
    """Return the service after the defect in its read model was found."""
    donors = replace(DONORS, apply=lambda _, event: Donor(event.payer_id, event.payer_name))
    service = lending(**settings)
    return replace(
        service,
        projections=tuple(donors if each is DONORS else each for each in service.projections),
        reactions=tuple(each for each in service.reactions if each.name == "return_bad"),
    )


async def test_released_key_takes_new_records_again(lender: Engine, url: str, log: Log, place: Place) -> None:
    await publish(log, place, [record_of(gift(1, name="poison", donor="bad"))])
    async with consuming(lender, log, place):
        await read_up_to(lender, place, 1)
    async with engine_over(mended(), url) as repaired:
        await release(repaired, log, "demo", "bad", by=CLERK)
        await publish(log, place, [record_of(gift(2, name="new", donor="bad"))])
        async with consuming(repaired, log, place):
            await read_up_to(repaired, place, 2)
        donor = await repaired.row(DONORS, "demo", "bad")

    assert donor == Donor("bad", "new")
    assert await parked(lender) == []


async def test_two_releases_at_once_handle_each_record_once(lender: Engine, url: str, log: Log, place: Place) -> None:
    facts = [gift(1, name="poison", donor="bad"), *(gift(n, donor="bad") for n in range(2, 8))]
    await publish(log, place, [record_of(each) for each in facts])
    async with consuming(lender, log, place):
        await read_up_to(lender, place, 7)
    async with engine_over(mended(), url) as one, engine_over(mended(), url) as other:
        counts = [0, 0]

        async def run(n: int, engine: Engine) -> None:
            counts[n] = await release(engine, log, "demo", "bad", by=CLERK)

        async def done() -> bool:
            return not await parked(lender)

        async with beside(run(0, one), run(1, other)):
            await until(done)

            async def both() -> bool:
                return sum(counts) == 7

            await until(both)

    assert (await types(lender)).count("KeyReleased") == 7


async def test_discard_gives_up_the_oldest_and_keeps_the_rest(lender: Engine, log: Log, place: Place) -> None:
    facts = [gift(1, name="poison", donor="bad"), gift(2, name="later", donor="bad")]
    await publish(log, place, [record_of(each) for each in facts])
    async with consuming(lender, log, place):
        await read_up_to(lender, place, 2)
    oldest, behind = await lender.store.parked("demo", rows_max=9)
    await discard(lender, oldest, reason="test-record", by=CLERK)
    left = await lender.store.parked("demo", rows_max=9)
    released = await release(lender, log, "demo", "bad", by=CLERK)

    assert (oldest.offset, left, released) == (0, [behind], 1)
    assert [each for each in await types(lender) if each != "KeyParked"] == [
        "RecordDiscarded",
        "CopyLent",
        "KeyReleased",
    ]
    with pytest.raises(NotTheOldest):
        await discard(lender, behind, reason="test-record", by=CLERK)


async def test_record_that_left_the_log_is_not_released(lender: Engine, log: Log, place: Place) -> None:
    await publish(log, place, [record_of(gift(1, name="poison", donor="bad"))])
    async with consuming(lender, log, place):
        await read_up_to(lender, place, 1)
    await lender.store._readers.execute("update parked set offset_ = 7")  # type: ignore[attr-defined]  # noqa: SLF001

    with pytest.raises(RecordGone):
        await release(lender, log, "demo", "bad", by=CLERK)


async def test_own_facts_that_nobody_reacts_to_are_passed_over(
    lender: Engine, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    del log  # own facts come from the store
    monkeypatch.setattr("shared.runtime.engine._PASSED_OVER_MIN", 3)
    for n in range(4):
        await lender.handle("demo", CLERK, Issue(reader_id=f"R-{n}", name=f"Ada {n}"))
    async with beside(OwnFacts(lender).run()):
        await read_up_to(lender, OWN, 4)
        await lender.handle("demo", CLERK, Lend(copy_id="C-1", title="comes back"))
        await read_up_to(lender, OWN, 5)

    assert (await types(lender))[4:] == ["CopyLent", "CopyReturned"]


async def test_own_fact_that_cannot_be_handled_parks_and_is_read_again_from_the_store(lender: Engine, log: Log) -> None:
    await lender.handle("demo", CLERK, Lend(copy_id="C-1", title="crash"))
    await lender.handle("demo", CLERK, Lend(copy_id="C-2", title="comes back"))
    async with beside(OwnFacts(lender).run()):
        await read_up_to(lender, OWN, 2)
    waiting = await parked(lender)
    with pytest.raises(StillNotHandled):
        await release(lender, log, "demo", "C-1", by=CLERK)

    assert waiting == [("C-1", 1, "ZeroDivisionError")]
    assert (await types(lender)).count("CopyReturned") == 1


async def test_unknown_type_is_skipped_and_counted(lender: Engine, log: Log, place: Place) -> None:
    before = skipped()
    stranger = Record(key=b"k", value=b"not ours", headers=(("other", b"header"),))
    newer = gift(2, type="DonorThanked", data=b'{"payer_id":"D-2"}')
    await publish(log, place, [record_of(gift(1)), record_of(newer), stranger, record_of(gift(3))])
    async with consuming(lender, log, place):
        await read_up_to(lender, place, 4)

    assert await types(lender) == ["CopyLent"] * 2
    assert await parked(lender) == []
    assert skipped() == before + 2


def skipped() -> int:
    return value_of(SKIPPED.labels("lending"))


def value_of(metric: Counter | Gauge) -> int:
    return int(metric._value.get())  # noqa: SLF001 (the client has no other way to ask)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"schema_version": 99}, "unknown-version"),
        ({"data": b"{"}, "DecodeError"),
        ({"data": b'{"payer_id":1}'}, "ValidationError"),
    ],
    ids=["a newer form", "no JSON", "another shape"],
)
async def test_record_that_cannot_be_read_parks(
    lender: Engine, log: Log, place: Place, changes: dict[str, object], cause: str
) -> None:
    await publish(log, place, [record_of(gift(1, **changes)), record_of(gift(2))])  # type: ignore[arg-type]  # by name
    async with consuming(lender, log, place):
        await read_up_to(lender, place, 2)

    assert await parked(lender) == [("D-1", 0, cause)]
    assert await types(lender) == ["KeyParked", "CopyLent"]


async def test_record_that_ends_the_process_each_time_parks_at_the_limit(
    lender: Engine, log: Log, place: Place
) -> None:
    await publish(log, place, [record_of(gift(1)), record_of(gift(2))])
    for _ in range(lender.service.settings.record_attempts_max):
        await lender.store.attempt(place)  # what a worker leaves that dies with the record in hand
    async with consuming(lender, log, place):
        await read_up_to(lender, place, 2)

    assert await parked(lender) == [("D-1", 0, "attempts-exceeded")]
    assert await release(lender, log, "demo", "D-1", by=CLERK) == 1


async def test_what_ends_the_process_in_one_partition_is_no_try_of_another(
    lender: Engine, log: Log, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = f"{prefix}.twice"
    await log.ensure_topics([topic], partitions=2, replicas=1)
    deadly, healthy = (topic, 0), (topic, 1)
    await publish(log, deadly, [record_of(gift(1, donor="deadly"))])
    await publish(log, healthy, [record_of(gift(1, donor="healthy"))])
    taken = lender.consume

    async def dies(records: Sequence[Consumed]) -> Sequence[Result]:
        if any(each.envelope and each.envelope.key == "deadly" and each.event for each in records):
            raise ZeroDivisionError  # in place of the end of the process
        return await taken(records)

    monkeypatch.setattr(lender, "consume", dies)
    for _ in range(lender.service.settings.record_attempts_max):
        with pytest.raises(ZeroDivisionError):
            await Consumer(lender, log).run([deadly, healthy])
    async with beside(Consumer(lender, log).run([deadly, healthy])):
        await read_up_to(lender, deadly, 1)
        await read_up_to(lender, healthy, 1)

    assert await parked(lender) == [("deadly", 0, "attempts-exceeded")]


async def test_tries_that_failed_because_others_were_away_do_not_count(
    lender: Engine, log: Log, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(log, place, [record_of(gift(1))])

    async def away(records: Sequence[Consumed]) -> Sequence[Result]:
        return [StoreUnavailable("the keys are away") for _ in records]

    with monkeypatch.context() as outage:
        outage.setattr(lender, "consume", away)
        for _ in range(lender.service.settings.record_attempts_max + 3):
            with pytest.raises(StoreUnavailable):
                await Consumer(lender, log).run([place])
    async with consuming(lender, log, place):
        await read_up_to(lender, place, 1)

    assert await lender.store.parked(None, rows_max=10) == []
    assert await types(lender) == ["CopyLent"]


async def test_restarts_without_a_record_are_no_tries(lender: Engine, log: Log, place: Place) -> None:
    for _ in range(lender.service.settings.record_attempts_max + 2):
        async with consuming(lender, log, place):
            pass
    await publish(log, place, [record_of(gift(1))])
    async with consuming(lender, log, place):
        await read_up_to(lender, place, 1)

    assert await parked(lender) == []
