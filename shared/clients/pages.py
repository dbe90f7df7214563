"""A list of a service, page after page.

Owns: going on from one page to the next. Refuses: knowing what the rows are; the client of the service says that.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from shared.clients.problem import body_of


async def page_of(http: httpx.AsyncClient, path: str, **asked: object) -> Mapping[str, Any]:
    """Return one page of a list: its `items`, and `next`, the cursor of the following page. **Errors**: as `rows`."""
    params = {name: str(value) for name, value in asked.items() if value is not None}
    found: Mapping[str, Any] = body_of(await http.get(path, params=params))
    return found


async def rows(http: httpx.AsyncClient, path: str, **asked: object) -> AsyncIterator[Mapping[str, Any]]:
    """Yield the rows of a list that fit what is asked; what is None is not asked. **Errors**: `ProblemAnswered`."""
    while True:
        page = await page_of(http, path, **asked)
        for row in page["items"]:
            yield row
        if page["next"] is None:
            return
        asked["cursor"] = page["next"]
