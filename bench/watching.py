"""Seeing how far a deployment is, straight from the stores: the measurement must not ask what it measures.

Owns: a connection to each store for looking, one for each watch: positions, and the moment at which facts of some types
are there. Refuses: HTTP.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic
from typing import Any, Final

import asyncpg
from msgspec import json

from bench.deployment import Deployment
from shared.runtime.listening import CHANNEL

_LOOK_SECONDS: Final = 0.1
_STILL_SECONDS: Final = 10.0  # more than what waits before it is tried again


class Stores:
    """The stores of a deployment, by service."""

    def __init__(self, deployment: Deployment, connections: Mapping[str, asyncpg.Connection]) -> None:
        self._deployment = deployment
        self._connections = connections

    @classmethod
    @asynccontextmanager
    async def open(cls, deployment: Deployment, services: tuple[str, ...]) -> AsyncIterator["Stores"]:
        """Connect."""
        async with AsyncExitStack() as stack:
            found = {name: await stack.enter_async_context(_connected(deployment, name)) for name in services}
            yield cls(deployment, found)

    async def position(self, service: str) -> int:
        """Return how many facts a store has."""
        found: int = await self._connections[service].fetchval("select position from store_head")
        return found

    async def facts(self) -> int:
        """Return how many facts all stores have."""
        return sum([await self.position(name) for name in self._connections])

    async def encounters_of_claims(self, after: int) -> dict[str, str]:
        """Return the encounter of each claim that was assembled after a position."""
        rows = await self._connections["claims"].fetch(
            "select data from events where type = 'ClaimAssembled' and position > $1", after
        )
        facts = [json.decode(row["data"]) for row in rows]
        return {fact["claim_id"]: fact["encounter_ids"][0] for fact in facts}

    async def last_movement(self) -> float:
        """Return when the last fact was seen, once nothing has moved for a while."""
        seen, moved = -1, monotonic()
        while monotonic() - moved < _STILL_SECONDS:
            total = await self.facts()
            if total != seen:
                seen, moved = total, monotonic()
            await asyncio.sleep(_LOOK_SECONDS)
        return moved

    async def watch(
        self, service: str, after: int, stages: Mapping[str, str], seen_at: dict[tuple[str, str], float]
    ) -> None:
        """Note when a store first has what became of an encounter or a claim. **Shape**: stages by type of fact."""
        heard = asyncio.Event()

        def hear(*said: Any) -> None:  # noqa: ANN401 (asyncpg types no listeners)
            if not stages.keys().isdisjoint(str(said[-1]).split()):
                heard.set()

        async with _connected(self._deployment, service) as connection:
            await connection.add_listener(CHANNEL, hear)
            while True:
                await heard.wait()
                heard.clear()
                rows = await connection.fetch(
                    "select position, type, data from events where position > $1 and type = any($2) order by position",
                    after,
                    list(stages),
                )
                for position, kind, data in rows:
                    after, fact = position, json.decode(data)
                    seen_at.setdefault((stages[kind], fact.get("claim_id") or fact["encounter_id"]), monotonic())


@asynccontextmanager
async def _connected(deployment: Deployment, service: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(deployment.server.url(f"claimlog_{service}"))
    try:
        yield connection
    finally:
        await connection.close()
