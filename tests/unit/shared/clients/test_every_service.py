"""Whether a service is ready is an answer, also where it is no."""

import httpx
import pytest

from shared.clients.every_service import ServiceClient
from shared.clients.problem import ProblemAnswered


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (200, {"service": "claims", "status": "ready", "position": 17}),
        (503, {"service": "claims", "status": "not-ready", "cause": "StoreUnavailable"}),
        (503, {"status": "ending"}),
    ],
)
async def test_a_service_that_is_not_ready_says_why(code: int, said: dict[str, object]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(code, json=said))
    async with httpx.AsyncClient(transport=transport, base_url="http://claims") as http:
        assert await ServiceClient(http).readiness() == said


async def test_what_a_proxy_says_is_no_word_of_the_service() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(502, text="<html>bad gateway</html>"))
    async with httpx.AsyncClient(transport=transport, base_url="http://claims") as http:
        with pytest.raises(ProblemAnswered):
            await ServiceClient(http).readiness()
