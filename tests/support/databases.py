"""A PostgreSQL server for tests, started once a session from the wheel, and a fresh database for each test."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from apps.embedded.database_server import DatabaseServer

_NUMBERS = count(1)


@contextmanager
def server() -> Iterator[DatabaseServer]:
    """Run a server with data in a temporary folder that the server's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="claimlog-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with DatabaseServer.running(Path(folder) / "data") as running:
            yield running


async def fresh_database(running: DatabaseServer) -> str:
    """Return the address of a new, empty database."""
    name = f"test_{next(_NUMBERS)}"
    await running.create(name)
    return running.url(name)
