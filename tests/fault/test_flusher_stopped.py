"""A flusher that is stopped while it holds the lock of the store: within 15 seconds somebody else writes.

What it had written and not committed is gone; its callers come again with their keys.
"""

import asyncio
import signal
from dataclasses import replace
from typing import Final

import pytest

from tests.support.donating import donating
from tests.support.dose import dose
from tests.support.engines import engine_over
from tests.support.invariants import check
from tests.support.journal import Journal
from tests.support.line import Line, give
from tests.support.processes import program

REPLACED_SECONDS_MAX: Final = 15
PLACES: Final = ("written.PayerAdded:stop:15", "flush.locked:stop:5", "flush.decided:stop:3")


@pytest.mark.parametrize("place", dose(PLACES[:1], PLACES))
async def test_lock_holder_that_stands_still_is_replaced(line: Line, place: str) -> None:
    stuck = replace(line, count=30, relays_late=True)  # nothing but gifts is written when it is stopped
    async with program("tests.support.line", stuck.text, failpoint=place) as holder:
        await holder.stopped()
        service = donating(**line.settings(line.giver))
        async with asyncio.timeout(REPLACED_SECONDS_MAX), engine_over(service, line.giver) as other:
            told = Journal(line.told)
            await give(replace(line, first=1_000), other, told, 1_000)
            told.close()
        holder.send(signal.SIGCONT)
        assert await holder.ended() == 0, holder.complaints[-2000:]
    found = await line.evidence()

    check(found)
    assert len(found.giver.facts) == 31
