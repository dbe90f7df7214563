"""Sending many objects in one request, a line each, and reading what came of each.

Owns: both streams of a bulk route, and reading an answer that comes line by line. Refuses: knowing what a line holds;
docs/openapi says that of each route.
"""

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import Any, Final

import httpx
from msgspec import json

from shared.clients.problem import body_of

_NDJSON: Final = {"Content-Type": "application/x-ndjson"}


async def results(http: httpx.AsyncClient, path: str, lines: AsyncIterable[bytes]) -> AsyncIterator[Mapping[str, Any]]:
    """Yield what came of each line, in order: an id, or the problem that it has.

    **Shape**: each line is one JSON object and ends in a newline. **Errors**: `ProblemAnswered` where nothing was read.
    """
    async with http.stream("POST", path, content=lines, headers=_NDJSON) as answer:
        async for line in told_by_line(answer):
            yield line


async def told_by_line(answer: httpx.Response) -> AsyncIterator[Mapping[str, Any]]:
    """Yield the objects of an answer as they come, one to a line. **Errors**: `ProblemAnswered`.

    **Shape**: a line ends in a line feed alone; texts may hold what Unicode calls the end of a line.
    """
    if not answer.is_success:
        await answer.aread()
        body_of(answer)
    rest = b""
    async for chunk in answer.aiter_bytes():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield json.decode(line)
    if rest:
        yield json.decode(rest)
