"""A web application behind a socket, as every process of ours serves it.

Owns: how long an idle connection stays open, and ending in order. Refuses: signals; the program that serves has them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket
from typing import Final

import uvicorn
from starlette.types import ASGIApp

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients keep an idle connection (httpx: 5 s): one that is closed while a request is on its way to it
leaves the sender without an answer."""

_WAITING_CONNECTIONS_MAX: Final = 2_048
_END_SECONDS_MAX: Final = 5


@asynccontextmanager
async def served(app: ASGIApp, listener: socket) -> AsyncIterator[None]:
    """Serve an application on a bound socket while the block runs; requests in hand are answered at the end."""
    config = uvicorn.Config(
        app,
        log_config=None,
        lifespan="off",
        access_log=False,
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
