"""A client that repeats nothing and changes whatever stands there: for tests that are about something else."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from httpx import Request

from shared.runtime.clock import new_id


def say_nothing_of_note(request: Request) -> None:
    """Send what routes ask for; what a request says itself stays. **Shape**: a hook of a client that is not async."""
    if request.method == "POST" and not request.url.path.endswith("/bulk"):  # there each line has its key
        request.headers.setdefault("If-Match", "*")
        request.headers.setdefault("Idempotency-Key", new_id())


async def _say_nothing_of_note(request: Request) -> None:
    say_nothing_of_note(request)


CARELESS: Mapping[str, list[Callable[[Request], Coroutine[Any, Any, None]]]] = {"request": [_say_nothing_of_note]}
"""Hooks of an httpx client."""
