"""The worker of a service: relay, consumers, effects, each under its lock, each started again when something was away.

Owns: who leads and which partitions this process has. Refuses: HTTP (`http.py`); `worker_health.py` shows whether it
gets on. Run as `python -m shared.runtime.worker services.claims.main`; the embedded process runs five as
tasks.
"""

import gc

if __name__ == "__main__":
    gc.disable()  # while it loads: `shared/runtime/garbage.py`

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib import import_module
from typing import Any, Final, TypeVar

import uvloop
from structlog import get_logger

from shared.kernel.errors import Unavailable
from shared.runtime.acting import Runner
from shared.runtime.calling_off import call_off
from shared.runtime.consumer import Consumer, OwnFacts
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.forgetting import forget_old_answers
from shared.runtime.garbage import collect_seldom
from shared.runtime.host import open_host
from shared.runtime.hosting import open_log
from shared.runtime.locks import JOBS, PING_SECONDS, Locks
from shared.runtime.log import Log, OffsetGone, Reader, TopicDiffers, topic_of
from shared.runtime.relay import Relay, StoreAndTopicsDiffer
from shared.runtime.settings import RuntimeSettings
from shared.runtime.store import Place
from shared.runtime.taking import Fenced
from shared.runtime.telemetry import configure_logging
from shared.runtime.worker_health import WorkerHealth, shown
from shared.runtime.working_off import work_off

Result = TypeVar("Result")

_LOG = get_logger("worker")
_RETRY_SECONDS: Final = 0.5
_STOP: Final = (StoreAndTopicsDiffer, OffsetGone, TopicDiffers)
"""What no other try can mend: a person has to look."""


async def work(engine: Engine, log: Log) -> None:
    """Do everything that a service does without being asked, until cancelled.

    Each job stands alone: when the broker is away, reactions to own facts and effects go on; what stops for a person to
    look at stops that job only, and readiness says so.
    """
    while True:
        await _cancellable(_work_until_away(engine, log))
        await asyncio.sleep(_RETRY_SECONDS)


async def _work_until_away(engine: Engine, log: Log) -> None:
    try:
        async with Locks.open(engine.service.settings.database_url) as locks, asyncio.TaskGroup() as jobs:
            does: Mapping[str, Callable[[], Awaitable[None]]] = {
                "relay": lambda: Relay(engine, log).run(),
                "own-facts": OwnFacts(engine).run,
                "effects": Runner(engine).run,
                "operations": lambda: work_off(engine, log),
            }
            for name in JOBS:
                jobs.create_task(_keep(engine, locks, name, does[name]))
            jobs.create_task(_again_and_again(engine, "old answers", partial(forget_old_answers, engine)))
            jobs.create_task(_keep_consuming(engine, log, locks))
            jobs.create_task(_hold(locks))
    except* (Unavailable, OSError) as group:  # the locks are lost: somebody else may work from now on
        _LOG.warning("away", service=engine.service.name, kind=type(group.exceptions[0]).__name__)


async def _cancellable(work: Coroutine[object, object, Result]) -> Result:
    """Return what something comes to, and end when cancelled.

    A group of tasks that is cancelled just as one of them fails tells of the failure alone: who tries again after it
    would never end.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait([task])
    finally:
        await _end(task)
    return task.result()


async def _hold(locks: Locks) -> None:
    """Show the database that this process lives. **Errors**: `StoreUnavailable`: all locks are lost."""
    while True:
        await locks.take(())
        await asyncio.sleep(PING_SECONDS)


async def _keep(engine: Engine, locks: Locks, name: str, job: Callable[[], Awaitable[None]]) -> None:
    """Run a job from the moment that its lock is ours."""
    while name not in await locks.take([name]):  # noqa: ASYNC110 (another process has it; nobody tells when it ends)
        await asyncio.sleep(PING_SECONDS)
    await _again_and_again(engine, name, job)


async def _again_and_again(engine: Engine, name: str, job: Callable[[], Awaitable[None]]) -> None:
    """Run a job, and again whenever something was away; not after what a person has to look at."""
    while await _cancellable(_ended_for_now(engine, name, job)):  # noqa: ASYNC110 (a pause between tries)
        await asyncio.sleep(_RETRY_SECONDS)


async def _ended_for_now(engine: Engine, name: str, job: Callable[[], Awaitable[None]]) -> bool:
    """Run a job once; return whether to try again. One without work ends by itself."""
    again = False
    engine.stopped.pop(name, None)  # it begins anew: what it stopped at may be mended
    try:
        await job()
    except* _STOP as group:
        engine.stopped[name] = type(group.exceptions[0]).__name__
        _LOG.error("stopped", service=engine.service.name, job=name, cause=str(group.exceptions[0]))
    except* (Unavailable, OSError, Fenced) as group:
        again = True
        _LOG.warning("away", service=engine.service.name, job=name, kind=type(group.exceptions[0]).__name__)
    except* Exception as group:  # noqa: BLE001 (a defect: tries are counted, so that what causes it parks after some)
        again = True
        _LOG.exception("job-failed", service=engine.service.name, job=name, kind=type(group.exceptions[0]).__name__)
    return again and name not in engine.stopped


async def _keep_consuming(engine: Engine, log: Log, locks: Locks) -> None:
    """Consume a fair share of the partitions, those whose locks are ours; others as soon as it changes."""
    names = {f"{topic}/{partition}": (topic, partition) for topic, partition in await _places(engine, log)}
    held: list[str] = []
    task: asyncio.Task[None] | None = None
    async with _consuming(engine, log) as consume:
        try:
            while names:
                share = await locks.share(len(names))
                taken = await locks.take(names, at_most=share)
                mine = [name for name in names if name in taken][:share]
                if mine != held:
                    await _end(task)
                    await locks.give_back(set(names) - set(mine))
                    held = mine
                    job = partial(consume, [names[name] for name in mine])
                    task = asyncio.create_task(_again_and_again(engine, "consumer", job))
                await asyncio.sleep(PING_SECONDS)
        finally:
            await _end(task)


@asynccontextmanager
async def _consuming(engine: Engine, log: Log) -> AsyncIterator[Callable[[Sequence[Place]], Awaitable[None]]]:
    """Yield what consumes partitions for ever, with one reader while they come and go, until it fails.

    A client of Kafka that begins anew takes seconds where the machine is busy, and what a killed worker had waits.
    """
    reader: Reader | None = None
    async with AsyncExitStack() as opened:

        async def consume(places: Sequence[Place]) -> None:
            nonlocal reader
            try:
                if reader is None:
                    reader = await opened.enter_async_context(log.reader())
                await Consumer(engine, log).run_with(reader, places)
            except Exception:
                reader = None
                await opened.aclose()
                raise

        yield consume


async def _end(task: "asyncio.Task[Any] | None") -> None:
    if task is not None:
        await call_off(task)


async def _places(engine: Engine, log: Log) -> list[Place]:
    """Return all partitions that the service reads, made by us where the producer has not started yet."""
    settings: RuntimeSettings = engine.service.settings
    topics = [topic_of(settings.topic_prefix, producer, public=True) for producer in engine.wiring.foreign_producers]

    async def ensured() -> None:
        if topics:
            await log.ensure_topics(topics, partitions=settings.topic_partitions, replicas=settings.topic_replicas)

    await _again_and_again(engine, "topics", ensured)
    if "topics" in engine.stopped:
        return []  # with other partitions than ours, some would be read by nobody
    return [(topic, partition) for topic in topics for partition in range(settings.topic_partitions)]


async def run(service: Service) -> None:
    """Open a service and do its work, until cancelled. **Errors**: `BadAddress`, `AddressInUse`."""
    health = WorkerHealth(service)
    async with (
        shown(health, service.settings.metrics_address),
        open_host(service) as host,
        open_log(service.settings.log_url) as log,
    ):
        collect_seldom()
        health.opened(host.engine, log)
        await work(host.engine, log)


async def _run_until_told(service: Service) -> None:
    """Work until SIGTERM. As the first process of a container nothing would end it without a handler."""
    task = asyncio.create_task(run(service))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


def main() -> None:
    """Run the worker of the service whose main module is named."""
    configure_logging()
    service = import_module(sys.argv[1]).configured()
    uvloop.run(_run_until_told(service))


if __name__ == "__main__":
    main()
