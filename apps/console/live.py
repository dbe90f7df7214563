"""What changes while a page is open: one look at the services for everybody, handed on as server-sent events.

Owns: asking each service how far it is, as long as somebody listens; saying so when that changes. A page then asks for
its parts anew, with the rights of whoever looks at it: no data travels here. Refuses: a question per listener.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

import httpx

_LOOK_SECONDS: Final = 1.0
_ALIVE_SECONDS: Final = 20.0
_SILENT: Final = -1
_TIMEOUT_SECONDS: Final = 3


class Live:
    """Who listens, and how far each service was when it was last looked at."""

    def __init__(self, urls: Mapping[str, str], transports: Mapping[str, httpx.AsyncBaseTransport]) -> None:
        self._urls = urls
        self._transports = transports
        self._changed = asyncio.Condition()
        self._positions: dict[str, int] = {}
        self._turn = 0
        self._listeners = 0

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Look at the services while the block runs."""
        task = asyncio.create_task(self._watch(), name="console-live")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def events(self) -> AsyncGenerator[str, None]:
        """Yield server-sent events: `changed` with the services that went on, and a comment while nothing happens."""
        self._listeners += 1
        seen, known = self._turn, dict(self._positions)
        try:
            yield "retry: 3000\n\n"
            while True:
                try:
                    async with asyncio.timeout(_ALIVE_SECONDS), self._changed:
                        while self._turn == seen:
                            await self._changed.wait()
                except TimeoutError:
                    yield ": alive\n\n"
                    continue
                seen, before = self._turn, known
                known = dict(self._positions)
                moved = sorted(name for name, position in known.items() if before.get(name) != position)
                yield f"event: changed\ndata: {json.dumps(moved)}\n\n"
        finally:
            self._listeners -= 1

    async def _watch(self) -> None:
        while True:
            if self._listeners:
                found = dict(zip(self._urls, await asyncio.gather(*map(self._position, self._urls)), strict=True))
                if found != self._positions:
                    async with self._changed:
                        self._positions = found
                        self._turn += 1
                        self._changed.notify_all()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _position(self, name: str) -> int:
        client = httpx.AsyncClient(transport=self._transports[name], timeout=_TIMEOUT_SECONDS, trust_env=False)
        try:
            said = (await client.get(f"{self._urls[name]}/readyz")).json()
        except (httpx.HTTPError, ValueError):
            return _SILENT
        position = said.get("position") if isinstance(said, dict) else None
        return position if isinstance(position, int) else _SILENT
