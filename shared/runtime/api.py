"""The HTTP API of a service as a program: `python -m shared.runtime.api services.claims.main --address 0.0.0.0:8000`.

Owns: the signals, and ending so that no request fails: readiness says no at once, so that no balancer sends
anybody any more; who is connected is answered and told to connect anew, elsewhere; then what is left is closed.
Refuses: routes (`http.py`), and HTTP itself (`serving.py`). Next: `worker.py` is the other program of a service.
"""

import gc

if __name__ == "__main__":
    gc.disable()  # while it loads: `shared/runtime/garbage.py`

import asyncio
import signal
import sys
from importlib import import_module
from typing import Annotated, Final

import typer
import uvloop
from fastapi import FastAPI
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.errors import KnownError
from shared.runtime.definition import Service
from shared.runtime.garbage import collect_seldom
from shared.runtime.http import http_app
from shared.runtime.serving import listening, served

END_SECONDS: Final = 10.0
"""Twice as long as clients of ours keep an idle connection (5 s), because a busy machine is late; a balancer looks away
sooner (readiness each second)."""


class UntilItEnds:
    """An application that is not ready any more once it is ending, and tells its callers to connect anew."""

    def __init__(self, app: ASGIApp) -> None:
        self.is_ending = False
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def last(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        if not self.is_ending:
            await self._app(scope, receive, send)
        elif scope["path"] == "/readyz":
            await JSONResponse({"status": "ending"}, 503)(scope, receive, last)
        else:
            await self._app(scope, receive, last)


async def serve(app: FastAPI, address: str, *, end_seconds: float) -> None:
    """Serve an application until SIGTERM or SIGINT. **Errors**: `BadAddress`, `AddressInUse`, those of its start."""
    told_to_end = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, told_to_end.set)
    serving = UntilItEnds(app)
    with listening(address) as listener:
        async with app.router.lifespan_context(app), served(serving, listener):
            await told_to_end.wait()
            serving.is_ending = True
            await asyncio.sleep(end_seconds)


APP: Final = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@APP.command()
def main(
    module: Annotated[str, typer.Argument(help="Main module of a service, or of an app: services.claims.main.")],
    address: Annotated[str, typer.Option(help="Where to listen: host:port.")] = "127.0.0.1:8000",
    end_seconds: Annotated[
        float, typer.Option(min=0, help="How long callers are still answered after the signal to end.")
    ] = END_SECONDS,
) -> None:
    """Serve the HTTP API of a service until SIGTERM."""
    try:
        app = _application(import_module(module).configured())
        collect_seldom()
        uvloop.run(serve(app, address, end_seconds=end_seconds))
    except KnownError as error:
        typer.echo(f"claimlog: {error}", err=True)
        sys.exit(1)


def _application(configured: Service | FastAPI) -> FastAPI:
    return http_app(configured) if isinstance(configured, Service) else configured


if __name__ == "__main__":
    APP()
