"""What a person does about records that a service could not handle: look, try again, give one up.

The client brings address, token and time-outs: `httpx.AsyncClient(base_url=…, headers=…, timeout=…)`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from shared.clients.paths import part
from shared.clients.problem import body_of

_ROWS_MAX: Final = 1_000


class ParkedClient:
    """Parked records of one service. **Errors**: every method raises `ProblemAnswered` or what httpx raises."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def records(self, *, key: str | None = None, cause: str | None = None) -> Sequence[Mapping[str, Any]]:
        """Return parked records without their payload, at most a thousand, oldest of a partition first."""
        asked = {name: value for name, value in (("key", key), ("cause", cause)) if value is not None}
        body = body_of(await self._http.get("/v1/parked-records", params={"limit": _ROWS_MAX, **asked}))
        found: Sequence[Mapping[str, Any]] = body["items"]
        return found

    async def record(self, event_id: str) -> Mapping[str, Any]:
        """Return one parked record with what it says, sealed values masked; `record` is None where it left the log."""
        found: Mapping[str, Any] = body_of(await self._http.get(_path(event_id)))
        return found

    async def release(self, event_id: str) -> Mapping[str, Any]:
        """Handle the records of this one's key after all; return what stays parked and why."""
        found: Mapping[str, Any] = body_of(await self._http.post(f"{_path(event_id)}/releases"))
        return found

    async def discard(self, event_id: str, *, reason: str) -> Mapping[str, Any]:
        """Give up a record, the oldest of its key, for a reason that is a slug; return what stays parked."""
        found: Mapping[str, Any] = body_of(
            await self._http.post(f"{_path(event_id)}/discards", json={"reason": reason})
        )
        return found


def _path(event_id: str) -> str:
    return f"/v1/parked-records/{part(event_id)}"
