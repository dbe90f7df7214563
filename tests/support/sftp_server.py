"""A real SFTP server over a folder: one login, with a key or a password.

The connection is asyncssh's, in this process. The files are served by asyncssh too, which a test may have refuse
things, or by the `sftp-server` of OpenSSH, which most partners run.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncssh

OPENSSH: Final = Path("/usr/lib/openssh/sftp-server")
USER: Final = "practice"
PASSWORD: Final = "not-a-secret"  # noqa: S105 (of this server alone)


@dataclass(slots=True)
class SftpServer:
    """A server that runs. **Shape**: `root` is what a login sees.

    `denied` are files that may not be opened, `rename`, and `posix-rename`, which is one that a server need not know.
    """

    root: Path
    known_hosts_file: Path
    key_file: Path
    password_file: Path
    port: int = 0
    denied: set[str] = field(default_factory=set)
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"sftp://{USER}@127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Cut every connection, as a network does."""
        for each in self.connections:
            each.abort()
        self.connections.clear()


class _Logins(asyncssh.SSHServer):
    """Who may come in."""

    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember a connection."""
        self._server.connections.append(conn)

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        """Return who serves, where asyncssh does not."""
        return _OpenSsh(self._server.root)

    def password_auth_supported(self) -> bool:
        """Say that a password will do."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Return whether it is the one."""
        return (username, password) == (USER, PASSWORD)


@asynccontextmanager
async def sftp_server(folder: Path, *, port: int = 0, is_openssh: bool = False) -> AsyncIterator[SftpServer]:
    """Run a server with `inbound` and `outbound` until the block ends; the same folder and port: the same server."""
    seen = folder / "root"
    for name in ("outbound", "inbound"):
        (seen / name).mkdir(parents=True, exist_ok=True)
    host_key, client_key = _key(folder / "host_key"), _key(folder / "client_key")
    running = SftpServer(seen, folder / "known_hosts", folder / "client_key", folder / "password", port)
    running.password_file.write_text(f"{PASSWORD}\n")

    class Files(asyncssh.SFTPServer):
        """What a login may do."""

        def __init__(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
            super().__init__(chan, chroot=str(seen).encode())

        def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
            """Rename, unless it is denied."""
            if "posix-rename" in running.denied:
                raise asyncssh.SFTPOpUnsupported("unknown")
            if "rename" in running.denied:
                raise asyncssh.SFTPPermissionDenied("denied")
            super().posix_rename(oldpath, newpath)

        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
            """Open, unless it is denied."""
            if path.rpartition(b"/")[2].decode(errors="replace") in running.denied:
                raise asyncssh.SFTPPermissionDenied("denied")
            return super().open(path, pflags, attrs)

    listening = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_factory=lambda: _Logins(running),
        server_host_keys=[host_key],
        authorized_client_keys=asyncssh.import_authorized_keys(client_key.export_public_key().decode()),
        sftp_factory=None if is_openssh else Files,
        encoding=None,
    )
    running.port = listening.get_port()
    public = host_key.export_public_key().decode().strip()
    running.known_hosts_file.write_text(f"[127.0.0.1]:{running.port} {public}\n")
    try:
        yield running
    finally:
        listening.close()
        running.cut()
        await listening.wait_closed()


class _OpenSsh(asyncssh.SSHServerSession[bytes]):
    """One connection whose files OpenSSH serves."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._asked: asyncio.Queue[bytes] = asyncio.Queue()

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """Remember where answers go."""
        self._answers = chan

    def subsystem_requested(self, subsystem: str) -> bool:
        """Return whether it is files that are asked for."""
        return subsystem == "sftp"

    def session_started(self) -> None:
        """Begin to serve."""
        self._serving = asyncio.create_task(self._serve())

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:  # noqa: ARG002 (the library's)
        """Hand on a question."""
        self._asked.put_nowait(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (the library's)
        """Stop serving."""
        self._asked.put_nowait(b"")

    async def _serve(self) -> None:
        pipe = asyncio.subprocess.PIPE
        server = await asyncio.create_subprocess_exec(str(OPENSSH), "-d", str(self._root), stdin=pipe, stdout=pipe)
        assert server.stdin
        assert server.stdout
        answering = asyncio.create_task(self._answer(server.stdout))
        while question := await self._asked.get():
            server.stdin.write(question)
        server.stdin.close()
        await answering
        await server.wait()

    async def _answer(self, answers: asyncio.StreamReader) -> None:
        while answer := await answers.read(65_536):
            with suppress(BrokenPipeError):
                self._answers.write(answer)


def _key(path: Path) -> asyncssh.SSHKey:
    """Return the key of a file, which is made where it is not there."""
    if not path.exists():
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(path))
    return asyncssh.read_private_key(str(path))
