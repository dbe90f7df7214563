"""Hearing of new facts: one connection that listens, and everybody in this process who waits for something.

Owns: what was heard, so that nobody asks the database whether there is anything. A notification says up to which
position facts exist and of which types they are; who waits for other types sleeps on. Refuses: reading facts
(`store_postgres.py`). A notification may get lost with its connection: while somebody waits, the position is asked for
once a second, by one for all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

import asyncpg

from shared.runtime.postgres import CONNECTION_ERRORS, connect

CHANNEL = "claimlog_facts"
LOOK_SECONDS: Final = 5
"""Who waits for facts looks for some after so long, though nothing was heard: the store may have been set back."""
_ASK_SECONDS: Final = 1


def notification(position: int, types: Iterable[str]) -> str:
    """Return what a writer says of its facts. **Shape**: the position of the last one, and their types."""
    return " ".join((str(position), *sorted(set(types))))


@dataclass(slots=True, eq=False)
class _Waiter:
    types: frozenset[str] | None
    grown: asyncio.Event = field(default_factory=asyncio.Event)


class Listening:
    """What this process has heard of one store."""

    def __init__(self, url: str, position: Callable[[], Awaitable[int]]) -> None:
        self._url = url
        self._position = position
        self._connection: asyncpg.Connection | None = None
        self._connecting = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._waiters: set[_Waiter] = set()
        self._heard: dict[str, int] = {}
        self._asked = 0  # facts up to here may be of any type: they were asked for, not heard of
        self._asked_at = 0.0

    async def wait(self, after: int, *, seconds: float, types: Iterable[str] | None = None) -> int:
        """Return when there are facts (of some types) after a position, or when the time is over.

        **Shape**: up to which position facts are known to exist; who finds nothing up to there goes on from there.
        """
        await self._listen()
        waiter = _Waiter(
            None if types is None else frozenset(types)
        )  # one for each who waits: a shared event loses what comes in between
        self._waiters.add(waiter)
        try:
            while self._latest(waiter.types) <= after and not waiter.grown.is_set():
                began = monotonic()
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(seconds, _ASK_SECONDS)):
                        await waiter.grown.wait()
                if not waiter.grown.is_set():
                    await self._ask(began)
                seconds -= _ASK_SECONDS
                if seconds <= 0:
                    break
        finally:
            self._waiters.discard(waiter)
        return max(after, self._latest(None))

    async def _ask(self, since: float) -> None:
        """Ask up to where facts exist, unless somebody did since; wake all if that was not heard of."""
        async with self._asking:
            if self._asked_at >= since:
                return
            moment, position = monotonic(), await self._position()
            if position > self._latest(None):
                self._wake_all()
            self._asked, self._asked_at = max(self._asked, position), moment

    def _wake_all(self) -> None:
        for waiter in self._waiters:
            waiter.grown.set()

    async def close(self) -> None:
        """Stop listening."""
        if self._connection is not None:
            with suppress(*CONNECTION_ERRORS):
                await self._connection.close(timeout=2)

    def _latest(self, types: frozenset[str] | None) -> int:
        heard = self._heard.values() if types is None else (self._heard.get(each, 0) for each in types)
        return max(self._asked, *heard, 0)

    async def _listen(self) -> None:
        async with self._connecting:
            if self._connection is None or self._connection.is_closed():
                connection = await connect(self._url)
                await connection.add_listener(CHANNEL, lambda *heard: self._hear(heard[-1]))
                connection.add_termination_listener(lambda _: self._wake_all())  # who waits connects anew at once
                self._connection = connection
                self._asked = 0  # another connection may lead to a store that was set back
                self._heard.clear()
                self._asked = await self._position()

    def _hear(self, said: str) -> None:
        position, *types = said.split()
        for each in types:
            self._heard[each] = max(self._heard.get(each, 0), int(position))
        for waiter in self._waiters:
            if waiter.types is None or not waiter.types.isdisjoint(types):
                waiter.grown.set()
