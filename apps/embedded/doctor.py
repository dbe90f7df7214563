"""What may be in the way of the embedded process on this machine, and what mends it.

Owns: port, disk, a database server that was left behind, and whether the server answers at all. Refuses: starting one
where there is no data yet. Next: `shared/runtime/doctor.py` looks at each service.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from http.client import HTTPException
from pathlib import Path
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from typing import Final
from urllib.request import urlopen

from apps.embedded.addresses import databases
from apps.embedded.data_folder import LOCK
from apps.embedded.settings import Settings
from shared.kernel.errors import KnownError
from shared.runtime.look import Look

DISK_BYTES_FAIL: Final = 200 * 1024**2
DISK_BYTES_WARN: Final = 2 * 1024**3
_HTTP_SECONDS_MAX: Final = 3


async def machine(settings: Settings, stack: AsyncExitStack) -> tuple[list[Look], dict[str, str]]:
    """Return what was found, and the addresses of the databases; none where there are none to look at."""
    found = [*_server_left(settings), _port(settings), _disk(settings)]
    if not settings.database_url and not (settings.data / "postgres" / "PG_VERSION").exists():
        said = f"the folder {settings.data} holds no claimlog yet"
        return [*found, Look(check="data", level="warn", said=said, mend="claimlog run")], {}
    try:
        urls = await databases(settings, stack)
    except KnownError as error:
        mend = "start the server, mend DATABASE_URL, or unset it" if settings.database_url else "look at its log"
        return [*found, Look(check="database-server", level="fail", said=str(error), mend=mend)], {}
    return [*found, Look(check="database-server", level="ok", said="answers")], urls


def _server_left(settings: Settings) -> Iterator[Look]:
    """Look for a database server whose claimlog was killed: it runs on, or its note of a run lies there."""
    note = settings.data / "postgres" / "postmaster.pid"
    if settings.database_url or not note.exists() or _is_held(settings.data / LOCK):
        return
    with suppress(OSError, ValueError, IndexError):
        pid = int(note.read_text().splitlines()[0])
        if Path(f"/proc/{pid}").exists():
            said = f"a database server (process {pid}) runs without its claimlog, which was killed"
            yield Look(
                check="stale-server", level="warn", said=said, mend="claimlog run: finds it, and stops it at its end"
            )
        else:
            said = "the database server was killed; it recovers at its next start"
            yield Look(check="stale-server", level="warn", said=said, mend="claimlog run")


def _is_held(lock: Path) -> bool:
    if not lock.exists():
        return False
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _port(settings: Settings) -> Look:
    if settings.port == 0 or _is_free(settings):
        return Look(check="port", level="ok", said="any free one" if settings.port == 0 else f"{settings.port} is free")
    url = f"http://{settings.host}:{settings.port}/claims/healthz"
    with suppress(OSError, HTTPException, ValueError), urlopen(url, timeout=_HTTP_SECONDS_MAX) as answer:
        if b'"claims"' in answer.read(1_000):
            return Look(check="port", level="ok", said=f"claimlog listens on {settings.port}")
    said = f"another program listens on {settings.port}"
    return Look(check="port", level="fail", said=said, mend="CLAIMLOG_PORT=8001 claimlog run, or stop that program")


def _is_free(settings: Settings) -> bool:
    with socket(AF_INET, SOCK_STREAM) as listener:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError:
            return False
    return True


def _disk(settings: Settings) -> Look:
    folder = next(each for each in (settings.data.resolve(), *settings.data.resolve().parents) if each.exists())
    free = shutil.disk_usage(folder).free
    said = f"{free / 1024**3:,.1f} GiB are free for {settings.data}"
    mend = "free some, or move the folder and set CLAIMLOG_DATA"
    if free < DISK_BYTES_FAIL:
        return Look(check="disk", level="fail", said=said, mend=mend)
    if free < DISK_BYTES_WARN:
        return Look(check="disk", level="warn", said=said, mend=mend)
    return Look(check="disk", level="ok", said=said)
