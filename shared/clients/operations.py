"""Long work of a service: how far it is, what came of it, and filling a read model anew."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from shared.clients.lines import told_by_line
from shared.clients.pages import rows
from shared.clients.paths import part
from shared.clients.problem import body_of


class OperationsClient:
    """Operations of one service. **Errors**: every method raises `ProblemAnswered` or what httpx raises."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    def operations(self) -> AsyncIterator[Mapping[str, Any]]:
        """Yield operations, the newest first, page after page."""
        return rows(self._http, "/v1/operations")

    async def operation(self, operation_id: str) -> Mapping[str, Any]:
        """Return how far an operation is."""
        found: Mapping[str, Any] = body_of(await self._http.get(_path(operation_id)))
        return found

    async def results(self, operation_id: str) -> AsyncIterator[Mapping[str, Any]]:
        """Yield what came of each line that was taken so far, in their order."""
        async with self._http.stream("GET", f"{_path(operation_id)}/results") as answer:
            async for line in told_by_line(answer):
                yield line

    async def cancel(self, operation_id: str) -> Mapping[str, Any]:
        """End an operation at its next part; what was done stays."""
        ended: Mapping[str, Any] = body_of(await self._http.post(f"{_path(operation_id)}/cancellations"))
        return ended

    async def rebuild(self, read_model: str) -> Mapping[str, Any]:
        """Fill a read model anew beside the one that serves; return the operation that does it."""
        begun: Mapping[str, Any] = body_of(await self._http.post(f"/v1/read-models/{part(read_model)}/rebuilds"))
        return begun


def _path(operation_id: str) -> str:
    return f"/v1/operations/{part(operation_id)}"
