"""An answer that costs something, found anew every few seconds at most, however many ask.

Owns: who waits for whom, and how old an answer may be. Refuses: knowing what is asked.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, Generic, TypeVar

from shared.runtime.engine import Engine

PAUSE_SECONDS: Final = 5
Answer = TypeVar("Answer")


class Seldom(Generic[Answer]):
    """A question about one engine. **Shape**: an answer is at most `PAUSE_SECONDS` old; a failure is not kept."""

    def __init__(self, ask: Callable[[Engine], Awaitable[Answer]]) -> None:
        self._ask = ask
        self._turn = asyncio.Lock()
        self._found: tuple[float, Answer] | None = None

    async def of(self, engine: Engine) -> Answer:
        """Return the answer. **Errors**: those of the question."""
        async with self._turn:
            if self._found is None or monotonic() - self._found[0] >= PAUSE_SECONDS:
                answer = await self._ask(engine)
                self._found = (monotonic(), answer)
            return self._found[1]
