"""How many requests a service answers, how, and how long each takes.

Owns: one observation for each request, under its route as the table names it and the status that was sent. Refuses:
paths with values: what no route takes is counted together. Next: `metrics.py`.
"""

from time import perf_counter
from typing import Final

from prometheus_client import Histogram
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.runtime.metrics import REQUESTS

NO_ROUTE: Final = "no route"
UNANSWERED: Final = "unanswered"


class CountedRequests:
    """An application whose requests are counted. **Shape**: whoever leaves before the answer is `unanswered`."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service
        self._observed: dict[tuple[str, str, str], Histogram] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, started = UNANSWERED, perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._of(scope, status).observe(perf_counter() - started)

    def _of(self, scope: Scope, status: str) -> Histogram:
        """Return what a request counts into; labels are looked up once for each route and status."""
        told = ("", NO_ROUTE, status)
        route, method = scope.get("route"), scope["method"]
        if isinstance(route, Route) and method in (route.methods or ()):  # anybody may make up methods
            told = (method, route.path, status)
        found = self._observed.get(told)
        if found is None:
            found = self._observed[told] = REQUESTS.labels(self._service, f"{told[0]} {told[1]}".strip(), status)
        return found
