"""From the store to Kafka, and from Kafka into another service's store, beside what a bare client does.

`python -m bench.log --claims 8000`. The relay of claims publishes the facts of a filled store; payments takes them:
first only what it keeps of them (two read models), then with all that it does about them (accounts and ledger). The
baselines send the very same records: one at a time and awaited, then in bare batches; and read them with bare getmany.
Kafka runs here (Java and Maven are needed), or where KAFKA_BOOTSTRAP says.
"""

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from time import perf_counter
from typing import Any, Final

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from apps.embedded.database_server import DatabaseServer
from bench.figures import Figure, reported
from bench.machine import database_server, kafka, loops_per_second
from bench.projection import claims_alone
from bench.stores import FACTS_OF_A_CLAIM, USUAL_LINES, claim_facts, engine_over, fetch_value, fill
from services.payments.main import service as payments
from services.payments.settings import Settings as PaymentsSettings
from shared.runtime.clock import new_id
from shared.runtime.consumer import Consumer
from shared.runtime.definition import Service
from shared.runtime.garbage import collect_seldom
from shared.runtime.log import Record, partition_of, topic_of
from shared.runtime.log_kafka import KafkaLog
from shared.runtime.relay import Relay
from shared.runtime.store import Place
from shared.runtime.wire import to_record

_PARTITIONS: Final = 4
_BATCH_BYTES: Final = 256 * 1024
_AWAITED_RECORDS: Final = 4_000
_LOOK_SECONDS: Final = 0.01
_SECONDS_MAX: Final = 300
_PUBLIC_FACTS: Final = FACTS_OF_A_CLAIM - 1


class NotVerified(Exception):
    """Records are missing or there are too many: no figure of it means anything."""


async def _measured(server: DatabaseServer, bootstrap: str, claims: int) -> dict[str, Figure]:
    prefix = f"bench-{new_id()}"
    async with KafkaLog.open(f"kafka://{bootstrap}") as log:
        records = _records(claims)
        awaited = await _awaited(log, bootstrap, f"{prefix}.awaited", records)
        batches = await _batches(log, bootstrap, f"{prefix}.batches", records)
        relay = await _relayed(server, log, prefix, claims)
        topic = topic_of(prefix, "claims", public=True)
        bare = await _read(bootstrap, topic, claims * _PUBLIC_FACTS)
        kept = await _consumed(server, log, _keeping(prefix), "payments_keeping", claims)
        whole = await _consumed(server, log, _payments(prefix), "payments", claims)
    posted = await fetch_value(server, "payments", "select count(*) from events where type = 'LedgerPosted'")
    if posted != claims:
        raise NotVerified(f"{claims} claims were priced, and {posted} charges are posted")
    control = loops_per_second(clock=perf_counter)
    loop = "counting, by the clock"
    return {
        "bare_awaited_send": Figure(value=awaited, unit="events/s", baseline=control, beside=loop),
        "bare_send_batch": Figure(value=batches, unit="events/s", baseline=control, beside=loop),
        "bare_getmany": Figure(value=bare, unit="events/s", baseline=control, beside=loop),
        "relay": Figure(value=relay, unit="events/s", baseline=awaited, beside="bare_awaited_send"),
        "relay_of_bare": Figure(value=relay, unit="events/s", baseline=batches, beside="bare_send_batch"),
        "consume": Figure(value=kept, unit="events/s", baseline=bare, beside="bare_getmany"),
        "consume_and_react": Figure(value=whole, unit="events/s", baseline=bare, beside="bare_getmany"),
    }


def _payments(prefix: str) -> Service:
    return payments(PaymentsSettings(topic_prefix=prefix, topic_partitions=_PARTITIONS))


def _keeping(prefix: str) -> Service:
    """Return payments with nothing but what it keeps of the facts of others."""
    whole = _payments(prefix)
    foreign = tuple(each for each in whole.projections if each.source == "foreign")
    return replace(whole, projections=foreign, reactions=(), worklists={})


def _records(claims: int) -> Mapping[int, Sequence[Record]]:
    """Return the public facts as the relay publishes them, by partition."""
    found: dict[int, list[Record]] = defaultdict(list)
    for envelope in claim_facts(claims, USUAL_LINES):
        if envelope.public:
            record = to_record(envelope, service="claims", store_id=new_id(), incarnation=1, previous_position=0)
            found[partition_of(envelope.key, _PARTITIONS)].append(record)
    return found


async def _awaited(log: KafkaLog, bootstrap: str, topic: str, records: Mapping[int, Sequence[Record]]) -> float:
    """Return how many records a second are sent by who waits for each."""
    some = {partition: each[: _AWAITED_RECORDS // _PARTITIONS] for partition, each in records.items()}

    async def send(producer: Any, partition: int) -> None:  # noqa: ANN401 (aiokafka publishes no types)
        for each in some[partition]:
            await producer.send_and_wait(
                topic, each.value, key=each.key, headers=list(each.headers), partition=partition
            )

    return await _sent(log, bootstrap, topic, some, send)


async def _batches(log: KafkaLog, bootstrap: str, topic: str, records: Mapping[int, Sequence[Record]]) -> float:
    """Return how many records a second are sent in batches, one unacknowledged batch per partition."""

    async def send(producer: Any, partition: int) -> None:  # noqa: ANN401 (aiokafka publishes no types)
        batch = producer.create_batch()
        for each in records[partition]:
            given = {"key": each.key, "value": each.value, "headers": list(each.headers), "timestamp": None}
            if batch.append(**given) is None:
                await (await producer.send_batch(batch, topic, partition=partition))
                batch = producer.create_batch()
                batch.append(**given)
        await (await producer.send_batch(batch, topic, partition=partition))

    return await _sent(log, bootstrap, topic, records, send)


async def _sent(
    log: KafkaLog,
    bootstrap: str,
    topic: str,
    records: Mapping[int, Sequence[Record]],
    send: Callable[[Any, int], Awaitable[None]],
) -> float:
    await log.ensure_topics([topic], partitions=_PARTITIONS, replicas=1)
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0, max_batch_size=_BATCH_BYTES
    )
    await producer.start()
    try:
        begun = perf_counter()
        await asyncio.gather(*[send(producer, partition) for partition in records])
        return sum(map(len, records.values())) / (perf_counter() - begun)
    finally:
        await producer.stop()


async def _relayed(server: DatabaseServer, log: KafkaLog, prefix: str, claims: int) -> float:
    """Return how many facts a second the relay publishes, private ones too."""
    alone = claims_alone()
    settings = alone.settings.model_copy(update={"topic_prefix": prefix, "topic_partitions": _PARTITIONS})
    facts = await fill(server, alone, "relayed", claims=claims)
    async with engine_over(server, replace(alone, settings=settings), "relayed") as engine:

        async def reached() -> bool:
            return (await engine.store.relayed())[0] == facts

        took = await _until(reached, Relay(engine, log).run())
    await _verify(log, topic_of(prefix, "claims", public=True), claims * _PUBLIC_FACTS)
    await _verify(log, topic_of(prefix, "claims", public=False), claims)
    return facts / took


async def _verify(log: KafkaLog, topic: str, expected: int) -> None:
    ends = [await log.last((topic, partition)) for partition in range(_PARTITIONS)]
    found = sum(each.offset + 1 for each in ends if each)
    if found != expected:
        raise NotVerified(f"{topic} has {found} records and not {expected}")


async def _consumed(server: DatabaseServer, log: KafkaLog, service: Service, database: str, claims: int) -> float:
    """Return how many facts a second a service takes, until all its checkpoints are at the end."""
    topic = topic_of(service.settings.topic_prefix, "claims", public=True)
    places: list[Place] = [(topic, partition) for partition in range(_PARTITIONS)]
    expected = claims * _PUBLIC_FACTS
    async with engine_over(server, service, database) as engine:

        async def reached() -> bool:
            return sum([(await engine.store.checkpoint(place)).next_offset for place in places]) == expected

        took = await _until(reached, Consumer(engine, log).run(places))
        if parked := await engine.store.parked(None, rows_max=1):
            raise NotVerified(f"a record was parked: {parked[0].cause}")
    rows = await fetch_value(server, database, "select count(*) from rm_billed_claims_v1")
    if rows != claims:
        raise NotVerified(f"{claims} claims were assembled, and {rows} are known")
    return expected / took


async def _until(reached: Callable[[], Awaitable[bool]], running: Awaitable[None]) -> float:
    """Run what never ends until a condition holds; return how long that took."""
    begun = perf_counter()
    task = asyncio.ensure_future(running)
    try:
        async with asyncio.timeout(_SECONDS_MAX):
            while not await reached():
                if task.done():
                    task.result()
                await asyncio.sleep(_LOOK_SECONDS)
        return perf_counter() - begun
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _read(bootstrap: str, topic: str, expected: int) -> float:
    """Return how many records a second bare getmany reads."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, max_partition_fetch_bytes=4 * 2**20
    )
    await consumer.start()
    try:
        places = [TopicPartition(topic, partition) for partition in range(_PARTITIONS)]
        consumer.assign(places)
        for place in places:
            consumer.seek(place, 0)
        count, begun = 0, perf_counter()
        while count < expected and perf_counter() - begun < _SECONDS_MAX:
            found = await consumer.getmany(timeout_ms=1_000, max_records=1_000)
            count += sum(map(len, found.values()))
        took = perf_counter() - begun
    finally:
        await consumer.stop()
    if count != expected:
        raise NotVerified(f"{topic} has {count} records and not {expected}")
    return count / took


def measure(claims: int = 8_000) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`, `KafkaNotStarted`."""
    collect_seldom()
    with database_server() as server, kafka() as node:
        return uvloop.run(_measured(server, node.bootstrap, claims))


def main() -> None:
    """Measure, check, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=8_000, help="of five facts each")
    reported("Log", measure(parser.parse_args().claims))


if __name__ == "__main__":
    main()
