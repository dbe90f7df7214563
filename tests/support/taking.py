"""A worker of coding over a real store, for tests that kill it while it takes the lines that others left.

    python -m tests.support.taking ADDRESS

The store, its keys and the log lie in one database. It ends once no operation is left.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from services.coding.main import service
from services.coding.settings import Settings
from shared.runtime.engine import Engine
from shared.runtime.hosting import open_log
from shared.runtime.keys_postgres import PostgresKeyStore
from shared.runtime.telemetry import configure_logging
from shared.runtime.worker import work
from tests.support.engines import beside, engine_over, until
from tests.unit.coding.tables import TABLES

FLUSH_UNITS: Final = 40


@asynccontextmanager
async def coding_over(database: str) -> AsyncIterator[Engine]:
    """Open coding, which writes few units at a time."""
    coding = service(Settings(database_url=database, flush_events_max=FLUSH_UNITS), TABLES)
    async with PostgresKeyStore.open(database) as keys, engine_over(coding, database, keys=keys) as engine:
        yield engine


async def take(database: str) -> None:
    """Do what a worker does until no operation is left."""
    async with coding_over(database) as engine, open_log(database) as log:

        async def nothing_left() -> bool:
            return await engine.store.operations.next_running() is None

        async with beside(work(engine, log)):
            await until(nothing_left, seconds=90)


def main(database: str) -> None:
    """Take what is left in a database."""
    configure_logging()
    asyncio.run(take(database))


if __name__ == "__main__":
    main(*sys.argv[1:])
