"""A healthy line of two services and a log, made once; each test damages a copy of its own."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from itertools import count
from typing import Final, Literal

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.files import File
from shared.runtime.hosting import open_log
from shared.runtime.keys import MemoryKeyStore
from shared.runtime.unit import Idempotency
from shared.runtime.verify import EVERYTHING, Choice, Finding, verify
from shared.runtime.worker import work
from tests.support.databases import fresh_database
from tests.support.donating import Donate, donating
from tests.support.engines import beside, engine_at_rest, engine_over, until
from tests.support.lending import Issue, Lend, Return, lending
from tests.support.logs import log, prefix

__all__ = ["log", "prefix"]
CLERK: Final = Actor(kind="human", id="clerk-1")
NOTE: Final = File(kind="note", content=b"synthetic")
PREFIX: Final = "healthy"
_COPIES: Final = count(1)
KEYS: Final = MemoryKeyStore()

Found = dict[str, Finding]


def settings(url: str) -> dict[str, object]:
    return {"topic_prefix": PREFIX, "topic_partitions": 2, "database_url": url}


@dataclass(frozen=True, slots=True)
class Line:
    """Three databases of a line that nobody works on."""

    server: DatabaseServer
    giver: str
    lender: str
    log: str

    async def damaged(self, which: Literal["giver", "lender", "log"], *statements: str) -> "Line":
        """Return the line with a copy of one database in which statements were run; each must hit something."""
        url = await _copy(self.server, getattr(self, which))
        connection = await asyncpg.connect(url)
        for statement in statements:
            assert await connection.execute(statement) not in {"UPDATE 0", "DELETE 0", "INSERT 0 0"}, statement
        await connection.close()
        match which:
            case "giver":
                return replace(self, giver=url)
            case "lender":
                return replace(self, lender=url)
            case "log":
                return replace(self, log=url)

    async def of_giver(self, choice: Choice = EVERYTHING) -> Found:
        """Return the findings of the service that publishes."""
        return await found(donating(**settings(self.giver)), self.giver, self.log, choice)

    async def of_lender(self, choice: Choice = EVERYTHING) -> Found:
        """Return the findings of the service that consumes."""
        return await found(lending(**settings(self.lender)), self.lender, self.log, choice)


async def found(service: Service, url: str, log_url: str, choice: Choice = EVERYTHING) -> Found:
    """Return the findings of a service by name; it does not run."""
    async with engine_at_rest(service, url, keys=KEYS) as engine, open_log(log_url) as log:
        return by_name((await verify(engine, log, choice=choice)).invariants)


def by_name(findings: tuple[Finding, ...]) -> Found:
    return {each.name: each for each in findings}


def broken(found: Found) -> dict[str, str | None]:
    """Return the counter-examples of what does not hold."""
    return {name: each.counter_example for name, each in found.items() if each.holds is False}


@pytest.fixture(scope="session")
def line(database_server: DatabaseServer) -> Line:
    """Return the healthy line."""

    async def made() -> Line:
        giver, lender, log = [await fresh_database(database_server) for _ in range(3)]
        line = Line(database_server, giver, lender, log)
        await run(line)
        return line

    return asyncio.run(made())


async def _copy(server: DatabaseServer, url: str) -> str:
    name, copied = f"copy_{next(_COPIES)}", url.partition("?")[0].rpartition("/")[2]
    connection = await asyncpg.connect(server.url("postgres"))
    await connection.execute(f"create database {name} template {copied}")
    await connection.close()
    return server.url(name)


async def run(line: Line) -> None:
    """Give, take what comes back, park two records, lend, and wait until all is relayed."""
    async with (
        open_log(line.log) as log,
        engine_over(donating(**settings(line.giver)), line.giver, keys=KEYS) as giver,
        engine_over(lending(**settings(line.lender)), line.lender, keys=KEYS) as lender,
        beside(work(giver, log), work(lender, log)),
    ):
        for n in range(1, 31):
            gift = Donate(donor_id=f"D-{n}", name="comes back" if n % 3 else "Example")
            asked = Idempotency(route="POST /gifts", key=f"k-{n}", body_hmac="h")
            await giver.handle("demo", CLERK, gift, idempotency=asked)
        for name in ("poison", "later"):
            await giver.handle("demo", CLERK, Donate(donor_id="bad", name=name))
        await until(_has(lender, CopyLent=30, CopyReturned=20, KeyParked=2))  # what comes next are its last facts
        for n in range(1, 11):
            reader = Issue(reader_id=f"R-{n}", name=f"Example {n}")
            await lender.handle("demo", CLERK, Lend(copy_id=f"C-{n}"), Return(copy_id=f"C-{n}"), reader, files=(NOTE,))
        await until(_is_relayed(giver, lender))


def _has(engine: Engine, **wanted: int) -> Callable[[], Coroutine[object, object, bool]]:
    async def has() -> bool:
        counts = Counter(each.type for each in await engine.store.events(0, events_max=1_000))
        return {name: counts[name] for name in wanted} == wanted

    return has


def _is_relayed(*engines: Engine) -> Callable[[], Coroutine[object, object, bool]]:
    async def relayed() -> bool:
        stores = [each.store for each in engines]
        return all([(await store.relayed())[0] == (await store.head()).position for store in stores])

    return relayed
