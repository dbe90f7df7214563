"""A log of each kind for integration tests, and topics of one's own."""

from collections.abc import AsyncIterator
from itertools import count

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.runtime.hosting import open_log
from shared.runtime.log import Log
from tests.support.databases import fresh_database

_PREFIXES = count(1)


@pytest.fixture
async def log(request: pytest.FixtureRequest, database_server: DatabaseServer) -> AsyncIterator[Log]:
    """Yield the log that a test names; parametrize it indirectly."""
    if request.param == "kafka":
        url = f"kafka://{request.getfixturevalue('kafka_bootstrap')}"
    else:
        url = await fresh_database(database_server)
    async with open_log(url) as opened:
        yield opened


@pytest.fixture
def prefix() -> str:
    """Return a topic prefix that no other test has."""
    return f"line{next(_PREFIXES)}"
