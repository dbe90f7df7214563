"""Folders behind SFTP: one connection that is made when it is needed, and made anew when it broke.

Owns: connecting (a few tries within one act; the long pauses are those of who acts), the check of the host's key, and
what an answer of the server says about what happened. Nobody is trusted at first sight: a server whose key is not in
the file of known hosts is not spoken to. Keys, agents and settings of whoever runs the process are not looked at.
Refuses: names and what they mean (`folders.py`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, cast

import asyncssh
import stamina
from structlog import get_logger

from shared.runtime.clearinghouse.folders import ENTRIES_MAX, FILE_BYTES_MAX, Away, Entry, Missing, Refused

Result = TypeVar("Result")

_LOG = get_logger("sftp")
_ATTEMPTS_MAX: Final = 3
_WAIT_SECONDS: Final = 0.2
_KEEPALIVE_SECONDS: Final = 15
_FILE_KINDS: Final = frozenset({asyncssh.FILEXFER_TYPE_REGULAR, asyncssh.FILEXFER_TYPE_UNKNOWN})
"""Some servers do not say what a name is."""
_NANOSECONDS: Final = 1_000_000_000
_BROKEN: Final = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.SFTPBadMessage)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Login:
    """Whom to speak to, and as whom. **Shape**: a key, a password or both, in files: no setting holds a secret."""

    host: str
    port: int
    user: str
    known_hosts_file: Path
    key_file: Path | None = None
    password_file: Path | None = None
    timeout_seconds: float


class SftpPlace:
    """Folders of a server."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._opening = asyncio.Lock()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None

    async def write(self, path: str, content: bytes) -> None:
        """Write a new file to its end, and to the disk where the server can be told to."""

        async def do(client: asyncssh.SFTPClient) -> None:
            async with client.open(path, "xb") as file:
                await file.write(content)
                with suppress(asyncssh.SFTPOpUnsupported):
                    await file.fsync()

        await self._asked(do)

    async def rename(self, old: str, new: str) -> None:
        """Give a file its name, in one step where the server can; the old way is refused where the name is taken."""

        async def do(client: asyncssh.SFTPClient) -> None:
            try:
                await client.posix_rename(old, new)
            except asyncssh.SFTPOpUnsupported:
                await client.rename(old, new)

        await self._asked(do)

    async def entry(self, path: str) -> Entry:
        """Return what is known of a file."""
        found = await self._asked(lambda client: client.lstat(path))
        return _entry(path.rpartition("/")[2], found)

    async def entries(self, folder: str) -> Sequence[Entry]:
        """Return the files of a folder."""

        async def do(client: asyncssh.SFTPClient) -> list[Entry]:
            found: list[Entry] = []
            number = 0
            async for each in client.scandir(folder):
                number += 1
                if number > ENTRIES_MAX:
                    raise Refused("the folder is too full")
                if each.attrs.type in _FILE_KINDS:
                    found.append(_entry(str(each.filename), each.attrs))
            return found

        return await self._asked(do)

    async def read(self, path: str) -> bytes:
        """Return a file's bytes, or one more than `FILE_BYTES_MAX` of them."""

        async def do(client: asyncssh.SFTPClient) -> bytes:
            async with client.open(path, "rb") as file:
                return cast("bytes", await file.read(FILE_BYTES_MAX + 1))  # text comes of files opened as text alone

        return await self._asked(do)

    async def remove(self, path: str) -> None:
        """Remove a file."""
        await self._asked(lambda client: client.remove(path))

    async def close(self) -> None:
        """Let go of the connection."""
        connection = self._let_go()
        if connection is not None:
            await connection.wait_closed()

    async def _asked(self, do: Callable[[asyncssh.SFTPClient], Awaitable[Result]]) -> Result:
        """Return what the server answers. **Errors**: `Away`, `Missing`, `Refused`."""
        client = await self._connected()
        try:
            async with asyncio.timeout(self._login.timeout_seconds):
                return await do(client)
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            raise Missing("nothing has that name") from None
        except _BROKEN:
            self._let_go()
            raise Away("the connection broke") from None
        except asyncssh.SFTPError:
            raise Refused("the server says no") from None
        except (asyncssh.Error, OSError, TimeoutError):
            self._let_go()
            raise Away("the server does not answer") from None

    async def _connected(self) -> asyncssh.SFTPClient:
        """Return the one connection, made anew where it broke. **Errors**: `Away`."""
        async with self._opening:
            if self._client is None or self._connection is None or self._connection.is_closed():
                self._let_go()
                try:
                    await self._connect()
                except (asyncssh.Error, OSError, TimeoutError, ValueError) as error:
                    self._let_go()
                    _LOG.warning("sftp-not-connected", host=self._login.host, kind=type(error).__name__)
                    raise Away("the server cannot be reached, or does not let us in") from None
            if self._client is None:
                raise Away("the connection broke")
            return self._client

    async def _connect(self) -> None:
        """Connect, and try again a few times where nobody answered; a host or a login that is wrong stays wrong."""
        login = self._login
        attempts = stamina.retry_context(
            on=(OSError, TimeoutError, asyncssh.ConnectionLost),
            attempts=_ATTEMPTS_MAX,
            wait_initial=_WAIT_SECONDS,
            timeout=login.timeout_seconds,
        )
        async for attempt in attempts:
            with attempt:
                async with asyncio.timeout(login.timeout_seconds):
                    self._connection = await asyncssh.connect(
                        login.host,
                        login.port,
                        username=login.user,
                        known_hosts=str(login.known_hosts_file),
                        client_keys=[str(login.key_file)] if login.key_file else None,
                        password=login.password_file.read_text().strip("\r\n") if login.password_file else None,
                        config=None,
                        agent_path=None,
                        keepalive_interval=_KEEPALIVE_SECONDS,
                    )
                    self._client = await self._connection.start_sftp_client(path_errors="surrogateescape")

    def _let_go(self) -> asyncssh.SSHClientConnection | None:
        """Return the connection that was, which is closed now."""
        connection, self._connection, self._client = self._connection, None, None
        if connection is not None:
            connection.abort()
        return connection


def _entry(name: str, found: asyncssh.SFTPAttrs) -> Entry:
    modified = (found.mtime or 0) * _NANOSECONDS + (found.mtime_ns or 0)
    return Entry(name=name, size=found.size or 0, modified=modified)
