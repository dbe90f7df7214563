"""Workers of one service share its partitions: a new one gets its part, and those of one that ends are taken over."""

import pytest
import stamina

from apps.embedded.database_server import DatabaseServer
from shared.runtime.locks import Locks
from tests.support.databases import fresh_database

NAMES = tuple(f"claimlog.coding/{partition}" for partition in range(5))


async def held(locks: Locks) -> set[str]:
    """Return what a worker holds after one look, as `worker.py` looks; what is too much it gives back."""
    share = await locks.share(len(NAMES))
    mine = [name for name in NAMES if name in await locks.take(NAMES, at_most=share)][:share]
    await locks.give_back(set(NAMES) - set(mine))
    return set(mine)


async def test_a_new_worker_gets_its_share_and_a_dead_ones_goes_round(database_server: DatabaseServer) -> None:
    url = await fresh_database(database_server)
    async with Locks.open(url) as first:
        assert await held(first) == set(NAMES)
        async with Locks.open(url) as second:
            assert await held(second) == set(), "nothing is free yet"
            of_first = await held(first)
            of_second = await held(second)
            async with Locks.open(url) as third:
                assert await held(third) == set()
                counts = [len(await held(each)) for each in (first, second, third)]

                assert (len(of_first), len(of_second)) == (3, 2)
                assert of_first | of_second == set(NAMES)
                assert counts == [2, 2, 1]
        async for attempt in stamina.retry_context(on=AssertionError, timeout=10, wait_initial=0.05, attempts=None):
            with attempt:  # a session that ended is gone a moment later
                assert await held(first) == set(NAMES)


async def test_a_share_leaves_alone_what_is_no_part_of_it(database_server: DatabaseServer) -> None:
    async with Locks.open(await fresh_database(database_server)) as locks:
        await locks.take(["relay"])

        assert await locks.take(NAMES, at_most=2) > {"relay"}
        assert len(await locks.take(NAMES, at_most=2)) == 3
        await locks.give_back(NAMES)
        assert await locks.take(()) == {"relay"}


@pytest.mark.parametrize(("workers", "share"), [(1, 5), (2, 3), (3, 2), (6, 1)])
async def test_nobody_is_left_without_where_there_is_enough(
    workers: int, share: int, database_server: DatabaseServer
) -> None:
    url = await fresh_database(database_server)
    opened = [Locks.open(url) for _ in range(workers)]
    try:
        members = [await each.__aenter__() for each in opened]
        shares = [await each.share(len(NAMES)) for each in members]
        assert [await each.share(len(NAMES)) for each in members] == [share] * workers
        assert shares[-1] == share
    finally:
        for each in opened:
            await each.__aexit__(None, None, None)
