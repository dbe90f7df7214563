"""A broker that is killed and away for 30 seconds: commands are answered all the while, and then everything goes out.

The store absorbs what the log cannot take. Within a minute after the broker is back nothing is pending (I10).
"""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.support.dose import dose
from tests.support.engines import until
from tests.support.folders import spacious
from tests.support.invariants import check
from tests.support.kafka import refuse_without_kafka
from tests.support.line import Line, finish, give_all, opened, working
from tools.kafka.node import Node, free_port, start, stop

AWAY_SECONDS: Final = dose(4, 30)
HEALED_SECONDS_MAX: Final = 60
GIFTS: Final = 20


class Broker:
    """A node that comes and goes on one port, over one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.node: Node = start(folder, self._port)

    def kill(self) -> None:
        """End it without a word to anybody."""
        self.node.process.kill()
        self.node.process.wait()

    def start(self) -> None:
        """Start it again."""
        self.node = start(self._folder, self._port)


@pytest.fixture
def broker() -> Iterator[Broker]:
    """Yield a broker that a test may kill."""
    refuse_without_kafka()
    with tempfile.TemporaryDirectory(prefix="claimlog-kafka-", dir=spacious(), ignore_cleanup_errors=True) as folder:
        made = Broker(Path(folder))
        try:
            yield made
        finally:
            stop(made.node.process.pid)
            made.node.process.wait()


async def test_line_goes_on_without_its_broker_and_catches_up_once_it_is_back(line: Line, broker: Broker) -> None:
    given = replace(line, log=f"kafka://{broker.node.bootstrap}", count=GIFTS, thanks=False)
    clock = asyncio.get_running_loop().time
    async with opened(given) as open_, working(given, open_):
        await give_all(given, open_.giver)
        await finish(given, open_)
        broker.kill()
        killed = clock()
        for n in range(1, AWAY_SECONDS + 1):
            await give_all(replace(given, first=n * GIFTS), open_.giver)

            async def second_is_over(end: float = killed + n) -> bool:
                return clock() >= end

            await until(second_is_over)
        sent, _ = await open_.giver.store.relayed()
        await asyncio.to_thread(broker.start)
        async with asyncio.timeout(HEALED_SECONDS_MAX):
            await finish(given, open_)
    found = await given.evidence()

    check(found)
    assert sent < len(found.giver.facts) == (AWAY_SECONDS + 1) * GIFTS
    assert {told.how for told in found.told} == {"started", "ok"}, "a command was not answered for want of a broker"
