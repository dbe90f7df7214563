"""Workers of one service side by side: one leads, the next takes over, and no defect ends them for good."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.locks import Locks
from shared.runtime.log import Log, Reader
from shared.runtime.store import NOTHING_READ, StoreUnavailable
from shared.runtime.worker import work
from tests.support.databases import fresh_database
from tests.support.donating import Donate, donating
from tests.support.engines import engine_over, until
from tests.support.lending import DONORS, Lend, lending

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.parametrize("log", ["postgres"], indirect=True),
]

CLERK = Actor(kind="human", id="clerk-1")
TAKE_OVER_SECONDS_MAX = 10


@pytest.fixture
async def urls(database_server: DatabaseServer) -> tuple[str, str]:
    return await fresh_database(database_server), await fresh_database(database_server)


@asynccontextmanager
async def worker(service: Service, url: str, log: Log) -> AsyncIterator[tuple[Engine, "asyncio.Task[None]"]]:
    async with engine_over(service, url) as engine:
        task = asyncio.create_task(work(engine, log))
        try:
            yield engine, task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def rows(engine: Engine, wanted: int) -> None:
    async def there() -> bool:
        return len((await engine.page(DONORS, "demo", page_size=500)).items) >= wanted

    await until(there)


async def test_worker_that_ends_is_followed_within_ten_seconds(
    log: Log, prefix: str, urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, reader = [], log.reader

    def counted() -> AbstractAsyncContextManager[Reader]:
        opened.append(1)
        return reader()

    monkeypatch.setattr(log, "reader", counted)
    async with AsyncExitStack() as stack:
        giver, _ = await stack.enter_async_context(worker(donating(**of(prefix, urls[0])), urls[0], log))
        first, ended = await stack.enter_async_context(worker(lending(**of(prefix, urls[1])), urls[1], log))
        second, _ = await stack.enter_async_context(worker(lending(**of(prefix, urls[1])), urls[1], log))
        await giver.handle("demo", CLERK, Donate(donor_id="D-1"), Donate(donor_id="D-2"))
        await rows(first, 2)
        await until(partial(both_hold, urls[1]))
        ended.cancel()
        await giver.handle("demo", CLERK, Donate(donor_id="D-3"))
        async with asyncio.timeout(TAKE_OVER_SECONDS_MAX):
            await rows(second, 3)
        facts = await second.store.events(0, events_max=100)

    assert len([each for each in facts if each.type == "CopyLent"]) == 3
    assert len(opened) == 2, "a worker keeps its reader while partitions come and go"


async def both_hold(url: str) -> bool:
    """Return whether two workers of a store have locks of their own."""
    connection = await asyncpg.connect(url)
    try:
        query = "select count(distinct pid) from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock'"
        of_here = " and granted and database = (select oid from pg_database where datname = current_database())"
        return bool(await connection.fetchval(query + of_here) == 2)
    finally:
        await connection.close()


def of(prefix: str, url: str) -> dict[str, object]:
    return {"topic_prefix": prefix, "topic_partitions": 2, "database_url": url}


async def test_workers_that_lose_every_connection_go_on(log: Log, prefix: str, urls: tuple[str, str]) -> None:
    async with AsyncExitStack() as stack:
        giver, _ = await stack.enter_async_context(worker(donating(**of(prefix, urls[0])), urls[0], log))
        lender, _ = await stack.enter_async_context(worker(lending(**of(prefix, urls[1])), urls[1], log))
        await giver.handle("demo", CLERK, Donate(donor_id="D-1"))
        await rows(lender, 1)
        await end_all_sessions(urls[1])
        await giver.handle("demo", CLERK, Donate(donor_id="D-2"))

        async def second() -> bool:
            with suppress(Exception):  # the first questions meet connections that are gone
                return len((await lender.page(DONORS, "demo")).items) == 2
            return False

        await until(second)


async def end_all_sessions(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


async def test_worker_that_is_told_to_end_as_it_loses_its_locks_ends(
    log: Log, prefix: str, urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    holding, lost = asyncio.Event(), asyncio.Event()

    async def lose(_: Locks) -> None:
        holding.set()
        await lost.wait()
        raise StoreUnavailable("the locks are gone")

    monkeypatch.setattr("shared.runtime.worker._hold", lose)
    async with worker(lending(**of(prefix, urls[1])), urls[1], log) as (_, task):
        await holding.wait()
        lost.set()
        task.cancel()
        ended, _ = await asyncio.wait([task], timeout=10)

    assert ended


async def test_worker_outlives_a_defect_and_its_cause_parks(log: Log, prefix: str, urls: tuple[str, str]) -> None:
    service = lending(**of(prefix, urls[1]), record_attempts_max=1)
    broken = replace(service, reactions=tuple(each for each in service.reactions if each.name == "return_bad"))
    async with worker(broken, urls[1], log) as (engine, task):
        await engine.handle("demo", CLERK, Lend(copy_id="C-1", title="crash"))

        async def parked() -> bool:
            return bool(await engine.store.parked(None, rows_max=1))

        await until(parked)
        running = not task.done()

    assert running


async def test_job_that_stopped_and_was_mended_is_told_of_no_more(log: Log, prefix: str, urls: tuple[str, str]) -> None:
    await log.ensure_topics([f"{prefix}.registration"], partitions=5, replicas=1)
    async with worker(donating(**of(prefix, urls[0])), urls[0], log) as (giver, _):

        async def stopped() -> bool:
            return bool(giver.stopped)

        await until(stopped)
        told = dict(giver.stopped)
        await log.fetch_rows("delete from log_partition where topic = $1", f"{prefix}.registration")  # type: ignore[attr-defined]  # of this log
        await giver.handle("demo", CLERK, Donate(donor_id="D-1"))
        await end_all_sessions(urls[0])  # its worker loses its locks, and begins again

        async def published() -> bool:
            with suppress(Exception):  # the first questions meet connections that are gone
                return (await giver.store.relayed())[0] == 1
            return False

        await until(published)

    assert (told, giver.stopped) == ({"relay": "TopicDiffers"}, {})


async def test_job_stops_where_topics_are_not_as_they_must_be_and_the_others_go_on(
    log: Log, prefix: str, urls: tuple[str, str]
) -> None:
    await log.ensure_topics([f"{prefix}.registration"], partitions=5, replicas=1)
    async with AsyncExitStack() as stack:
        giver, _ = await stack.enter_async_context(worker(donating(**of(prefix, urls[0])), urls[0], log))
        lender, task = await stack.enter_async_context(worker(lending(**of(prefix, urls[1])), urls[1], log))

        async def stopped() -> bool:
            return bool(giver.stopped and lender.stopped)

        await until(stopped)
        await lender.handle("demo", CLERK, Lend(copy_id="C-1", title="comes back"))

        async def came_back() -> bool:
            return (await lender.store.head()).position == 2

        await until(came_back)
        checkpoint = await lender.store.checkpoint((f"{prefix}.registration", 0))
        running = not task.done()

    assert (giver.stopped, lender.stopped) == ({"relay": "TopicDiffers"}, {"topics": "TopicDiffers"})
    assert checkpoint == NOTHING_READ
    assert running
