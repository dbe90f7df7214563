"""What a worker says of itself over HTTP: that it lives, whether it gets on with its work, and what it counted.

Owns: `/healthz`, `/readyz` and `/metrics` of a worker's process, on the loop that works, so that one which hangs does
not answer. Refuses: the API's health (`common_routes.py`), which is ready without the log; a worker is not.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.log import Log
from shared.runtime.metrics import REGISTRY
from shared.runtime.serving import listening, served
from shared.runtime.topics import own_topics

_ANSWER_SECONDS_MAX: Final = 2


class WorkerHealth:
    """What is asked of a worker, from before its service is open."""

    def __init__(self, service: Service) -> None:
        self._name = service.name
        self._open: tuple[Engine, Log] | None = None

    def opened(self, engine: Engine, log: Log) -> None:
        """Take note of what the worker works with from now on."""
        self._open = (engine, log)

    async def live(self, _: Request) -> Response:
        """Return that the process answers."""
        return JSONResponse({"service": self._name, "status": "ok"})

    async def ready(self, _: Request) -> Response:
        """Return whether store and log answer, and no job waits for a person; 503 says why not."""
        if self._open is None:
            return self._not_ready("starting")
        engine, log = self._open
        if engine.stopped:
            return JSONResponse({"service": self._name, "status": "stopped", "stopped": engine.stopped}, 503)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS_MAX):
                head = await engine.store.head()
                has_topic = await log.partitions(own_topics(engine)[0]) > 0
        except Exception as error:  # noqa: BLE001 (not ready, whatever it is; the class says what)
            return self._not_ready(type(error).__name__)
        if not has_topic:
            return self._not_ready("TopicMissing")
        return JSONResponse({"service": self._name, "status": "ready", "position": head.position})

    async def metrics(self, _: Request) -> Response:
        """Return what the process counted, in Prometheus' text form."""
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    def _not_ready(self, cause: str) -> Response:
        return JSONResponse({"service": self._name, "status": "not-ready", "cause": cause}, 503)


@asynccontextmanager
async def shown(health: WorkerHealth, address: str) -> AsyncIterator[None]:
    """Answer at an address while the block runs; nowhere if it is empty. **Errors**: `BadAddress`, `AddressInUse`."""
    if not address:
        yield
        return
    routes = [Route("/healthz", health.live), Route("/readyz", health.ready), Route("/metrics", health.metrics)]
    with listening(address) as listener:
        async with served(Starlette(routes=routes), listener):
            yield
