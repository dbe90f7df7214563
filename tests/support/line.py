"""A line of two services and a log in one process, which fault tests kill, stop and start again.

    python -m tests.support.line '{"giver": ADDRESS, "shelver": ADDRESS, "log": ADDRESS, "folder": PATH, …}'

Gives gifts, each under an idempotency key of its own, also those that an earlier process began and was not answered
for; releases what parked; and ends when everything has its consequence. What callers were told goes to a journal.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from msgspec import json

from shared.events.envelope import Actor
from shared.kernel.errors import KnownError, Unavailable
from shared.runtime.consumer import Consumer
from shared.runtime.engine import Engine
from shared.runtime.hosting import open_log
from shared.runtime.log import Log
from shared.runtime.releasing import release
from shared.runtime.store import OWN, Parked
from shared.runtime.telemetry import configure_logging
from shared.runtime.unit import Idempotency
from shared.runtime.worker import work
from tests.support import journal
from tests.support.donating import Donate, donating
from tests.support.engines import beside, engine_over
from tests.support.evidence import Evidence, published, stored
from tests.support.journal import Journal, Told
from tests.support.shelving import POISON, letters, shelving

SECONDS_MAX: Final = 90
"""Of nothing at all: however slow a machine is, something moves."""
ANSWER_SECONDS_MAX: Final = 300
"""Longer than a process stands still, whose clock goes on."""
_AT_ONCE: Final = 10
ACTOR: Final = Actor(kind="service", id="line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One run. **Shape**: gifts `first` up to `first + count`; of `poison_every` one is poison, and one waits for it.

    `name_length` makes records long. `is_contested` adds a second consumer that takes no locks. `relays_late` gives
    everything before the first relay starts. `releases` ends with what parked released. `thanks` sends letters, one
    after the other.
    """

    giver: str
    shelver: str
    log: str
    folder: str
    first: int = 0
    count: int = 40
    poison_every: int = 0
    poisons: tuple[str, ...] = (POISON,)
    name_length: int = 7
    flush_events_max: int = 10
    poll_size: int = 1_000
    record_attempts_max: int = 5
    partitions: int = 2
    prefix: str = "fault"
    is_contested: bool = False
    relays_late: bool = False
    releases: bool = True
    thanks: bool = True

    @property
    def told(self) -> Path:
        """Return where the journal lies."""
        return Path(self.folder) / "told"

    @property
    def world(self) -> Path:
        """Return where letters go."""
        return Path(self.folder) / "letters"

    @property
    def text(self) -> str:
        """Return it as the program takes it."""
        return json.encode(self).decode()

    def settings(self, database_url: str) -> dict[str, Any]:
        """Return the settings of a service of this line."""
        return {
            "topic_prefix": self.prefix,
            "topic_partitions": self.partitions,
            "flush_events_max": self.flush_events_max,
            "poll_size": self.poll_size,
            "record_attempts_max": self.record_attempts_max,
            "database_url": database_url,
            "tenant_id": "demo",
        }

    def gift(self, n: int) -> Donate:
        """Return the n-th gift: several of each giver, some poison with a later one of the same giver behind it."""
        every = self.poison_every
        if every and n % every in {0, every // 2}:
            poison = self.poisons[n // every % len(self.poisons)]
            return Donate(donor_id=f"P-{n // every}", name="later" if n % every else poison, pages=1 + n % 90)
        return Donate(donor_id=f"D-{n % 9}", name="x" * self.name_length, pages=1 + n % 90)

    async def evidence(self) -> Evidence:
        """Return what it left."""
        topics = [f"{self.prefix}.{each}" for each in ("registration", "shelving", "shelving.internal")]
        places = [(topic, n) for topic in topics for n in range(self.partitions)]
        records, told = await published(self.log, places), tuple(journal.read(self.told))
        shelver = await stored(self.shelver)  # what follows is read before what it follows from: the line may be alive
        return Evidence(
            giver=await stored(self.giver),
            shelver=shelver,
            topics=records,
            told=told,
            letters=tuple(letters(self.world)),
        )


class _Tally:
    """How many facts of each type a store has, read once each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._position = 0
        self._types: Counter[str] = Counter()

    async def now(self) -> Counter[str]:
        """Return the counts."""
        while found := await self._engine.store.events(self._position, events_max=2_000):
            self._types.update(each.type for each in found)
            self._position = found[-1].position
        return self._types


async def give(line: Line, giver: Engine, told: Journal, n: int) -> None:
    """Give one gift until somebody says what became of it."""
    gift = line.gift(n)
    key = f"k-{n}"
    told.tell(Told(key, gift.donor_id, "started"))
    async with asyncio.timeout(ANSWER_SECONDS_MAX):
        while True:
            try:
                idempotency = Idempotency(route="POST /gifts", key=key, body_hmac="h")
                outcome = await giver.handle("demo", ACTOR, gift, idempotency=idempotency)
            except Unavailable:
                told.tell(Told(key, gift.donor_id, "unknown"))
                await asyncio.sleep(0.05)  # the database is away; the caller comes again with the same key
            except KnownError:
                told.tell(Told(key, gift.donor_id, "failed"))
                return
            else:
                told.tell(Told(key, gift.donor_id, "ok", outcome.stream, outcome.version))
                return


def wanted(line: Line) -> list[int]:
    """Return the numbers of the gifts to give: those that nobody was answered for, and the new ones."""
    answers: dict[str, bool] = {}
    for told in journal.read(line.told):
        answers[told.key] = answers.get(told.key, False) or told.how in {"ok", "failed"}
    left = [int(key.removeprefix("k-")) for key, is_answered in answers.items() if not is_answered]
    new = [n for n in range(line.first, line.first + line.count) if f"k-{n}" not in answers]
    return sorted(left) + new


async def give_all(line: Line, giver: Engine) -> None:
    """Give all gifts, some at a time."""
    told = Journal(line.told)
    numbers = wanted(line)
    try:
        for first in range(0, len(numbers), _AT_ONCE):
            await asyncio.gather(*(give(line, giver, told, n) for n in numbers[first : first + _AT_ONCE]))
    finally:
        told.close()


@asynccontextmanager
async def _rivalling(line: Line, log: Log) -> AsyncIterator[None]:
    """Consume all partitions without asking whether somebody else does, while the block runs."""
    async with engine_over(shelving(**line.settings(line.shelver)), line.shelver) as rival:
        places = [(f"{line.prefix}.registration", n) for n in range(line.partitions)]
        async with beside(Consumer(rival, log).run(places)):
            yield


@dataclass(frozen=True, slots=True)
class Opened:
    """A line that is open in this process."""

    giver: Engine
    shelver: Engine
    log: Log


@asynccontextmanager
async def opened(line: Line, *, through: Callable[[Log], Log] = lambda log: log) -> AsyncIterator[Opened]:
    """Open services and log; `through` puts something between the services and the log."""
    async with (
        open_log(line.log) as log,
        engine_over(donating(**line.settings(line.giver)), line.giver) as giver,
        engine_over(
            shelving(line.world if line.thanks else None, **line.settings(line.shelver)), line.shelver
        ) as shelver,
    ):
        yield Opened(giver, shelver, through(log))


@asynccontextmanager
async def working(line: Line, open_: Opened) -> AsyncIterator[None]:
    """Relay, consume, react and send while the block runs."""
    async with beside(work(open_.giver, open_.log), work(open_.shelver, open_.log)):
        if line.is_contested:
            async with _rivalling(line, open_.log):
                yield
        else:
            yield


async def run(line: Line, *, through: Callable[[Log], Log] = lambda log: log) -> None:
    """Do it all; what an earlier process did already is not done again."""
    async with opened(line, through=through) as open_:
        if line.relays_late:
            await give_all(line, open_.giver)
        async with working(line, open_):
            await give_all(line, open_.giver)
            await finish(line, open_)


async def finish(line: Line, open_: Opened) -> None:
    """Wait until everything has its consequence; release what parked, once all others are through."""
    giver, shelver = open_.giver, open_.shelver
    gifts, copies = _Tally(giver), _Tally(shelver)

    async def through() -> bool:
        foreign, _ = await _parked(shelver)
        return (await copies.now())["CopyShelved"] + len(foreign) >= (await gifts.now()).total()

    await _until(through, open_)
    if line.releases:
        async with engine_over(shelving(is_mended=True, **line.settings(line.shelver)), line.shelver) as mended:
            foreign, own = await _parked(shelver)
            for key in sorted({row.key for row in (*foreign, *own)}):
                await release(mended, open_.log, "demo", key, by=ACTOR)

    async def at_rest() -> bool:
        foreign, own = await _parked(shelver)
        types = await copies.now()
        (sent, _), head = await shelver.store.relayed(), await shelver.store.head()
        (given, _), total = await giver.store.relayed(), (await gifts.now()).total()
        moved = await shelver.store.checkpoint(("effect:thank", 0))
        return (
            types["CopyShelved"] + len(foreign) == total == given
            and types["CopyShelved"] == types["CopyStamped"] + len(own)
            and types["LetterSent"] == (types["CopyStamped"] if line.thanks else 0)
            and sent == head.position
            and not (line.thanks and await _after(shelver, moved.position))
        )

    await _until(at_rest, open_)


async def _until(condition: Callable[[], Awaitable[bool]], open_: Opened) -> None:
    """Return when a condition holds. **Errors**: `TimeoutError` when nothing moves any more."""
    clock = asyncio.get_running_loop().time
    before: list[int] = []
    since = clock()
    while True:
        try:
            if await condition():
                return
            reached = await _progress(open_)
            if reached != before:
                before, since = reached, clock()
        except Unavailable:  # a question that was on its way when the process stood still, and its clock went on
            since = clock()
        if clock() > since + SECONDS_MAX:
            raise TimeoutError
        await asyncio.sleep(0.02)


async def _progress(open_: Opened) -> list[int]:
    """Return how much is written and published."""
    stores = [open_.giver.store, open_.shelver.store]
    return [(await store.head()).position for store in stores] + [(await store.relayed())[0] for store in stores]


async def _after(shelver: Engine, position: int) -> bool:
    """Return whether an intent waits behind a position."""
    return bool(await shelver.store.events(position, types=["CopyStamped"], events_max=1))


async def _parked(shelver: Engine) -> tuple[list[Parked], list[Parked]]:
    """Return the parked records of others and the parked own facts."""
    rows = await shelver.store.parked(None, rows_max=100_000)
    return [row for row in rows if row.place != OWN], [row for row in rows if row.place == OWN]


def main(text: str) -> None:
    """Run the line that a text describes."""
    configure_logging()
    asyncio.run(run(json.decode(text, type=Line)))


if __name__ == "__main__":
    main(*sys.argv[1:])
