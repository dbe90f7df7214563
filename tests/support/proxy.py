"""A proxy between Unix sockets that cuts a connection around one question, where the outcome is unknown.

Of PostgreSQL the question is a COMMIT, of HTTP whatever a test says.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, Literal

Cut = Literal["before", "sent", "answered"]
"""Before the server hears of the question; right after it was sent; when its answer is back and nobody was told."""

_SOCKET: Final = ".s.PGSQL.5432"
_COMMIT: Final = b"commit\x00"
_CHUNK_BYTES: Final = 65_536


class Proxy:
    """Passes bytes both ways. **Shape**: `cuts` counts what was done to whom; `choose` says it for each question."""

    def __init__(self, server: Path, question: bytes, choose: Callable[[], Cut | None]) -> None:
        self.cuts: Counter[Cut] = Counter()
        self._server = server
        self._question = question
        self._choose = choose

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until one of its ends is gone or it is cut."""
        to_server: asyncio.StreamWriter | None = None
        with suppress(OSError):
            from_server, to_server = await asyncio.open_unix_connection(self._server)
            keep, kept = asyncio.Event(), asyncio.Event()
            answers = asyncio.create_task(self._answers(from_server, writer, keep, kept))
            with suppress(OSError):
                await self._questions(reader, to_server, keep, kept)
            answers.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await answers
        for each in (writer, to_server):
            if each is not None:
                each.transport.abort()

    async def _questions(
        self, reader: asyncio.StreamReader, to_server: asyncio.StreamWriter, keep: asyncio.Event, kept: asyncio.Event
    ) -> None:
        while chunk := await reader.read(_CHUNK_BYTES):
            cut = self._choose() if self._question in chunk else None
            if cut is not None:
                self.cuts[cut] += 1
            if cut == "before":
                return
            if cut == "answered":
                keep.set()
            to_server.write(chunk)
            await to_server.drain()
            if cut == "sent":
                return
            if cut == "answered":
                await kept.wait()
                return

    async def _answers(
        self, from_server: asyncio.StreamReader, writer: asyncio.StreamWriter, keep: asyncio.Event, kept: asyncio.Event
    ) -> None:
        while chunk := await from_server.read(_CHUNK_BYTES):
            if keep.is_set():
                break
            writer.write(chunk)
            await writer.drain()
        kept.set()
        writer.transport.abort()


@asynccontextmanager
async def before(server: Path, own: Path, question: bytes, choose: Callable[[], Cut | None]) -> AsyncIterator[Proxy]:
    """Run a proxy on a socket of its own before that of a server."""
    made = Proxy(server, question, choose)
    listening = await asyncio.start_unix_server(made.serve, own)
    try:
        yield made
    finally:
        listening.close()


@asynccontextmanager
async def proxy(url: str, folder: Path, choose: Callable[[], Cut | None]) -> AsyncIterator[tuple[str, Proxy]]:
    """Run a proxy before the database server of an address; yield the address to use in its place."""
    address, _, server = url.partition("?host=")
    async with before(Path(server) / _SOCKET, folder / _SOCKET, _COMMIT, choose) as made:
        yield f"{address}?host={folder}", made
