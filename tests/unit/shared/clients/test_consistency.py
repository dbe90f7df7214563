"""A session sends what was written along with everything that is asked afterwards, whichever service is asked."""

import httpx

from shared.clients.consistency import Session
from shared.kernel.consistency_token import CONSISTENCY, PositionRange, merged, token_of


def token(partition: int) -> str:
    return token_of([PositionRange("claimlog.registration", "s", 1, partition, 5, 6)])


async def test_a_session_keeps_every_token_and_sends_it_to_all_services() -> None:
    sent: list[str | None] = []
    answers = iter([token(0), None, token(1), None])

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get(CONSISTENCY))
        given = next(answers)
        return httpx.Response(200, headers={CONSISTENCY: given} if given else {})

    session = Session()
    client = {"transport": httpx.MockTransport(answer), "event_hooks": session.hooks}
    async with (
        httpx.AsyncClient(base_url="http://registration", **client) as registration,  # type: ignore[arg-type]
        httpx.AsyncClient(base_url="http://coding", **client) as coding,  # type: ignore[arg-type]
    ):
        await registration.post("/v1/patients")
        await coding.get("/v1/encounters/1")
        await registration.post("/v1/patients")
        await coding.get("/v1/encounters/1")

    assert sent == [None, token(0), token(0), merged(token(0), token(1))]


async def test_a_request_may_bring_a_token_of_its_own_and_a_session_may_forget() -> None:
    sent: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get(CONSISTENCY))
        return httpx.Response(200)

    session = Session(token(0))
    async with httpx.AsyncClient(
        base_url="http://coding", transport=httpx.MockTransport(answer), event_hooks=dict(session.hooks)
    ) as coding:
        await coding.get("/", headers={CONSISTENCY: token(1)})
        session.forget()
        await coding.get("/")

    assert sent == [token(1), None]
