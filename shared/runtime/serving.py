"""A web application behind a socket, as every process of ours serves it.

Owns: the socket, how long an idle connection stays open, how much of a request may be no body, that an answer leaves
whole, and ending in order. Refuses: signals; the program that serves has them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from typing import Any, Final, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.kernel.errors import Malformed, Unavailable

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients keep an idle connection (httpx: 5 s): one that is closed while a request is on its way to it
leaves the sender without an answer."""

HEAD_BYTES_MAX: Final = 65_536
_WAITING_CONNECTIONS_MAX: Final = 2_048
_END_SECONDS_MAX: Final = 5


class BadAddress(Malformed):
    """An address to listen at is host:port."""

    slug = "bad-address"


class AddressInUse(Unavailable):
    """Another program listens at the address."""

    slug = "address-in-use"


class WholeAnswers:
    """A transport that hands on at once what is written in one turn of the loop.

    The server writes the head of an answer and its body apart, and the loop would send each: two packets, and a client
    that wakes twice and spends half as much again. **Shape**: all else is the transport's.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Keep something until the end of this turn."""
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)

    def close(self) -> None:
        """Send what is kept, then close."""
        self._send()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever a transport has)
        """Return what the transport has."""
        return getattr(self._transport, name)

    def _send(self) -> None:
        held, self._held = self._held, []
        if held and not self._transport.is_closing():
            self._transport.writelines(held)


class LimitedHeads(HttpToolsProtocol):
    """HTTP with a limit to what is no body: the parser takes heads, trailers and chunk headers of any length.

    **Units**: bytes since the last piece of a body or the end of a request; what arrives in one read counts as one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (the server's own)
        super().__init__(*args, **kwargs)
        self._bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, over a transport that sends answers whole."""
        super().connection_made(
            cast("asyncio.Transport", WholeAnswers(cast("asyncio.Transport", transport), self.loop))
        )

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, unless it is too much."""
        self._bytes += len(data)
        super().data_received(data)
        if self._bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body, which the application limits."""
        self._bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Begin to count anew."""
        self._bytes = 0
        super().on_message_complete()


@contextmanager
def listening(address: str) -> Iterator[socket]:
    """Return a socket that is bound to an address. **Errors**: `BadAddress`, `AddressInUse`."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise BadAddress("an address to listen at is host:port, 0.0.0.0:8000 say")
    with socket(AF_INET, SOCK_STREAM) as listener:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            listener.bind((host, int(port)))
        except OSError as error:
            raise AddressInUse(f"nothing can listen at {address}; stop what does, or give another one") from error
        yield listener


@asynccontextmanager
async def served(app: ASGIApp, listener: socket) -> AsyncIterator[None]:
    """Serve an application on a bound socket while the block runs; requests in hand are answered at the end."""
    config = uvicorn.Config(
        app,
        http=LimitedHeads,
        log_config=None,
        lifespan="off",
        access_log=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_END_SECONDS_MAX,
    )
    server = uvicorn.Server(config)
    listener.listen(_WAITING_CONNECTIONS_MAX)
    task = asyncio.create_task(server._serve([listener]), name="http")  # noqa: SLF001 (serve() would take the signals)
    try:
        while not server.started:
            await asyncio.sleep(0.01)
            if task.done():
                task.result()
        yield
    finally:
        server.should_exit = True
        await task
