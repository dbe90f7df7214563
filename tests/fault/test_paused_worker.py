"""A worker that stands still for 90 seconds with a batch in hand: another one takes over, its own write is thrown away.

SIGSTOP: its connections stay open, its locks are given to somebody else once they were silent for too long (F13). In
the short dose it stands until the other one has done everything.
"""

import asyncio
import signal
from dataclasses import replace

import pytest

from tests.support.dose import dose
from tests.support.invariants import SAFETY, check
from tests.support.line import Line
from tests.support.processes import program

SECONDS = dose(0, 90)
GIFTS = 30


@pytest.mark.parametrize("place", dose(["consumer.read:stop:2"], ["consumer.read:stop:2", "own.read:stop:2"]))
async def test_worker_that_stood_still_with_a_batch_in_hand_writes_nothing_of_it(line: Line, place: str) -> None:
    given = replace(line, count=GIFTS, poll_size=8, relays_late=True)  # all of them were begun when it stops
    async with program("tests.support.line", given.text, failpoint=place) as paused:
        await paused.stopped()
        clock = asyncio.get_running_loop().time
        until_then, n = clock() + SECONDS, 0
        while n == 0 or clock() < until_then:
            n += 1
            async with program("tests.support.line", replace(given, first=n * GIFTS).text) as other:
                assert await other.ended() == 0, other.complaints[-2000:]
        before = await line.evidence()
        check(before)
        paused.send(signal.SIGCONT)
        assert await paused.ended() == 0, paused.complaints[-2000:]
    after = await line.evidence()

    check(after, SAFETY)
    check(after)
    assert len(after.giver.facts) == len(before.giver.facts) == (n + 1) * GIFTS
