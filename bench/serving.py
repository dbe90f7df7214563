"""One process of what is measured: it says when it serves, and ends when nobody listens any more.

    python -m bench.serving embedded|SERVICE|SERVICE-api|simulator|bare-route PORT

Owns: the embedded process, one service (its API and its worker, or its API alone), the simulator, or a bare route to
compare with, each alone in a process, so that the client's time is not theirs. Started by `deployment.py`, which sets
the variables that they read.
"""

import asyncio
import json
import logging
import os
import sys
from contextlib import suppress
from importlib import import_module
from socket import create_server
from typing import Final

import httpx
import uvloop
from fastapi import FastAPI

from apps.embedded.process import running
from apps.embedded.settings import Settings
from apps.simulator.main import simulator
from apps.simulator.settings import PREFIX as SIMULATOR
from apps.simulator.settings import Settings as SimulatorSettings
from shared.runtime.definition import Service
from shared.runtime.garbage import collect_seldom
from shared.runtime.host import open_host
from shared.runtime.hosting import open_log
from shared.runtime.http import http_app
from shared.runtime.serving import served
from shared.runtime.telemetry import configure_logging
from shared.runtime.worker import work

_EMBEDDED: Final = "CLAIMLOG_EMBEDDED_"
_API: Final = "-api"


async def _until_nobody_listens(port: int) -> None:
    print(json.dumps({"port": port}), flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def _embedded() -> None:
    told = {
        name.removeprefix(_EMBEDDED).lower(): value
        for name, value in os.environ.items()  # noqa: TID251 (a program of its own; the embedded one's names differ)
        if name.startswith(_EMBEDDED)
    }
    async with running(Settings.model_validate(told)) as installation:
        await _until_nobody_listens(httpx.URL(installation.urls["claims"]).port or 0)


async def _api(name: str, port: int) -> None:
    service: Service = import_module(f"services.{name}.main").configured()
    async with open_host(service) as host:
        collect_seldom()
        with create_server(("127.0.0.1", port)) as listener:
            async with served(http_app(service, host), listener):
                await _until_nobody_listens(listener.getsockname()[1])


async def _bare_route(port: int) -> None:
    """Serve a route that takes the body of an encounter, and answers at once."""
    from services.coding.api.encounter import NewEncounter  # noqa: PLC0415 (other processes would carry it for nothing)

    app = FastAPI()

    @app.post("/v1/encounters", status_code=201)
    async def document(body: NewEncounter) -> dict[str, str]:
        return {"encounter_id": body.patient_id}

    collect_seldom()
    with create_server(("127.0.0.1", port)) as listener:
        async with served(app, listener):
            await _until_nobody_listens(listener.getsockname()[1])


async def _service(name: str, port: int) -> None:
    service: Service = import_module(f"services.{name}.main").configured()
    async with open_host(service) as host, open_log(service.settings.log_url) as log:
        collect_seldom()
        worker = asyncio.create_task(work(host.engine, log))
        try:
            with create_server(("127.0.0.1", port)) as listener:
                async with served(http_app(service, host), listener):
                    await _until_nobody_listens(port)
        finally:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker


async def _simulator(port: int) -> None:
    collect_seldom()
    app = simulator(SimulatorSettings.read(SIMULATOR))
    with create_server(("127.0.0.1", port)) as listener:
        async with app.router.lifespan_context(app), served(app, listener):
            await _until_nobody_listens(port)


def main() -> None:
    """Serve what is named until standard input ends."""
    configure_logging(level=logging.WARNING, readable=True)
    name, port = sys.argv[1], int(sys.argv[2])
    match name:
        case "embedded":
            uvloop.run(_embedded())
        case "simulator":
            uvloop.run(_simulator(port))
        case "bare-route":
            uvloop.run(_bare_route(port))
        case _ if name.endswith(_API):
            uvloop.run(_api(name.removesuffix(_API), port))
        case _:
            uvloop.run(_service(name, port))


if __name__ == "__main__":
    main()
