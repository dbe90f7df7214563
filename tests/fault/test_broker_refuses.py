"""A broker that refuses 1 record in 500: the round ends there, nothing goes out behind it, and no hole stays.

In the table a trigger refuses; on Kafka the topic's own limit does, until an operator raises it.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import cast

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.runtime.log import Log, Publisher
from shared.runtime.topics import own_topics
from tests.support.dose import dose
from tests.support.engines import until
from tests.support.invariants import SAFETY, check
from tests.support.line import Line, finish, give_all, opened, working

COUNT, EVERY, REFUSALS = dose((150, 25, 4), (2_000, 500, 12))
LONG, REFUSED = 230_000, 200_000
KEPT = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}


async def execute(url: str, *statements: str) -> object:
    """Return what the last statement yields."""
    connection = await asyncpg.connect(url)
    try:
        return [await connection.fetchval(statement) for statement in statements][-1]
    finally:
        await connection.close()


async def test_table_that_refuses_some_records_holds_all_of_them_in_the_end(line: Line) -> None:
    given = replace(line, count=COUNT, poll_size=50, thanks=False)
    async with opened(given) as open_:
        await execute(
            line.log,
            "create sequence refusals",
            "create function refuse() returns trigger language plpgsql as $$ begin"
            f" if new.offset_ % {EVERY} = {EVERY - 1} and nextval('refusals') <= {REFUSALS} then"
            "  raise exception 'refused' using errcode = '53200'; end if;"
            " return new; end $$",
            "create trigger refusing before insert on log_record for each row execute function refuse()",
        )
        async with working(given, open_):
            await give_all(given, open_.giver)
            await finish(given, open_)

    refused = await execute(line.log, "select last_value from refusals")

    assert isinstance(refused, int)
    assert refused > REFUSALS
    check(await line.evidence())


class Counting:
    """A log that counts how often a relay began to publish."""

    def __init__(self, log: Log) -> None:
        self.begun = 0
        self._log = log

    def __getattr__(self, name: str) -> object:
        """Return what the log itself has."""
        return getattr(self._log, name)

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator[Publisher]:
        """Return the log's own publisher."""
        self.begun += 1
        async with self._log.publisher() as publisher:
            yield publisher


async def limit(bootstrap: str, topic: str, bytes_max: int) -> None:
    """Set what the broker takes."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        configs = {**KEPT, "max.message.bytes": str(bytes_max)}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])
    finally:
        await admin.close()


async def test_kafka_that_refuses_a_record_gets_it_in_its_place_once_it_may(line: Line, kafka_bootstrap: str) -> None:
    given = replace(line, log=f"kafka://{kafka_bootstrap}", prefix="refusing", count=40, thanks=False)
    refused, later = replace(given, first=40, count=1, name_length=LONG), replace(given, first=41, count=20)
    topic = f"{given.prefix}.registration"
    counting: Callable[[Log], Log] = lambda log: cast(Log, Counting(log))  # noqa: E731 (a wrapper in one line)
    async with opened(given, through=counting) as open_, AsyncExitStack() as stack:
        await open_.log.ensure_topics(own_topics(open_.giver), partitions=given.partitions, replicas=1)
        await limit(kafka_bootstrap, topic, REFUSED)  # a broker learns of it some time after it answered
        await stack.enter_async_context(working(given, open_))
        await give_all(given, open_.giver)

        async def all_out() -> bool:
            return (await open_.giver.store.relayed())[0] == 40

        await until(all_out, seconds=60)
        begun = cast(Counting, open_.log).begun
        await give_all(refused, open_.giver)
        await give_all(later, open_.giver)

        async def tried_again() -> bool:
            return cast(Counting, open_.log).begun >= begun + 3

        await until(tried_again, seconds=60)
        sent, _ = await open_.giver.store.relayed()
        check(await given.evidence(), SAFETY)
        await limit(kafka_bootstrap, topic, 1_048_588)
        await finish(given, open_)

    assert sent == 40
    check(await given.evidence())
