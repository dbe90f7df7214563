"""The routes that all services have: facts, worklists, counts of read models, and where the service stands."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal, TypeAlias

import httpx

from shared.clients.pages import page_of, rows
from shared.clients.paths import part
from shared.clients.problem import body_of

_EVENTS_PER_PAGE: Final = 1_000
RowOrder: TypeAlias = Literal["key", "due", "-due", "amount", "-amount"]


class ServiceClient:
    """One service, whichever. **Errors**: every method raises `ProblemAnswered` or what httpx raises."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def events(self, after: int = 0) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the service's public facts in order, from a position to the end as it is now."""
        while True:
            page = body_of(await self._http.get("/v1/events", params={"after": after, "limit": _EVENTS_PER_PAGE}))
            for event in page["events"]:
                yield event
            if len(page["events"]) < _EVENTS_PER_PAGE:
                return
            after = page["next_after"]

    async def stream(self, stream: str) -> Sequence[Mapping[str, Any]]:
        """Return which facts a stream has, oldest first: type, version, when and by whom; not what they say."""
        found: Sequence[Mapping[str, Any]] = body_of(await self._http.get(f"/v1/streams/{part(stream)}"))["facts"]
        return found

    async def counts(self, read_model: str, *, by: str) -> Mapping[str, int]:
        """Return how many rows of a read model have each value of one of its filters."""
        body = body_of(await self._http.get(f"/v1/read-models/{read_model}/counts", params={"by": by}))
        return {str(value): int(count) for value, count in body["counts"].items()}

    async def worklists(self, *, today: date | None = None) -> Sequence[Mapping[str, Any]]:
        """Return every worklist with whose it is and how much waits there; what is at stake and late on a day."""
        params = {} if today is None else {"today": today.isoformat()}
        found: Sequence[Mapping[str, Any]] = body_of(await self._http.get("/v1/worklists", params=params))["worklists"]
        return found

    def worklist(
        self, name: str, *, reason: str | None = None, order: RowOrder = "key"
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Yield what waits in a worklist, for one reason ("": for none), in an order, page after page."""
        return rows(self._http, _worklist(name), reason=reason, order=order)

    async def worklist_page(
        self,
        name: str,
        *,
        reason: str | None = None,
        order: RowOrder = "key",
        cursor: str | None = None,
        page_size: int = 100,
    ) -> tuple[Sequence[Mapping[str, Any]], str | None]:
        """Return one page of a worklist, and the cursor of the next one, None at the end."""
        page = await page_of(
            self._http, _worklist(name), reason=reason, order=order, cursor=cursor, page_size=page_size
        )
        return page["items"], page["next"]

    async def worklist_summary(self, name: str, *, today: date) -> Mapping[str, Any]:
        """Return how many rows a worklist has, what is at stake, what is late on that day, and how many by reason."""
        found: Mapping[str, Any] = body_of(
            await self._http.get(f"{_worklist(name)}/summary", params={"today": today.isoformat()})
        )
        return found

    async def parked_count(self) -> int:
        """Return how many records wait because they could not be handled, at most a thousand."""
        return len(body_of(await self._http.get("/v1/parked-records", params={"limit": 1_000}))["items"])

    async def position(self) -> int:
        """Return how many facts the service's store has."""
        return int(body_of(await self._http.get("/readyz"))["position"])

    async def readiness(self) -> Mapping[str, Any]:
        """Return whether the service is `ready`, and why not where it says so; a `status` is always there."""
        answer = await self._http.get("/readyz")
        is_said = answer.headers.get("content-type") == "application/json"  # 503 too, but not a proxy's
        found: Mapping[str, Any] = answer.json() if is_said else body_of(answer)
        return found

    async def status(self) -> Mapping[str, Any]:
        """Return how far facts got, who works, what is stuck, what waits; a few seconds old at most."""
        found: Mapping[str, Any] = body_of(await self._http.get("/v1/status"))
        return found

    async def settings(self) -> Sequence[Mapping[str, Any]]:
        """Return every setting with its value, passwords masked, and where it came from."""
        found: Sequence[Mapping[str, Any]] = body_of(await self._http.get("/v1/settings"))["settings"]
        return found


def _worklist(name: str) -> str:
    return f"/v1/worklists/{part(name)}"
