"""Ending a task of one's own without losing a cancel of oneself.

Owns: `call_off`. `suppress(CancelledError)` around `await task` cannot tell whose cancel it was: a worker that is told
to end just then would go on for ever.
"""

import asyncio
from typing import Any


async def call_off(task: "asyncio.Future[Any]") -> None:
    """Cancel a task and wait until it has ended, whatever it came to."""
    task.cancel()
    await asyncio.wait((task,))
