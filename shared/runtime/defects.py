"""The last resort of a request: what nobody planned for becomes a 500 with an id, and its values stay where they are.

Owns: catching before the server does, which would print the exception's words, and they may hold a person's. Refuses:
expected failures (`http.py`).
"""

from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog import get_logger

from shared.runtime.clock import new_id

_LOG = get_logger("http")


class DefectAnswers:
    """An application whose defects are answered and logged by class and place."""

    def __init__(self, app: ASGIApp, answer: Callable[[Scope, str], Awaitable[Response]]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if scope["type"] != "http":
                raise
            trace_id = scope.get("state", {}).get("correlation_id") or new_id()
            route = scope.get("route")
            _LOG.exception("defect", trace_id=trace_id, kind=type(error).__name__, route=getattr(route, "path", None))
            if not started:
                await (await self._answer(scope, trace_id))(scope, receive, send)
