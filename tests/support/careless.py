"""A client that changes whatever stands there: for tests that are about something else than who saw which version."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from httpx import Request


async def _whatever_stands(request: Request) -> None:
    if request.method == "POST":
        request.headers.setdefault("If-Match", "*")


CARELESS: Mapping[str, list[Callable[[Request], Coroutine[Any, Any, None]]]] = {"request": [_whatever_stands]}
"""Hooks of an httpx client; what a request says itself stays."""
