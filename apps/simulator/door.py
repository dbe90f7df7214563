"""The one door to the office: whoever changes it goes through alone, and it opens again when the work has ended.

Owns: that a request which is called off in the middle of its work keeps the door closed until its thread is done.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class Door:
    """Work on a thread, a piece at a time, in the order in which it was brought."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    @property
    def is_closed(self) -> bool:
        """Return whether somebody works behind it."""
        return self._lock.locked()

    async def through(self, work: Callable[[], Result]) -> Result:
        """Return what work comes to. Called off while it waits, it is never begun; later it goes on to its end."""
        await self._lock.acquire()
        try:
            begun = asyncio.get_running_loop().run_in_executor(None, work)
        except BaseException:
            self._lock.release()
            raise
        begun.add_done_callback(lambda _: self._lock.release())
        return await asyncio.shield(begun)
