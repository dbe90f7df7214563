"""Who waits for facts sleeps until there are some, hears of its own types only, and never sleeps through one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.runtime.listening import CHANNEL, Listening, notification
from tests.support.databases import fresh_database


class Store:
    """A position, and how often it was asked for."""

    def __init__(self, url: str) -> None:
        self.position = 0
        self.asked = 0
        self.url = url

    async def head(self) -> int:
        """Return the position."""
        self.asked += 1
        return self.position

    async def add(self, position: int, *types: str) -> None:
        """Say that there are facts."""
        self.position = position
        connection = await asyncpg.connect(self.url)
        await connection.execute("select pg_notify($1, $2)", CHANNEL, notification(position, types))
        await connection.close()


@asynccontextmanager
async def listening(store: Store) -> AsyncIterator[Listening]:
    found = Listening(store.url, store.head)
    try:
        await found.wait(-1, seconds=0)
        yield found
    finally:
        await found.close()


@pytest.fixture
async def url(database_server: DatabaseServer) -> str:
    return await fresh_database(database_server)


@pytest.fixture
def store(url: str) -> Store:
    return Store(url)


def test_notification_names_each_type_once() -> None:
    assert notification(7, ["Lent", "Added", "Lent"]) == "7 Added Lent"


async def test_wait_returns_how_far_facts_go(store: Store) -> None:
    async with listening(store) as heard, asyncio.timeout(5):
        waiting = asyncio.create_task(heard.wait(0, seconds=30))
        await store.add(3, "Lent")

        assert await waiting == 3


async def test_what_was_heard_before_is_not_asked_for(store: Store) -> None:
    async with listening(store) as heard, asyncio.timeout(5):
        await store.add(3, "Lent")
        await heard.wait(0, seconds=30)
        asked = store.asked

        assert await heard.wait(2, seconds=30, types=["Lent"]) == 3
        assert store.asked == asked


async def test_other_types_wake_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.runtime.listening._ASK_SECONDS", 3_600)  # what is asked for counts for every type
    async with listening(store) as heard, asyncio.timeout(5):
        waiting = asyncio.create_task(heard.wait(0, seconds=30, types=["Returned"]))
        await store.add(1, "Lent")
        await heard.wait(0, seconds=30, types=["Lent"])
        assert not waiting.done()
        await store.add(2, "Lent", "Returned")

        assert await waiting == 2


async def test_lost_notification_is_found_when_the_time_is_over(store: Store) -> None:
    async with listening(store) as heard:
        store.position = 5

        assert await heard.wait(0, seconds=0.01, types=["Lent"]) == 5


async def test_one_asks_for_all_and_wakes_them(store: Store) -> None:
    async with listening(store) as heard, asyncio.timeout(10):
        others = [asyncio.create_task(heard.wait(0, seconds=30, types=["Lent"])) for _ in range(3)]
        asked, store.position = store.asked, 5
        await asyncio.gather(*(heard.wait(0, seconds=0.01) for _ in range(2)))

        assert await asyncio.gather(*others) == [5] * 3
        assert store.asked == asked + 1


async def test_who_waits_long_does_not_wait_long_for_a_lost_notification(store: Store) -> None:
    async with listening(store) as heard, asyncio.timeout(10):
        waiting = asyncio.create_task(heard.wait(0, seconds=3_600, types=["Lent"]))
        await asyncio.sleep(0)  # it waits now
        store.position = 5

        assert await waiting == 5


async def test_who_waits_is_woken_when_the_connection_breaks(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.runtime.listening._ASK_SECONDS", 3_600)
    async with listening(store) as heard, asyncio.timeout(10):
        waiting = asyncio.create_task(heard.wait(0, seconds=3_600))
        await break_connections(url)
        await waiting
        store.position = 4

        assert await heard.wait(0, seconds=3_600) == 4


async def break_connections(url: str) -> None:
    other = await asyncpg.connect(url)
    await other.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    await other.close()


async def test_facts_from_before_the_first_wait_are_known(store: Store) -> None:
    store.position = 9
    async with listening(store) as heard, asyncio.timeout(5):
        assert await heard.wait(0, seconds=30, types=["Lent"]) == 9


async def test_broken_connection_is_made_anew_and_what_came_meanwhile_is_known(store: Store, url: str) -> None:
    async with listening(store) as heard, asyncio.timeout(10):
        await break_connections(url)
        store.position = 4
        seen = 0
        while seen < 4:
            seen = await heard.wait(0, seconds=0.05)

        await store.add(5, "Lent")
        assert await heard.wait(4, seconds=5) == 5


async def test_store_that_was_set_back_is_not_believed_to_be_where_it_was(store: Store, url: str) -> None:
    async with listening(store) as heard, asyncio.timeout(10):
        await store.add(9, "Lent")
        await heard.wait(0, seconds=30)
        await break_connections(url)
        store.position = 4
        while await heard.wait(4, seconds=0) > 4:  # noqa: ASYNC110 (the end of a connection is heard some time later)
            await asyncio.sleep(0.01)
        waiting = asyncio.create_task(heard.wait(4, seconds=30, types=["Lent"]))
        await store.add(5, "Lent")

        assert await waiting == 5


@pytest.mark.parametrize("ticks", range(5))
async def test_who_is_cancelled_just_as_something_is_heard_ends(url: str, ticks: int) -> None:
    async with listening(Store(url)) as found:
        waiting = asyncio.create_task(found.wait(0, seconds=10))
        for _ in range(10):
            await asyncio.sleep(0)
        found._hear(notification(1, ["Lent"]))  # noqa: SLF001 (between two steps of the loop, which no socket can hit)
        for _ in range(ticks):
            await asyncio.sleep(0)
        was_cancelled = waiting.cancel()
        await asyncio.wait([waiting])

    assert waiting.cancelled() == was_cancelled
