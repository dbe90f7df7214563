"""Records and calls that arrive twice, 10 to 50 % of them, also late and out of order: each has one effect (F8)."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

import pytest

from shared.runtime.log import Log, Publisher, Record
from shared.runtime.store import Place
from tests.support.dose import chance, dose
from tests.support.invariants import check
from tests.support.journal import Journal
from tests.support.line import Line, finish, give, give_all, opened, working

COUNT = dose(100, 600)


class Doubling:
    """A log that repeats a share of all records, after records that came later, in any order."""

    def __init__(self, log: Log, share: float) -> None:
        self.repeated = 0
        self._log = log
        self._share = share
        self._luck = chance(f"doubled records {share}")
        self._sent: dict[Place, list[Record]] = defaultdict(list)

    def __getattr__(self, name: str) -> object:
        """Return what the log itself has."""
        return getattr(self._log, name)

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator["Doubling"]:
        """Return itself."""
        yield self

    async def publish(self, batches: Mapping[Place, Iterable[Record]]) -> None:
        """Publish a batch, then some of what was published before."""
        given = {place: list(records) for place, records in batches.items()}
        async with self._log.publisher() as publisher:
            await publisher.publish(given)
            for place, records in given.items():
                self._sent[place] += records
                await self._repeat(publisher, place, sum(self._luck.random() < self._share for _ in records))

    async def _repeat(self, publisher: Publisher, place: Place, count: int) -> None:
        if count:
            self.repeated += count
            await publisher.publish({place: self._luck.choices(self._sent[place], k=count)})


@pytest.mark.parametrize("share", [0.1, 0.5])
async def test_records_and_calls_that_come_twice_have_one_effect(line: Line, share: float) -> None:
    luck = chance(f"doubled calls {share}")
    given = replace(line, count=COUNT, poll_size=50)
    async with opened(given, through=lambda log: cast(Log, Doubling(log, share))) as open_, working(given, open_):
        told = Journal(given.told)
        again = [n for n in range(COUNT) if luck.random() < share]
        await asyncio.gather(give_all(given, open_.giver), *(give(given, open_.giver, told, n) for n in again))
        for n in luck.sample(range(COUNT), k=10):
            await give(given, open_.giver, told, n)  # long after it was answered
        told.close()
        await finish(given, open_)
        repeated = cast(Doubling, open_.log).repeated
    found = await given.evidence()

    assert repeated > COUNT * share
    assert sum(map(len, found.topics.values())) == len(found.giver.facts) + len(found.shelver.facts) + repeated
    assert sum(told.how == "ok" for told in found.told) == COUNT + len(again) + 10
    check(found)
