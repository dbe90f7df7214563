"""A publisher that stands still between two halves of one question is ended by the next one of its partition."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.runtime import silent_holder
from shared.runtime.calling_off import call_off
from shared.runtime.log import Record
from shared.runtime.log_postgres import PostgresLog
from tests.support.databases import fresh_database

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

TOPIC = "claimlog.test"
WAITED_SECONDS_MAX = 0.5
DEADLINE_SECONDS = 20


async def hold_partition_in_the_midst_of_a_question(holder: asyncpg.Connection, holding: asyncio.Event) -> None:
    """Lock as a publisher does, then begin to send rows of which none ever comes: active, and bound by no limit."""

    async def no_row() -> AsyncIterator[bytes]:
        holding.set()
        await asyncio.Event().wait()
        yield b""

    await holder.execute("begin; create temp table gift (text text); select * from log_partition for update")
    await holder.copy_to_table("gift", source=no_row())


async def test_publisher_that_stands_still_in_the_midst_of_a_question_is_ended(
    database_server: DatabaseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silent_holder, "_WAITED_SECONDS_MAX", WAITED_SECONDS_MAX)
    url = await fresh_database(database_server)
    async with PostgresLog.open(url) as log, log.publisher() as publisher:
        await log.ensure_topics([TOPIC], partitions=1, replicas=1)
        holder, holding = await asyncpg.connect(url), asyncio.Event()
        stopped = asyncio.create_task(hold_partition_in_the_midst_of_a_question(holder, holding))
        async with asyncio.timeout(DEADLINE_SECONDS):
            await holding.wait()
            await publisher.publish({(TOPIC, 0): [Record(key=b"k", value=b"v", headers=())]})
        await call_off(stopped)
        holder.terminate()
        last = await log.last((TOPIC, 0))

    assert last is not None
    assert last.offset == 0
