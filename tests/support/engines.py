"""Services over real stores, what runs beside a test, and waiting for what it leads to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Final

from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.keys import KeyStore, LocalKms, MemoryKeyStore, Vault
from shared.runtime.store_postgres import PostgresStore
from shared.runtime.wiring import Wiring

DEADLINE_SECONDS: Final = 20


@asynccontextmanager
async def engine_at_rest(service: Service, url: str, *, keys: KeyStore | None = None) -> AsyncIterator[Engine]:
    """Open a service over a PostgreSQL store as an operator does: it writes nothing by itself."""
    wiring = Wiring(service)
    async with PostgresStore.open(url, service.projections, name=service.name) as store:
        yield Engine(wiring, store, Vault(wiring.registry, LocalKms(bytes(32)), keys or MemoryKeyStore()))


@asynccontextmanager
async def engine_over(service: Service, url: str, *, keys: KeyStore | None = None) -> AsyncIterator[Engine]:
    """Run a service over a PostgreSQL store; several at once stand for several processes."""
    async with engine_at_rest(service, url, keys=keys) as resting, resting.running() as engine:
        yield engine


@asynccontextmanager
async def beside(*work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Run coroutines that never end while the block runs; what one of them raises, the block raises."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = DEADLINE_SECONDS) -> None:
    """Return when a condition holds. **Errors**: `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 (what is waited for is in other processes and databases)
            await asyncio.sleep(0.02)
