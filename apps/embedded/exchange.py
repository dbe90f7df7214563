"""Copies for people of every file that went out or came in: `var/exchange/{outbound,inbound}`.

Owns: the folder. The evidence itself is sealed in the services' databases; these copies are open, and only the embedded
process makes them.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from shared.kernel.errors import Unavailable
from shared.runtime.calling_off import call_off
from shared.runtime.engine import Engine

_OUTBOUND: Final = frozenset({"837p"})
_INBOUND: Final = frozenset({"835", "999", "277ca", "ta1", "acknowledgment", "remittance", "unreadable"})
_EVERY_SECONDS: Final = 0.5


class Exchange:
    """The folder and what was copied so far."""

    def __init__(self, folder: Path, engines: Sequence[Engine]) -> None:
        self.folder = folder
        self._engines = engines
        self._known = [0] * len(engines)

    async def copy(self) -> None:
        """Copy what is new."""
        for n, engine in enumerate(self._engines):
            for tenant_id, sha256, kind in await engine.store.files(self._known[n]):
                side = "outbound" if kind in _OUTBOUND else "inbound" if kind in _INBOUND else None
                target = self.folder / (side or "") / f"{kind}-{sha256[:16]}.edi"
                if side is not None and not target.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    part = target.with_suffix(".part")
                    part.write_bytes(await engine.file(tenant_id, sha256))
                    part.rename(target)
                self._known[n] += 1  # only now: what could not be read is looked for again

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Copy while the block runs, and once more at its end."""
        task = asyncio.create_task(self._keep(), name="exchange")
        try:
            yield
        finally:
            await call_off(task)
            with suppress(Unavailable):
                await self.copy()

    async def _keep(self) -> None:
        while True:
            with suppress(Unavailable):
                await self.copy()
            await asyncio.sleep(_EVERY_SECONDS)
