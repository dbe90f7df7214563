"""The database killed under load: one of its processes, and all of it (F5).

What was answered is there, what was in flight is there whole or not at all, and pools find their way back by
themselves.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import asyncpg
import pytest

from shared.kernel.errors import Unavailable
from tests.support.databases import Mortal, StillThere, fresh_database, mortal_server
from tests.support.dose import chance, dose
from tests.support.engines import until
from tests.support.invariants import check
from tests.support.line import Line, Opened, finish, give_all, opened, working

ACCEPTS_SECONDS_MAX: Final = 10
GIFTS: Final = dose(400, 600)


@pytest.fixture
def server() -> Iterator[Mortal]:
    """Yield a server that a test may kill."""
    with mortal_server() as running:
        yield running


async def kill_backend(line: Line) -> None:
    """Kill the process of one session; the server ends all others and recovers."""
    connection = await asyncpg.connect(line.giver)
    process = await connection.fetchval(
        "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1"
    )
    os.kill(process, signal.SIGKILL)
    with suppress(Exception):  # it is ended with all others
        await connection.close(timeout=1)


async def kill_all(server: Mortal) -> None:
    """Kill the server, and start it again once what it left has ended."""
    server.kill()

    async def started() -> bool:
        with suppress(StillThere):
            await asyncio.to_thread(server.start)
            return True
        return False

    await until(started, seconds=ACCEPTS_SECONDS_MAX)


async def accepts(open_: Opened) -> None:
    """Return once a store answers again. **Errors**: `TimeoutError`."""

    async def answers() -> bool:
        with suppress(Unavailable):
            return (await open_.giver.store.head()).position >= 0
        return False

    await until(answers, seconds=ACCEPTS_SECONDS_MAX)


async def given_share(open_: Opened, first: int, gifts: "asyncio.Task[None]") -> None:
    """Return once a seeded share of some gifts is written, and the rest is on its way."""
    wanted = first + chance(f"share {first}").randrange(GIFTS // 10, GIFTS // 4)

    async def written() -> bool:
        return gifts.done() or (await open_.giver.store.head()).position >= wanted

    await until(written, seconds=60)
    assert not gifts.done(), "it was killed too late"


@pytest.mark.parametrize("times", [dose(1, 3)])
async def test_line_outlives_its_database(server: Mortal, folder: Path, times: int) -> None:
    giver, shelver, log = [await fresh_database(server.running) for _ in range(3)]
    line = Line(giver=giver, shelver=shelver, log=log, folder=str(folder), thanks=False)
    async with opened(line) as open_, working(line, open_):
        for n in range(2 * times):
            part = replace(line, first=n * GIFTS, count=GIFTS)
            gifts = asyncio.create_task(give_all(part, open_.giver))
            await given_share(open_, n * GIFTS, gifts)
            if n % 2:
                await kill_all(server)
            else:
                await kill_backend(line)
            await accepts(open_)
            await gifts
        await finish(line, open_)
    found = await line.evidence()

    check(found)
    assert len(found.giver.facts) == 2 * times * GIFTS
    assert "unknown" in {told.how for told in found.told}
