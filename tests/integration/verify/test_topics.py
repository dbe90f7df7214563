"""Topics on either log that are not the store's facts: a record that was dropped, or is of another store."""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Envelope
from shared.runtime.engine import Engine
from shared.runtime.log import Log, Record
from shared.runtime.verify import Finding, verify
from shared.runtime.wire import to_record
from tests.integration.verify.conftest import CLERK, by_name
from tests.support.databases import fresh_database
from tests.support.donating import Donate, donating
from tests.support.engines import engine_over

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.parametrize("log", ["postgres", "kafka"], indirect=True),
]
GIFTS = 8


@pytest.fixture
async def giver(database_server: DatabaseServer, log: Log, prefix: str) -> AsyncIterator[Engine]:
    """Yield a giver whose facts count as relayed, though no topic has them yet."""
    url = await fresh_database(database_server)
    async with engine_over(donating(topic_prefix=prefix, topic_partitions=1, database_url=url), url) as engine:
        for n in range(1, GIFTS + 1):
            await engine.handle("demo", CLERK, Donate(donor_id=f"D-{n}"))
        await engine.store.remember_relayed(GIFTS, {(f"{prefix}.registration", 0): GIFTS})
        await log.ensure_topics([f"{prefix}.registration"], partitions=1, replicas=1)
        yield engine


async def published(giver: Engine, log: Log, *positions: int, store_id: str = "") -> Finding:
    """Publish some facts, each as the relay would, and return what is found of the topics."""
    head, facts = await giver.store.head(), await giver.store.events(0, events_max=GIFTS)
    records = [_record(facts[position - 1], store_id or head.store_id) for position in positions]
    async with log.publisher() as publisher:
        await publisher.publish({(f"{giver.service.settings.topic_prefix}.registration", 0): records})
    return by_name((await verify(giver, log)).invariants)["topics"]


def _record(fact: Envelope, store_id: str) -> Record:
    return to_record(
        fact, service="registration", store_id=store_id, incarnation=1, previous_position=fact.position - 1
    )


async def test_record_that_was_dropped_is_found_by_the_one_behind_it(giver: Engine, log: Log) -> None:
    found = await published(giver, log, 1, 2, 3, 5, 6, 7, 8)

    assert (found.holds, found.checked) == (False, 7)
    assert "offset 3 follows position 4, the one before it has 3" in (found.counter_example or "")


async def test_tail_that_was_dropped_is_found_by_what_the_relay_remembers(giver: Engine, log: Log) -> None:
    found = await published(giver, log, 1, 2, 3, 4, 5, 6)

    assert (found.holds, found.checked) == (False, 6)
    assert "has not position 7, which was relayed" in (found.counter_example or "")


async def test_tail_that_was_sent_again_is_counted(giver: Engine, log: Log) -> None:
    found = await published(giver, log, 1, 2, 3, 4, 5, 3, 4, 5, 6, 7, 8)

    assert (found.holds, found.checked, found.left_out) == (True, 8, 3)


async def test_records_of_another_store_are_found(giver: Engine, log: Log) -> None:
    found = await published(giver, log, 1, 2, 3, 4, 5, 6, 7, 8, store_id=str(UUID(int=7)))

    assert "offset 0 is of another store" in (found.counter_example or "")


async def test_record_of_a_fact_that_the_store_lost_is_found(giver: Engine, log: Log) -> None:
    await published(giver, log, *range(1, GIFTS + 1))
    connection = await asyncpg.connect(giver.service.settings.database_url)
    await connection.execute("delete from events where position = 5")
    await connection.close()
    found = by_name((await verify(giver, log)).invariants)

    assert "offset 4 has position 5, which the store has not" in (found["topics"].counter_example or "")
    assert found["positions"].counter_example == "position 5 is missing"
