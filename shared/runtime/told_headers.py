"""Headers that an answer has whatever it is, a refusal included: what is left of a caller's rate, when a route ends.

Owns: adding them as an answer begins. Refuses: their words: whoever knows them says them with `tell`.
"""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TOLD: Final = "told_headers"


def tell(scope: Scope, headers: Mapping[str, str]) -> None:
    """Have the answer to a request carry headers."""
    scope.setdefault(_TOLD, {}).update(headers)


class ToldHeaders:
    """An application whose answers carry what was told."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and _TOLD in scope:
                MutableHeaders(scope=message).update(scope[_TOLD])
            await send(message)

        await self._app(scope, receive, told)
