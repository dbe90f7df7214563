"""Four processes of one service, nine of ten commands without effect: each answer is that of a serial run (F17).

An answer that adds nothing is checked under the lock like any other: it names the position that it was decided at, and
there it has to be right. A refusal names none: it has to be right somewhere between the answers before and after it.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Envelope
from tests.support.asker import Asked
from tests.support.databases import fresh_database
from tests.support.dose import SEED, dose
from tests.support.engines import engine_over
from tests.support.lending import lending
from tests.support.processes import program

ROUNDS = dose(60, 800)
PROCESSES = 4


class Serial:
    """What a copy was at each position."""

    def __init__(self, facts: Sequence[Envelope]) -> None:
        self._facts: dict[str, list[Envelope]] = defaultdict(list)
        for fact in facts:
            self._facts[fact.key].append(fact)

    def at(self, copy_id: str, position: int) -> tuple[int, bool]:
        """Return a copy's version, and whether it is lent."""
        before = [fact for fact in self._facts[copy_id] if fact.position <= position]
        return (before[-1].version, before[-1].type == "CopyLent") if before else (0, False)

    def was_lent(self, copy_id: str, first: int, last: int) -> bool:
        """Return whether a copy was lent at one of some positions."""
        changes = [fact.position for fact in self._facts[copy_id] if first < fact.position <= last]
        return any(self.at(copy_id, position)[1] for position in (first, *changes))


def wrong(lane: Sequence[Asked], serial: Serial, end: int) -> Iterator[str]:
    """Yield answers that no serial run gives."""
    last = 0
    for n, asked in enumerate(lane):
        if asked.position < 0:
            until_then = next((each.position for each in lane[n:] if each.position >= 0), end)
            if asked.what == "return" or not serial.was_lent(asked.copy_id, last, until_then):
                yield f"{asked} was refused, and it was never lent between {last} and {until_then}"
            continue
        if asked.position < last:
            yield f"{asked} was decided before what was answered at {last}"
        last = asked.position
        version, is_lent = serial.at(asked.copy_id, asked.position)
        if asked.version != version or is_lent != (asked.what == "lend"):
            yield f"{asked}, and there it is {version}, {'lent' if is_lent else 'not lent'}"
        if asked.added and serial.at(asked.copy_id, asked.position - 1) == (version, is_lent):
            yield f"{asked} says that it added a fact, and there is none"


@pytest.fixture
async def url(database_server: DatabaseServer) -> str:
    return await fresh_database(database_server)


async def test_each_answer_of_four_processes_is_that_of_a_serial_run(url: str) -> None:
    async with engine_over(lending(), url) as engine, AsyncExitStack() as stack:
        askers = [
            await stack.enter_async_context(program("tests.support.asker", url, str(SEED + n), str(ROUNDS)))
            for n in range(PROCESSES)
        ]
        codes = await asyncio.gather(*(each.ended(seconds=400) for each in askers))
        assert codes == [0] * PROCESSES, [each.complaints[-500:] for each in askers]
        facts = await engine.store.events(0, events_max=1_000_000)
        lanes = [[Asked(**each) for each in lane] for asker in askers for lane in json.loads(asker.out)]
    serial = Serial(facts)
    answers = [asked for lane in lanes for asked in lane]

    assert [each for lane in lanes for each in wrong(lane, serial, len(facts))] == []
    assert sum(asked.added for asked in answers) == len(facts)
    assert 0.8 < sum(not asked.added for asked in answers) / len(answers) < 0.98
