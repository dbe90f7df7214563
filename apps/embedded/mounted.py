"""Several applications behind one port, each under the first part of the path that names it; one at the root.

Owns: finding the application, and the 404 where there is none; what types of problems lead to lies at the root.
Refuses: everything else; each application has its own layers, and a framework around them would bring all of its own
once more (a tenth of a small request).
"""

from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.runtime.problems import TYPE, problem, told

_CATALOGUE: Final = TYPE.strip("/")


class Mounted:
    """Applications by name; each finds its own paths behind `root_path`. What no name leads to goes to `root`."""

    def __init__(self, apps: Mapping[str, ASGIApp], *, root: ASGIApp | None = None) -> None:
        self._apps = apps
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        name = scope["path"].removeprefix("/").partition("/")[0]
        if name == _CATALOGUE and self._apps:  # every service of this process has the whole of it
            await next(iter(self._apps.values()))(scope, receive, send)
            return
        app = self._apps.get(name)
        if app is not None:
            await app({**scope, "root_path": f"/{name}"}, receive, send)
            return
        nobody = problem(told("not-found", 404, "no service has this path"), scope)
        await (self._root or nobody)(scope, receive, send)
