"""SFTP: one login to the folder of files, and to nothing else of this machine.

Owns: who may come in, the host's key, and that an upload has its name only when it is whole: until it is closed it lies
under a hidden one, and what breaks off is removed. Refuses: what becomes of files (`folder.py`); links, shells and
tunnels. While the clearinghouse is down nobody is let in, and who is inside is cut off.
"""

import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import asyncssh

from apps.simulator.carriers.folder import is_unfinished

_KEY_KIND: Final = "ssh-ed25519"
_OWN: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Login:
    """Who may come in. **Shape**: with the password, or with one of the keys."""

    user: str
    password: str = ""
    keys: tuple[asyncssh.SSHKey, ...] = ()

    def has_password(self, user: str, password: str) -> bool:
        """Return whether somebody knows the password."""
        given, own = f"{user}\0{password}".encode(), f"{self.user}\0{self.password}".encode()
        return bool(self.password) and secrets.compare_digest(given, own)

    def has_key(self, user: str, key: asyncssh.SSHKey) -> bool:
        """Return whether somebody's key is known here."""
        return user == self.user and key in self.keys


@asynccontextmanager
async def listening(
    where: tuple[str, int], folder: Path, login: Login, key: asyncssh.SSHKey, is_down: Callable[[], bool]
) -> AsyncIterator[None]:
    """Listen at host and port. **Errors**: `OSError` where they are taken."""

    def files(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return _Files(channel, folder, is_down)

    acceptor = await asyncssh.listen(
        *where,
        server_factory=lambda: _Gatekeeper(login, is_down),
        server_host_keys=[key],
        sftp_factory=files,
        encoding=None,
    )
    try:
        yield
    finally:
        acceptor.close()
        await acceptor.wait_closed()


def keys_in(path: str) -> tuple[asyncssh.SSHKey, ...]:
    """Return the public keys of a file. **Errors**: `OSError`, `ValueError`."""
    return tuple(asyncssh.read_public_key_list(path))


def host_key(path: Path) -> asyncssh.SSHKey:
    """Return the key of a file, made where there is none: partners know the host by it from then on."""
    if not path.exists():
        made = asyncssh.generate_private_key(_KEY_KIND)
        part = path.with_name(f".{path.name}.part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN), "wb") as out:
            out.write(made.export_private_key())
        part.replace(path)
    return asyncssh.read_private_key(path)


class _Gatekeeper(asyncssh.SSHServer):
    """Who looks at each login."""

    def __init__(self, login: Login, is_down: Callable[[], bool]) -> None:
        self._login, self._is_down = login, is_down

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Turn everyone away while the clearinghouse is down."""
        if self._is_down():
            conn.abort()

    def password_auth_supported(self) -> bool:
        """Return whether there is a password."""
        return bool(self._login.password)

    def validate_password(self, username: str, password: str) -> bool:
        """Return whether it is the one."""
        return self._login.has_password(username, password)

    def public_key_auth_supported(self) -> bool:
        """Return whether there are keys."""
        return bool(self._login.keys)

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Return whether it is one of them."""
        return self._login.has_key(username, key)


class _Files(asyncssh.SFTPServer):
    """The folder as one login sees it."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], folder: Path, is_down: Callable[[], bool]) -> None:
        super().__init__(channel, chroot=os.fsencode(folder))
        self._is_down = is_down
        self._uploads: dict[object, tuple[Path, Path]] = {}

    def map_path(self, path: bytes) -> bytes:
        """Return where a name lies, for everything that names one. Who is inside is cut off by an outage."""
        if self._is_down():
            self.connection.abort()
            raise asyncssh.SFTPConnectionLost("the clearinghouse is down")
        return super().map_path(path)

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open a file; one that is written gets its name when it is closed."""
        before, _, name = path.rpartition(b"/")
        if not pflags & asyncssh.FXF_WRITE or is_unfinished(os.fsdecode(name)):
            return super().open(path, pflags, attrs)
        final = self._place(path)
        if pflags & asyncssh.FXF_EXCL and final.exists():
            raise asyncssh.SFTPFileAlreadyExists("a file has that name")
        hidden = b"%s/.%s.%s.part" % (before, name, secrets.token_hex(4).encode())
        file = super().open(hidden, pflags | asyncssh.FXF_CREAT, attrs)
        self._uploads[file] = self._place(hidden), final
        return file

    def close(self, file_obj: object) -> None:
        """Close a file. An upload gets its name, unless its connection broke."""
        super().close(file_obj)
        if file_obj not in self._uploads:
            return
        hidden, final = self._uploads.pop(file_obj)
        if self.channel.is_closing():
            hidden.unlink(missing_ok=True)
        else:
            hidden.replace(final)

    def symlink(self, oldpath: bytes, newpath: bytes) -> NoReturn:  # noqa: ARG002 (the library's)
        """Refuse what could lead out of the folder."""
        raise asyncssh.SFTPPermissionDenied("there are no links here")

    def link(self, oldpath: bytes, newpath: bytes) -> NoReturn:  # noqa: ARG002 (the library's)
        """Refuse what could lead out of the folder."""
        raise asyncssh.SFTPPermissionDenied("there are no links here")

    def _place(self, path: bytes) -> Path:
        return Path(os.fsdecode(self.map_path(path)))
