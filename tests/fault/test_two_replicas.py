"""Two APIs and two workers of each service, over Kafka, restarted while they are asked; workers come, go, are killed.

No request fails, a killed worker is followed within ten seconds, and the money is the same (F14, F15). One program
after the other is restarted, a worker of three is killed, and for five minutes a worker is killed, ended or started
every three seconds.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from time import monotonic
from typing import Final

import asyncpg
import httpx
import pytest
from rich.console import Console

from apps.embedded.demo import run_demo
from apps.embedded.settings import Settings
from shared.events.envelope import Actor
from shared.runtime.calling_off import call_off
from shared.runtime.locks import JOBS, taken
from tests.support.careless import CARELESS
from tests.support.dose import IS_FULL, chance
from tests.support.engines import until
from tests.support.practice import SAME
from tests.support.processes import launched
from tests.support.programs import Finished, claimlog
from tools.processes.installed import Installed, installed
from tools.processes.programs import names
from tools.processes.rolling import asking, patient, restart_all

TAKE_OVER_MAX: Final = timedelta(seconds=10)
PATIENCE_SECONDS: Final = 60
"""For what comes before and after; a machine that others keep busy takes its time."""
PREFIX: Final = "replicas"
TOPIC: Final = f"{PREFIX}.registration"
READERS: Final = ("coding", "validation", "claims")
"""Services that follow what registration says."""
WORKERS: Final = (
    "select count(distinct pid) from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock' and granted"
    " and database = (select oid from pg_database where datname = current_database())"
)
OFFSETS: Final = "select partition, next_offset from checkpoint where topic = $1"
STORM_SECONDS: Final = 300
CLERK: Final = Actor(kind="human", id="clerk-1")
APIS: Final = [name for name in names(2) if "api" in name]
ALL_WORKERS: Final = [name for name in names(2) if "worker" in name]


@pytest.mark.skipif(not IS_FULL, reason="25 processes on a few cores: minutes, for the full dose")
async def test_nobody_notices_restarts_and_killed_workers(
    demos: Path, practice: Path, undisturbed: Finished, kafka_bootstrap: str
) -> None:
    settings = Settings(data=demos / PREFIX, port=0, kafka_bootstrap=kafka_bootstrap, topic_prefix=PREFIX)
    async with installed(settings, replicas=2, launch=launched) as running:
        running.start(*names(2))
        await running.until_ready(*names(2))
        driven = asyncio.create_task(run_demo(running.installation, practice, console=Console(quiet=True)))
        async with asking(running.installation) as asked:
            await restart_all(running, [*APIS, *ALL_WORKERS])
            took = [await followed(running, name) for name in READERS]
            await storm(running, chance("two replicas"))
            outcome = await driven
        figures = ", ".join(f"{each.total_seconds():.1f} s" for each in took)
        print(f"{asked.requests} requests; killed workers were followed within {figures}")  # noqa: T201 (with -s)

    assert asked.requests > len(names(2))
    assert not asked.failed, asked.failed
    assert max(took) <= TAKE_OVER_MAX
    found = outcome.as_json()
    assert outcome.balanced, found["differences"]
    assert {name: found[name] for name in SAME} == {name: undisturbed.outcome[name] for name in SAME}
    assert found["money_cents"] == undisturbed.outcome["money_cents"]
    told = {"KAFKA_BOOTSTRAP": kafka_bootstrap, "CLAIMLOG_TOPIC_PREFIX": PREFIX}
    verified = claimlog("verify", "--json", data=demos / PREFIX, **told)
    assert verified.code == 0, verified.out


async def followed(running: Installed, service: str) -> timedelta:
    """Kill a worker that reads; return after how long the other has taken records of every partition."""
    jobs = [*JOBS, *(f"{TOPIC}/{n}" for n in range(4))]
    async with connected(running, service) as store, writing(running):
        await until(lambda: held_by(store, jobs, 2), seconds=PATIENCE_SECONDS)
        begun = monotonic()
        running.programs.kill(f"{service} worker")
        await until(lambda: alone(store), seconds=PATIENCE_SECONDS)  # nothing of the killed one comes any more
        at_kill = await offsets(store)

        async def all_moved() -> bool:
            return all(offset > at_kill[partition] for partition, offset in (await offsets(store)).items())

        await until(all_moved, seconds=PATIENCE_SECONDS)
        took = timedelta(seconds=monotonic() - begun)
        await until(lambda: held_by(store, jobs, 1), seconds=PATIENCE_SECONDS)
    running.start(f"{service} worker")
    return took


@asynccontextmanager
async def writing(running: Installed) -> AsyncIterator[None]:
    """Register patients without a pause while the block runs, so that every partition has something new."""

    async def write(registration: httpx.AsyncClient) -> None:
        while True:
            (await registration.post("/v1/patients", json=patient())).raise_for_status()

    async with running.installation.clients(CLERK, event_hooks=CARELESS) as clients:
        writers = [asyncio.create_task(write(clients["registration"])) for _ in range(2)]
        try:
            yield
        finally:
            for each in writers:
                await call_off(each)
    assert not [each for each in writers if not each.cancelled()], "a patient was refused"


@asynccontextmanager
async def connected(running: Installed, service: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(running.databases[f"claimlog_{service}"])
    try:
        yield connection
    finally:
        await connection.close()


async def held_by(store: asyncpg.Connection, jobs: list[str], count: int) -> bool:
    """Return whether all jobs of a service are with somebody, so many workers in all."""
    return await taken(store, jobs) == frozenset(jobs) and await store.fetchval(WORKERS) == count


async def alone(store: asyncpg.Connection) -> bool:
    """Return whether one worker is left."""
    return bool(await store.fetchval(WORKERS) == 1)


async def offsets(store: asyncpg.Connection) -> Mapping[int, int]:
    """Return how far each partition is taken."""
    return {row["partition"]: row["next_offset"] for row in await store.fetch(OFFSETS, TOPIC)}


async def storm(running: Installed, luck: Random) -> None:
    """Kill, end or start a worker every three seconds; in the end all run."""
    ends = monotonic() + STORM_SECONDS
    while monotonic() < ends:
        name = luck.choice(ALL_WORKERS)
        if name not in running.programs.running():
            running.start(name)
        elif luck.random() < 0.5:
            running.programs.kill(name)
        else:
            await asyncio.to_thread(running.programs.ask_to_end(name).wait)
        await asyncio.sleep(3)
    for name in set(ALL_WORKERS) - set(running.programs.running()):
        running.start(name)
