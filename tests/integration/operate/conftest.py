"""Two services over stores and a log in tables, for what operators do to them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.runtime.engine import Engine
from shared.runtime.hosting import open_log
from shared.runtime.log import Log
from tests.support.databases import fresh_database
from tests.support.donating import donating
from tests.support.engines import engine_over
from tests.support.lending import lending


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A giver whose facts a lender reads; nobody works unless a test lets somebody."""

    giver: Engine
    lender: Engine
    log: Log
    log_url: str


@pytest.fixture
async def line(database_server: DatabaseServer) -> AsyncIterator[Line]:
    giver_url, lender_url, log_url = [await fresh_database(database_server) for _ in range(3)]
    common: dict[str, object] = {"topic_prefix": "line", "topic_partitions": 2, "log_url": log_url}
    async with (
        open_log(log_url) as log,
        engine_over(donating(**common, database_url=giver_url), giver_url) as giver,
        engine_over(lending(**common, database_url=lender_url), lender_url) as lender,
    ):
        yield Line(giver=giver, lender=lender, log=log, log_url=log_url)
