"""Several applications behind one port, each under the first part of the path that names it.

Owns: finding the application, and the 404 where there is none. Refuses: everything else; each application has its own
layers, and a framework around them would bring all of its own once more (a tenth of a small request).
"""

from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.runtime.http import problem

_NOBODY: Final = problem("not-found", "NotFound", 404, "no service has this path")


class Mounted:
    """Applications by name; each finds its own paths behind `root_path`."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        name = scope["path"].removeprefix("/").partition("/")[0]
        app = self._apps.get(name, _NOBODY)
        await app({**scope, "root_path": f"/{name}"}, receive, send)
