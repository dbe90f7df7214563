"""Requests to a service at little cost for the sender: the client must not be what is measured.

Owns: kept connections, JSON bodies, as many requests at a time as there are connections. Refuses: redirects, chunks,
compression, TLS: the services on this machine use none.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from msgspec import json

Item = TypeVar("Item")


class Refused(Exception):
    """A service said no to something that a measurement sends."""


@dataclass(slots=True)
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return status, await self.reader.readexactly(int(lengths[0][15:]))


class Load:
    """Connections to one address."""

    def __init__(self, port: int, token: str, lines: list[_Line]) -> None:
        self._head = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        self._free: asyncio.Queue[_Line] = asyncio.Queue()
        self.at_a_time = len(lines)
        for line in lines:
            self._free.put_nowait(line)

    @classmethod
    @asynccontextmanager
    async def open(cls, port: int, token: str, *, connections: int) -> AsyncIterator["Load"]:
        """Connect."""
        lines = [_Line(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(connections)]
        try:
            yield cls(port, token, lines)
        finally:
            for line in lines:
                line.writer.close()

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401 (whatever a service answers)
        """Return the answer to a POST. **Errors**: `Refused`."""
        content = json.encode(body)
        head = f"POST {path} HTTP/1.1\r\n{self._head}Content-Type: application/json\r\nContent-Length: {len(content)}"
        return await self._ask(head.encode() + b"\r\n\r\n" + content)

    async def get(self, path: str) -> Any:  # noqa: ANN401 (whatever a service answers)
        """Return the answer to a GET. **Errors**: `Refused`."""
        return await self._ask(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())

    async def _ask(self, request: bytes) -> Any:  # noqa: ANN401 (whatever a service answers)
        line = await self._free.get()
        try:
            status, content = await line.ask(request)
        finally:
            self._free.put_nowait(line)
        if status >= HTTPStatus.BAD_REQUEST:
            raise Refused(f"{request.split(maxsplit=2)[1].decode()}: {status} {content[:200].decode()}")
        return json.decode(content)

    async def for_each(self, items: Iterable[Item], send: Callable[[Item], Awaitable[None]]) -> None:
        """Send for each item, as many at a time as there are connections."""
        left = iter(items)

        async def work() -> None:
            for item in left:
                await send(item)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(self.at_a_time):
                tasks.create_task(work())
