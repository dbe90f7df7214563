"""The short way and FastAPI's own give the same answers, and only a usual route takes it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body
from fastapi.routing import APIRoute
from httpx import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.exceptions import HTTPException
from starlette.types import Message

from shared.kernel.errors import Rejected
from shared.runtime.access import Access
from shared.runtime.call import Call, CallAsOf
from shared.runtime.definition import Api
from shared.runtime.route import ShortRoute
from tests.support.lending import lending
from tests.support.memory import Running, running, token

GOOD = '{"copy_id": "C-1", "on": "2026-03-03", "pages": [1, 2], "title": "Exämple"}'


class Loan(BaseModel):
    """A loan, in and out."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    copy_id: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10)]
    on: date
    pages: Annotated[tuple[int, ...], Field(max_length=3)] = ()
    title: str | None = None
    weight: float = 1.5


class LoanRefused(Rejected):
    """This reader may not."""

    slug = "loan-refused"


def router(route_class: type[APIRoute]) -> APIRouter:
    made = APIRouter(prefix="/v1", route_class=route_class)

    @made.post("/readers/{reader_id}/loans", status_code=201)
    async def lend(reader_id: str, body: Loan, call: Call) -> Loan:
        if reader_id == "repeating":
            call.response.status_code = 200
        if reader_id == "refused":
            raise LoanRefused("this reader may not")
        call.response.headers["ETag"] = '"7"'
        return body

    @made.post("/readers/{reader_id}/cards")
    async def issue(reader_id: str, call: Call) -> Loan:
        return Loan(copy_id=reader_id, on=date(2026, 3, 3), title=call.caller.tenant_id)

    return made


async def started(stack: AsyncExitStack, route_class: type[APIRoute]) -> Running:
    access = {f"POST /v1/readers/{{reader_id}}/{each}": Access(scope="lending.write") for each in ("loans", "cards")}
    service = replace(lending(body_bytes_max=2_000), api=lambda: Api(router=router(route_class), access=access))
    return await stack.enter_async_context(running(service))


@pytest.fixture
async def both() -> AsyncIterator[tuple[Running, Running]]:
    async with AsyncExitStack() as stack:
        yield await started(stack, ShortRoute), await started(stack, APIRoute)


def told(answer: Response) -> tuple[int, dict[str, str], bytes]:
    headers = {name: value for name, value in answer.headers.items() if name != "x-correlation-id"}
    return (
        answer.status_code,
        headers,
        answer.content.replace(answer.headers["x-correlation-id"].encode(), b"the trace"),
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, GOOD),
        (201, GOOD.encode("utf-16")),
        (201, '{"on": "2026-03-03", "copy_id": "C-1", "copy_id": "  C-2  "}'),
        (201, '{"on": "2026-03-03T00:00:00", "copy_id": "C-1", "pages": ["1", 2.0]}'),
        (201, '{"on": 0, "copy_id": "C-1", "weight": 10000000000000000000000000000}'),
        (201, '{"on": "2026-03-03", "copy_id": "\\u00e9\\ud83d\\ude00"}'),
        (422, '{"on": "2026-03-03", "copy_id": "\\ud800"}'),
        (422, '{"on": "2026-03-03", "copy_id": 1}'),
        (422, '{"on": "2026-03-03", "copy_id": "longer than ten"}'),
        (422, '{"on": "2026-03-03T01:00:00", "copy_id": "C-1", "pages": [1, 2, 3, 4], "more": 1}'),
        (422, '{"on": "2026-02-30", "copy_id": "C-1", "pages": [true, 1.5, null]}'),
        (422, "{}"),
        (422, "[]"),
        (422, "null"),
        (422, ""),
        (422, GOOD[:-1]),
        (422, GOOD + "x"),
        (422, "[" * 300 + "]" * 300),
        (413, GOOD + " " * 2_000),
    ],
)
async def test_a_body_is_taken_or_refused_in_the_same_words(
    both: tuple[Running, Running], status: int, body: str | bytes
) -> None:
    short, whole = [
        await each.client.post("/v1/readers/r-1/loans", content=body, headers={"Content-Type": "application/json"})
        for each in both
    ]

    assert told(short) == told(whole)
    assert short.status_code == status


@pytest.mark.parametrize("reader_id", ["r-1", "repeating", "refused", "%C3%A9%20x", "a%2Fb"])
@pytest.mark.parametrize("what", ["loans", "cards", "nothing"])
async def test_a_path_leads_to_the_same_answer(both: tuple[Running, Running], reader_id: str, what: str) -> None:
    short, whole = [
        await each.client.post(
            f"/v1/readers/{reader_id}/{what}", content=GOOD, headers={"Content-Type": "application/json"}
        )
        for each in both
    ]

    assert told(short) == told(whole)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": "application/fhir+json"},
        {"Content-Type": "text/plain"},
        {"Content-Type": ""},
        {"Content-Type": "application/json", "Authorization": "Bearer x"},
        {"Content-Type": "text/plain", "Authorization": "Bearer x"},
        {"Content-Type": "application/json", "If-Match": "newest"},
        {"Content-Type": "application/json", "Idempotency-Key": "k-1"},
    ],
)
async def test_headers_lead_to_the_same_answer(both: tuple[Running, Running], headers: dict[str, str]) -> None:
    for body in (GOOD, "{}"):
        short, whole = [await each.client.post("/v1/readers/r-1/loans", content=body, headers=headers) for each in both]

        assert told(short) == told(whole)


async def test_without_the_scope_nothing_is_said(both: tuple[Running, Running]) -> None:
    for each in both:
        reader = {"Authorization": f"Bearer {token(each.engine.service, scopes=['lending.read'])}"}
        answer = await each.client.post("/v1/readers/r-1/cards", headers=reader)

        assert answer.status_code == 403


async def test_a_caller_who_leaves_in_the_middle_of_a_body_gets_no_defect() -> None:
    route = next(each for each in router(ShortRoute).routes if isinstance(each, ShortRoute))
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    async with AsyncExitStack() as files:
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/readers/r-1/loans",
            "path_params": {"reader_id": "r-1"},
            "headers": headers,
            "query_string": b"",
            "fastapi_middleware_astack": files,
        }
        with pytest.raises(HTTPException, match="400"):
            await route.app(scope, receive, send)

    assert sent == []


LOAN = Loan(copy_id="C-1", on=date(2026, 3, 3))


async def plain(reader_id: str, body: Loan, call: Call) -> Loan:  # noqa: ARG001 (functions of routes that nobody calls)
    return LOAN


async def without_a_body(reader_id: str, call: Call) -> Loan:  # noqa: ARG001 (as above)
    return LOAN


async def with_a_question(reader_id: str, body: Loan, call: Call, page: int = 1) -> Loan:  # noqa: ARG001 (as above)
    return LOAN


async def with_a_number(reader_id: int, body: Loan, call: Call) -> Loan:  # noqa: ARG001 (as above)
    return LOAN


async def with_a_form(reader_id: Annotated[str, Field(max_length=3)], call: Call) -> Loan:  # noqa: ARG001 (as above)
    return LOAN


async def looking_back(reader_id: str, call: CallAsOf) -> Loan:  # noqa: ARG001 (as above)
    return LOAN


async def with_two_bodies(reader_id: str, body: Loan, more: Loan, call: Call) -> Loan:  # noqa: ARG001 (as above)
    return LOAN


async def with_one_of_two(reader_id: str, body: Loan | list[Loan], call: Call) -> Loan:  # noqa: ARG001 (as above)
    return LOAN


async def without_need(reader_id: str, call: Call, body: Loan | None = None) -> Loan:  # noqa: ARG001 (as above)
    return LOAN


async def inside(reader_id: str, body: Annotated[Loan, Body(embed=True)], call: Call) -> Loan:  # noqa: ARG001 (as above)
    return LOAN


async def for_anybody(reader_id: str, body: Loan) -> Loan:  # noqa: ARG001 (as above)
    return LOAN


async def with_any_answer(reader_id: str, body: Loan, call: Call) -> dict[str, str]:  # noqa: ARG001 (as above)
    return {}


def in_a_thread(reader_id: str, body: Loan, call: Call) -> Loan:  # noqa: ARG001 (as above)
    return LOAN


@pytest.mark.parametrize("function", [plain, without_a_body])
def test_a_route_of_a_call_words_and_one_model_is_usual(function: Callable[..., object]) -> None:
    assert ShortRoute("/{reader_id}", function, methods=["POST"]).is_usual()


@pytest.mark.parametrize(
    "function",
    [
        with_a_question,
        with_a_number,
        with_a_form,
        looking_back,
        with_two_bodies,
        with_one_of_two,
        without_need,
        inside,
        for_anybody,
        with_any_answer,
        in_a_thread,
    ],
)
def test_a_route_that_asks_for_more_is_not_usual(function: Callable[..., object]) -> None:
    assert not ShortRoute("/{reader_id}", function, methods=["POST"]).is_usual()


@pytest.mark.parametrize(
    "rule",
    [
        {"response_model_exclude_none": True},
        {"response_model_exclude_unset": True},
        {"response_model_exclude_defaults": True},
        {"response_model_exclude": {"title"}},
        {"response_model_include": {"title"}},
        {"response_model_by_alias": False},
    ],
    ids=str,
)
def test_a_route_that_leaves_something_out_is_not(rule: dict[str, Any]) -> None:
    async def function(reader_id: str, call: Call) -> Loan:
        return Loan(copy_id=reader_id, on=date(2026, 3, 3), title=call.caller.tenant_id)

    assert not ShortRoute("/{reader_id}", function, methods=["POST"], **rule).is_usual()
