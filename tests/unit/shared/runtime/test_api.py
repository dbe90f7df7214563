"""How an API ends: not ready any more, and every answer is the last one of its connection."""

import httpx
import pytest
from fastapi import FastAPI

from shared.runtime.api import UntilItEnds, serve
from shared.runtime.serving import BadAddress


def app() -> FastAPI:
    made = FastAPI(openapi_url=None)
    made.add_api_route("/readyz", lambda: {"status": "ready"})
    made.add_api_route("/v1/claims", lambda: {"items": []})
    return made


async def asked(serving: UntilItEnds, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=serving)
    async with httpx.AsyncClient(transport=transport, base_url="http://claims") as client:
        return await client.get(path)


async def test_it_is_as_the_application_until_it_ends() -> None:
    answer = await asked(UntilItEnds(app()), "/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert "connection" not in answer.headers


async def test_while_it_ends_it_is_not_ready_and_still_answers() -> None:
    serving = UntilItEnds(app())
    serving.is_ending = True
    ready, claims = await asked(serving, "/readyz"), await asked(serving, "/v1/claims")

    assert (ready.status_code, ready.json()) == (503, {"status": "ending"})
    assert (claims.status_code, claims.json()) == (200, {"items": []})
    assert [each.headers["connection"] for each in (ready, claims)] == ["close", "close"]


@pytest.mark.parametrize("address", ["8000", "127.0.0.1", ":8000", "127.0.0.1:http"])
async def test_an_address_is_host_and_port(address: str) -> None:
    with pytest.raises(BadAddress, match="host:port"):
        await serve(app(), address, end_seconds=0)
