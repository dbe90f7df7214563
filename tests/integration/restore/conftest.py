"""A log of each kind, topics of one's own, and a line of two services over them."""

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.runtime.log import Log
from tests.support.databases import fresh_database
from tests.support.logs import log, prefix
from tests.support.restoring import Line

__all__ = ["log", "prefix"]


@pytest.fixture
async def line(database_server: DatabaseServer, log: Log, prefix: str) -> Line:
    return Line(log, prefix, await fresh_database(database_server), await fresh_database(database_server))
