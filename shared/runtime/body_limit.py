"""A limit on the bytes of a request, before anything reads them.

Owns: counting what arrives, declared or not, and the 413. A body is read by its route, so that the route's own limit is
known by then. Refuses: saying which route takes more (`definition.py`).
"""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """An application behind a limit. **Shape**: `of_routes` by `POST /path/{name}`. **Units**: bytes.

    **Errors**: Starlette's HTTPException where the body is read: of all exceptions there, the framework lets only its
    own through.
    """

    def __init__(self, app: ASGIApp, bytes_max: int, of_routes: Mapping[str, int]) -> None:
        self._app = app
        self._bytes_max = bytes_max
        self._of_routes = of_routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._bytes_max and read > self._most(scope):
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)

    def _most(self, scope: Scope) -> int:
        route = scope.get("route")
        named = f"{scope['method']} {route.path}" if isinstance(route, Route) else ""
        return self._of_routes.get(named, self._bytes_max)
