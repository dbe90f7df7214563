"""A line of a giver and a lender whose stores a test loses or sets back, and what must hold when they are restored."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from shared.events.envelope import Actor, Envelope
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.failpoints import Failed
from shared.runtime.keys import MemoryKeyStore
from shared.runtime.log import Log
from shared.runtime.losses import follows
from shared.runtime.progress import silent
from shared.runtime.restore import Report, restore
from shared.runtime.topics import merged
from shared.runtime.verify.whole import verify
from shared.runtime.worker import work
from tests.support.donating import Donate, donating
from tests.support.engines import beside, engine_at_rest, engine_over, until
from tests.support.lending import SHELVES, Shelf, lending

CLERK = Actor(kind="human", id="clerk-1")
PARTITIONS = 3


class Line:
    """A giver and a lender that reads from it, over databases that a test may lose."""

    def __init__(self, log: Log, prefix: str, giver_url: str, lender_url: str) -> None:
        self.log = log
        self.prefix = prefix
        self.urls = {"registration": giver_url, "lending": lender_url}
        self.keys = MemoryKeyStore()

    def service(self, name: str) -> Service:
        """Return a service at its present database."""
        made: Callable[..., Service] = donating if name == "registration" else lending
        url = self.urls[name]
        return made(topic_prefix=self.prefix, topic_partitions=PARTITIONS, flush_events_max=8, database_url=url)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[Engine, Engine]]:
        """Run both with their workers."""
        async with (
            engine_over(self.service("registration"), self.urls["registration"]) as giver,
            engine_over(self.service("lending"), self.urls["lending"], keys=self.keys) as lender,
            beside(work(giver, self.log), work(lender, self.log)),
        ):
            yield giver, lender

    async def restored(self, name: str, **options: bool) -> Report:
        """Restore one of the two, nobody of which runs."""
        given = {"dry_run": False, "accept_losses": False, **options}
        async with engine_at_rest(self.service(name), self.urls[name], keys=self.keys) as engine:
            return await restore(engine, self.log, silent, **given)


async def give(giver: Engine, first: int, last: int) -> None:
    await asyncio.gather(
        *(giver.handle("demo", CLERK, Donate(donor_id=f"D-{n}", name="comes back")) for n in range(first, last + 1))
    )


async def quiet(giver: Engine, lender: Engine, *, gifts: int) -> None:
    """Return when every gift has led to a loan and a return, and everything is published."""

    async def done() -> bool:
        types = Counter(each.type for each in await lender.store.events(0, events_max=10_000))
        heads = [(await engine.store.head()).position for engine in (giver, lender)]
        out = [(await engine.store.relayed())[0] for engine in (giver, lender)]
        return types["CopyReturned"] >= gifts and heads == out

    await until(done, seconds=60)


async def check(line: Line, giver: Engine, lender: Engine, *, gifts: int) -> None:
    """Nothing is lost, nothing is double, topics and stores agree, and own read models are what the facts say."""
    given = list(await giver.store.events(0, events_max=100_000))
    lent = list(await lender.store.events(0, events_max=100_000))
    check_chain(given)
    check_chain(lent)
    rows = (await lender.page(SHELVES, "demo", page_size=500)).items

    assert giver.stopped == lender.stopped == {}
    assert not await lender.store.parked(None, rows_max=10)
    assert sorted(each.key for each in given if each.type == "PayerAdded") == sorted(
        f"D-{n}" for n in range(1, gifts + 1)
    )
    assert sorted(each.causation_id or "" for each in lent if each.type == "CopyLent") == sorted(
        each.event_id for each in given if each.type == "PayerAdded"
    )
    assert sorted(rows, key=lambda row: row.copy_id) == folded(lent)
    for engine in (giver, lender):
        await check_verified(line, engine)
        topics = [f"{line.prefix}.{engine.service.name}", f"{line.prefix}.{engine.service.name}.internal"]
        published = [fact.envelope async for fact in merged(line.log, topics)]
        assert published == list(await engine.store.events(0, events_max=100_000))


async def check_verified(line: Line, engine: Engine) -> None:
    """What an operator asks finds nothing."""
    verified = await verify(engine, line.log)

    assert [(each.name, each.counter_example) for each in verified.invariants if not each.holds] == []


def check_chain(events: Sequence[Envelope]) -> None:
    before: Envelope | None = None
    for position, envelope in enumerate(events, start=1):
        assert envelope.position == position
        assert follows(before, envelope), position
        before = envelope


def folded(events: Sequence[Envelope]) -> list[Shelf]:
    """Return the shelves that loans and returns lead to, by a fold of our own."""
    times = Counter(each.key for each in events if each.type == "CopyLent")
    backs = Counter(each.key for each in events if each.type == "CopyReturned")
    away = {copy_id: count > backs[copy_id] for copy_id, count in times.items()}
    return [Shelf(each, times[each], away=away[each], pages=90 * away[each]) for each in sorted(times)]


def failing_at(wanted: str) -> object:
    """Return what fails at a named point of a restore, in place of the points themselves."""

    def point(name: str) -> None:
        if name == wanted:
            raise Failed(name)

    return point
