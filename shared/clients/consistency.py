"""Reading what one wrote: the tokens that commands answered with go along with everything that is asked afterwards.

    session = Session()
    async with httpx.AsyncClient(base_url=…, event_hooks=session.hooks) as registration, …

One session over the clients of several services is one line of thought of one caller. It only ever grows stricter.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx

from shared.kernel.consistency_token import CONSISTENCY, merged

__all__ = ["Session", "merged"]


class Session:
    """What one caller has written so far. **Shape**: `token` stands for all of it, empty for nothing."""

    def __init__(self, token: str = "") -> None:
        self.token = token

    @property
    def hooks(self) -> Mapping[str, list[Callable[[Any], Awaitable[None]]]]:
        """Return the event hooks of a client that belongs to this session."""
        return {"request": [self._send], "response": [self._keep]}

    def forget(self) -> None:
        """Begin anew: after `token-of-another-store`, or where what is parked must not hold up other reads."""
        self.token = ""

    async def _send(self, request: httpx.Request) -> None:
        if self.token:
            request.headers.setdefault(CONSISTENCY, self.token)

    async def _keep(self, answer: httpx.Response) -> None:
        token = answer.headers.get(CONSISTENCY, "")
        if token:
            self.token = merged(self.token, token)
