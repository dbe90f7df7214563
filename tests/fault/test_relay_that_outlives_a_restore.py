"""A relay that stands still, its facts in hand or just sent, while its store is set back, restored and written on.

Others took its place long ago. What it still sends when it goes on is a repeat that everybody drops; then it notices
that the store was restored, and starts anew.
"""

import signal
from dataclasses import replace
from typing import Final

import asyncpg
import pytest

from tests.fault.test_restored_line import check_all, restored, whole
from tests.support.dose import chance, dose
from tests.support.line import Line
from tests.support.processes import program
from tests.support.rewinding import put_back, save

PLACES: Final = ("relay.read:stop:1", "relay.acknowledged:stop:1")
GIFTS: Final = dose(30, 120)


async def take_locks_away(url: str) -> None:
    """End the sessions that hold locks of a worker's jobs, as the server does by itself after ten silent seconds."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
            " and database = (select oid from pg_database where datname = current_database())"
        )
    finally:
        await connection.close()


@pytest.mark.parametrize("place", dose((chance("outlived").choice(PLACES),), PLACES))
async def test_relay_that_outlives_a_restore_sends_nothing_but_repeats(line: Line, place: str) -> None:
    # nothing is published yet, so that nobody else writes in the moment in which the process stops
    late = replace(line, count=GIFTS, relays_late=True)
    async with program("tests.support.line", late.text, failpoint=place) as outliving:
        await outliving.stopped()
        for url in (line.giver, line.shelver):
            await take_locks_away(url)
        await save(line.giver)
        await whole(replace(line, first=GIFTS, count=GIFTS))
        await put_back(line.giver)
        await restored(line, "giver")
        await whole(replace(line, first=2 * GIFTS, count=GIFTS))
        before = await line.evidence()
        outliving.send(signal.SIGCONT)
        assert await outliving.ended() == 0, outliving.complaints[-2000:]
    after = await line.evidence()

    await check_all(line, "giver")
    assert len(after.giver.facts) == len(before.giver.facts) == 3 * GIFTS
    assert after.shelver.facts == before.shelver.facts
