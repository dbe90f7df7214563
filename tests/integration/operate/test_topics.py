"""Facts that the log lost are sent again from the store, and the readers of its topics go on without a hole."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from shared.events.envelope import Actor
from shared.runtime.log import partition_of
from shared.runtime.progress import silent
from shared.runtime.relay import StoreAndTopicsDiffer
from shared.runtime.republishing import NotPublishedYet, differences, republish
from shared.runtime.topics import own_topics
from shared.runtime.wire import arrived
from shared.runtime.worker import work
from tests.integration.operate.conftest import Line
from tests.support.donating import Donate
from tests.support.engines import beside, until
from tests.support.lending import DONORS

CLERK = Actor(kind="human", id="clerk-1")
TOPIC = "line.registration"


def donors(prefix: str) -> Iterator[str]:
    """Yield donors whose facts all go to partition 0."""
    n = 0
    while True:
        n += 1
        if partition_of(f"{prefix}-{n}", 2) == 0:
            yield f"{prefix}-{n}"


async def give(line: Line, prefix: str, count: int) -> None:
    names = donors(prefix)
    for _ in range(count):
        await line.giver.handle("demo", CLERK, Donate(donor_id=next(names)))


async def relayed(line: Line) -> None:
    async def all_sent() -> bool:
        head = await line.giver.store.head()
        return (await line.giver.store.relayed())[0] == head.position

    await until(all_sent)


async def lose(line: Line, offset: int) -> None:
    connection = await asyncpg.connect(line.log_url)
    try:
        await connection.execute("delete from log_record where topic = $1 and offset_ = $2", TOPIC, offset)
    finally:
        await connection.close()


async def taken(line: Line) -> int:
    return len((await line.lender.page(DONORS, "demo", page_size=500)).items)


async def test_a_lost_record_stops_its_reader_until_it_is_sent_again(line: Line) -> None:
    async with beside(work(line.giver, line.log)):
        await give(line, "D", 6)
        await relayed(line)
    await lose(line, 2)
    async with beside(work(line.lender, line.log)):

        async def stopped() -> bool:
            return f"{TOPIC}/0" in line.lender.stopped and await taken(line) == 2

        await until(stopped)
        planned = await republish(line.giver, line.log, silent, first=3, dry_run=True)
        sent = await republish(line.giver, line.log, silent, first=3, dry_run=False)

        async def whole() -> bool:
            return await taken(line) == 6 and not line.lender.stopped

        await until(whole)

    assert planned == sent == {TOPIC: 4, f"{TOPIC}.internal": 0}


async def test_a_relay_that_publishes_meanwhile_leaves_no_hole_either(line: Line) -> None:
    async with beside(work(line.giver, line.log)):
        await give(line, "D", 6)
        await relayed(line)
        await lose(line, 2)
        await asyncio.gather(give(line, "later", 40), republish(line.giver, line.log, silent, first=3, dry_run=False))
        await relayed(line)
        async with beside(work(line.lender, line.log)):

            async def whole() -> bool:
                return await taken(line) == 46

            await until(whole)

    assert line.lender.stopped == {}


async def test_each_record_names_the_one_before_it_in_its_partition(line: Line) -> None:
    async with beside(work(line.giver, line.log)):
        for n in range(8):
            await line.giver.handle("demo", CLERK, Donate(donor_id=f"D-{n}"))
        await relayed(line)
    first = {place: last.offset + 1 for place in ((TOPIC, 0), (TOPIC, 1)) if (last := await line.log.last(place))}
    await republish(line.giver, line.log, silent, first=4, dry_run=False)

    for place, start in first.items():
        originals = [await line.log.record(place, offset) for offset in range(start)]
        last = await line.log.last(place)
        assert last is not None
        copies = [await line.log.record(place, offset) for offset in range(start, last.offset + 1)]
        assert [each and each.headers for each in copies] == [each and each.headers for each in originals][
            -len(copies) :
        ]
        assert all(each is not None and arrived(each) is not None for each in copies)


async def test_what_was_never_published_is_not_sent(line: Line) -> None:
    async with beside(work(line.giver, line.log)):
        await give(line, "D", 2)
        await relayed(line)

    with pytest.raises(NotPublishedYet):
        await republish(line.giver, line.log, silent, first=3, dry_run=False)


async def test_a_store_that_was_set_back_publishes_nothing(line: Line) -> None:
    async with beside(work(line.giver, line.log)):
        await give(line, "D", 3)
        await relayed(line)
    connection = await asyncpg.connect(line.giver.service.settings.database_url)
    try:
        await connection.execute("delete from events where position = 3")
    finally:
        await connection.close()

    with pytest.raises(StoreAndTopicsDiffer):
        await republish(line.giver, line.log, silent, first=1, dry_run=False)


async def test_topics_are_missing_until_they_are_made(line: Line) -> None:
    before = await differences(line.giver, line.log)
    await line.log.ensure_topics(own_topics(line.giver), partitions=2, replicas=1)
    after = await differences(line.giver, line.log)

    assert before == dict.fromkeys(own_topics(line.giver), "missing")
    assert after == {}
