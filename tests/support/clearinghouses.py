"""The other side of each transport as its owner sees it: what arrived, and how something is put into the mailbox."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from os import utime
from pathlib import Path
from typing import Annotated, Final

import httpx
from fastapi import FastAPI, Header, Request, Response

from shared.runtime.clearinghouse.address import ClearinghouseSettings, clearinghouse_at
from shared.runtime.clearinghouse.folders import FolderClearinghouse
from shared.runtime.clearinghouse.over_http import HttpClearinghouse
from shared.runtime.clearinghouse.port import Clearinghouse
from tests.support.sftp_server import SftpServer, sftp_server

_LONG_AGO: Final = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Side:
    """A clearinghouse, and what its owner can do. **Shape**: `put` takes name and bytes, in order of arrival."""

    clearinghouse: Clearinghouse
    arrived: Callable[[], list[bytes]]
    put: Callable[[str, bytes], None]


@asynccontextmanager
async def over_http(_: Path) -> AsyncIterator[Side]:
    """Yield one that takes a key."""
    app, got, mail = FastAPI(), dict[str, bytes](), list[tuple[str, bytes]]()

    @app.post("/interchanges")
    async def receive(request: Request, idempotency_key: Annotated[str, Header()]) -> dict[str, str]:
        got.setdefault(idempotency_key, await request.body())
        return {"receipt": f"R-{idempotency_key}"}

    @app.get("/interchanges/{key}")
    async def probe(key: str) -> Response:
        return Response(f'{{"receipt":"R-{key}"}}' if key in got else "{}", 200 if key in got else 404)

    @app.get("/mailbox")
    async def mailbox(after: str = "0") -> dict[str, object]:
        behind = [{"id": str(n), "name": name} for n, (name, _) in enumerate(mail, start=1) if n > int(after)]
        return {"files": behind, "next": behind[-1]["id"] if behind else after}

    @app.get("/mailbox/{number}")
    async def fetch(number: int) -> Response:
        return Response(mail[number - 1][1])

    transport = httpx.ASGITransport(app=app)
    house = HttpClearinghouse("http://clearinghouse", timeout_seconds=5, transport=transport)
    yield Side(house, lambda: list(got.values()), lambda name, content: mail.append((name, content)))


@asynccontextmanager
async def in_a_folder(folder: Path) -> AsyncIterator[Side]:
    """Yield one whose client watches a folder."""
    for name in ("outbound", "inbound"):
        (folder / name).mkdir()
    settings = ClearinghouseSettings(clearinghouse_url=folder.as_uri(), clearinghouse_settle_seconds=0)
    yield side_of(clearinghouse_at(settings), folder)


@asynccontextmanager
async def over_sftp(folder: Path) -> AsyncIterator[Side]:
    """Yield one with a real SFTP server."""
    async with sftp_server(folder) as server, connected(server) as house:
        yield side_of(house, server.root)


@asynccontextmanager
async def over_openssh(folder: Path) -> AsyncIterator[Side]:
    """Yield one whose SFTP server is that of OpenSSH."""
    async with sftp_server(folder, is_openssh=True) as server, connected(server) as house:
        yield side_of(house, server.root)


@asynccontextmanager
async def connected(
    server: SftpServer, *, with_password: bool = False, words: str = "", **settings: object
) -> AsyncIterator[FolderClearinghouse]:
    """Yield the clearinghouse of a server."""
    login = {"clearinghouse_key_file": str(server.key_file)}
    if with_password:
        login = {"clearinghouse_password_file": str(server.password_file)}
    chosen = ClearinghouseSettings.model_validate(
        {
            "clearinghouse_url": server.url + words,
            "clearinghouse_known_hosts_file": str(server.known_hosts_file),
            "clearinghouse_settle_seconds": 0,
            "clearinghouse_timeout_seconds": 5,
        }
        | login
        | settings
    )
    house = clearinghouse_at(chosen)
    assert isinstance(house, FolderClearinghouse)
    try:
        yield house
    finally:
        await house.close()


def side_of(house: Clearinghouse | None, root: Path) -> Side:
    """Return a clearinghouse whose folders lie under a root; each file that is put there is younger than the last."""
    assert house is not None
    seconds = count(_LONG_AGO)

    def put(name: str, content: bytes) -> None:
        path = root / "inbound" / name
        path.write_bytes(content)
        at = next(seconds)
        utime(path, (at, at))

    return Side(house, lambda: [each.read_bytes() for each in taken(root)], put)


def taken(root: Path) -> list[Path]:
    """Return what a receiver takes: whatever has a name that is not hidden, by name."""
    return sorted(each for each in (root / "outbound").iterdir() if not each.name.startswith("."))


SIDES: Final[dict[str, Callable[[Path], AbstractAsyncContextManager[Side]]]] = {
    "http": over_http,
    "folder": in_a_folder,
    "sftp": over_sftp,
    "openssh": over_openssh,
}
