"""The worker of a service: relay, consumers, effects, each under its lock, each started again when something was away.

Owns: who leads and which partitions this process has. Refuses: HTTP (`http.py`). Run as
`python -m shared.runtime.worker services.claims.main`; the embedded process runs five of them as tasks.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Final

from structlog import get_logger

from shared.kernel.errors import Unavailable
from shared.runtime.acting import Runner
from shared.runtime.consumer import Consumer, Diverged, OwnFacts
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.hosting import open_host
from shared.runtime.locks import PING_SECONDS, Locks
from shared.runtime.log import Log, open_log, topic_of
from shared.runtime.relay import Relay, StoreAndTopicsDiffer
from shared.runtime.settings import RuntimeSettings
from shared.runtime.store import Place
from shared.runtime.telemetry import configure_logging

_LOG = get_logger("worker")
_RETRY_SECONDS: Final = 0.5
_LEAD: Final = ("relay", "effects", "own-facts")


async def work(engine: Engine, log: Log) -> None:
    """Do everything that a service does without being asked, until cancelled."""
    settings = engine.service.settings
    while True:
        try:
            async with Locks.open(settings.database_url) as locks:
                await _while_held(engine, log, locks)
        except* (StoreAndTopicsDiffer, Diverged) as group:
            for error in group.exceptions:
                _LOG.error("stopped", service=engine.service.name, cause=str(error))  # noqa: TRY400 (no defect of ours)
            raise
        except* (Unavailable, OSError) as group:
            _LOG.warning("away", service=engine.service.name, kind=type(group.exceptions[0]).__name__)
        await asyncio.sleep(_RETRY_SECONDS)


async def _while_held(engine: Engine, log: Log, locks: Locks) -> None:
    """Run what this process holds the locks of; start again when that changes."""
    places = await _places(engine, log)
    wanted = [*_LEAD, *(f"{topic}/{partition}" for topic, partition in places)]
    held = await locks.take(wanted)
    while True:
        mine = [place for place in places if f"{place[0]}/{place[1]}" in held]
        jobs: list[Callable[[], Awaitable[None]]] = []
        if mine:
            jobs.append(lambda mine=mine: Consumer(engine, log).run(mine))  # type: ignore[misc]  # a default binds it
        if "own-facts" in held:
            jobs.append(OwnFacts(engine).run)
        if "relay" in held:
            jobs.append(Relay(engine, log).run)
        if "effects" in held:
            jobs.append(Runner(engine).run)
        held = await _until_more(jobs, locks, wanted, held)


async def _until_more(
    jobs: list[Callable[[], Awaitable[None]]], locks: Locks, wanted: list[str], held: frozenset[str]
) -> frozenset[str]:
    """Run jobs until another lock came free; return what is held then. **Errors**: those of the jobs."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(_run(job)) for job in jobs]
        while True:
            await asyncio.sleep(PING_SECONDS)
            now_held = await locks.take(wanted)
            if now_held != held:
                for task in running:
                    task.cancel()
                return now_held


async def _run(job: Callable[[], Awaitable[None]]) -> None:
    await job()


async def _places(engine: Engine, log: Log) -> list[Place]:
    """Return all partitions that the service reads, made by us where the producer has not started yet."""
    settings: RuntimeSettings = engine.service.settings
    topics = [topic_of(settings.topic_prefix, producer, public=True) for producer in engine.wiring.foreign_producers]
    if topics:
        await log.ensure_topics(topics, partitions=settings.topic_partitions, replicas=settings.topic_replicas)
    return [(topic, partition) for topic in topics for partition in range(settings.topic_partitions)]


async def run(service: Service) -> None:
    """Open a service and do its work, until cancelled."""
    async with open_host(service) as host, open_log(service.settings.log_url) as log:
        await work(host.engine, log)


def main() -> None:
    """Run the worker of the service whose main module is named."""
    configure_logging()
    service = import_module(sys.argv[1]).configured()
    asyncio.run(run(service))


if __name__ == "__main__":
    main()
