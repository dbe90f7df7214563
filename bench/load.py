"""Requests to a service at little cost for the sender: the client must not be what is measured.

Owns: kept connections, JSON bodies, as many requests at a time as there are connections. Refuses: redirects, chunks,
compression, TLS: the services on this machine use none.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
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
    port: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, port: int) -> "_Line":
        return cls(port, *await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        if self.reader.at_eof():  # the server ended it, because it was idle for long
            self.writer.close()
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return status, await self.reader.readexactly(int(lengths[0][15:]))


class Load:
    """Connections to every service, as many to each as there are requests at a time."""

    def __init__(self, addresses: Mapping[str, tuple[int, str]], token: str, at_a_time: int) -> None:
        self.at_a_time = at_a_time
        self._addresses = addresses
        self._authorization = f"Authorization: Bearer {token}\r\n"
        self._free: dict[int, asyncio.Queue[_Line]] = {port: asyncio.Queue() for port, _ in addresses.values()}

    @classmethod
    @asynccontextmanager
    async def open(
        cls, addresses: Mapping[str, tuple[int, str]], token: str, *, connections: int
    ) -> AsyncIterator["Load"]:
        """Connect. **Shape**: port and path prefix by service."""
        load, lines = cls(addresses, token, connections), []
        for port, free in load._free.items():
            for _ in range(connections):
                line = await _Line.to(port)
                lines.append(line)
                free.put_nowait(line)
        try:
            yield load
        finally:
            for line in lines:
                line.writer.close()

    async def post(self, path: str, body: object, headers: str = "") -> Any:  # noqa: ANN401 (whatever a service answers)
        """Return the answer to a POST. **Shape**: the path begins with the service; each of `headers` ends its line.

        **Errors**: `Refused`.
        """
        _, service, rest = path.split("/", 2)
        port, prefix = self._addresses[service]
        content = json.encode(body)
        head = (
            f"POST {prefix}/{rest} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{self._authorization}"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n{headers}\r\n"
        )
        line = await self._free[port].get()
        try:
            status, answer = await line.ask(head.encode() + content)
        finally:
            self._free[port].put_nowait(line)
        if status >= HTTPStatus.BAD_REQUEST:
            raise Refused(f"{path}: {status} {answer[:200].decode()}")
        return json.decode(answer)

    async def for_each(self, items: Iterable[Item], send: Callable[[Item], Awaitable[None]]) -> None:
        """Send for each item, as many at a time as there are connections."""
        left = iter(items)

        async def work() -> None:
            for item in left:
                await send(item)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(self.at_a_time):
                tasks.create_task(work())
