"""A cursor leads through the list that gave it, with its filters, and is refused everywhere else."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from fastapi import APIRouter
from httpx import Response

from shared.runtime.access import Access
from shared.runtime.call import Call
from shared.runtime.definition import Api, Service
from shared.runtime.pages import Cursor, PageSize
from tests.support.lending import SHELVES, Lend, lending
from tests.support.memory import CLERK, TENANT, Running, running

COPIES = 5


def service() -> Service:
    router = APIRouter(prefix="/v1")

    @router.get("/shelves")
    async def shelves(
        call: Call, pages: int | None = None, times: int | None = None, cursor: Cursor = None, page_size: PageSize = 2
    ) -> dict[str, object]:
        page = await call.page(SHELVES, where={"pages": pages, "times": times}, cursor=cursor, page_size=page_size)
        return {"items": [each.copy_id for each in page.items], "next": page.next}

    access = {"GET /v1/shelves": Access(scope="lending.read", reads="shelves")}
    return replace(lending(page_size_max=3), api=lambda: Api(router=router, access=access))


@pytest.fixture
async def svc() -> AsyncIterator[Running]:
    async with running(service()) as started:
        for n in range(COPIES):
            await started.engine.handle(TENANT, CLERK, Lend(copy_id=f"C-{n}"))
        yield started


async def asked(svc: Running, **params: object) -> Response:
    return await svc.client.get("/v1/shelves", params={name: str(value) for name, value in params.items()})


async def test_a_list_is_walked_page_by_page(svc: Running) -> None:
    found: list[list[str]] = []
    cursor = None
    while cursor is not None or not found:
        page = (await asked(svc, **({"cursor": cursor} if cursor else {}))).json()
        found.append(page["items"])
        cursor = page["next"]

    assert found == [["C-0", "C-1"], ["C-2", "C-3"], ["C-4"]]


async def test_a_cursor_tells_its_reader_no_key(svc: Running) -> None:
    page = (await asked(svc)).json()

    assert "C-1" not in page["next"]


async def test_filters_may_stand_in_another_order_and_pages_have_another_size(svc: Running) -> None:
    first = (await asked(svc, pages=100, times=1)).json()
    second = (await asked(svc, page_size=1, times=1, cursor=first["next"], pages=100)).json()

    assert second["items"] == ["C-2"]


async def test_a_cursor_is_refused_by_another_list_and_with_other_filters(svc: Running) -> None:
    cursor = (await asked(svc, pages=100)).json()["next"]
    answers = [
        await asked(svc, cursor=cursor),
        await asked(svc, pages=200, cursor=cursor),
        await asked(svc, pages=100, times=1, cursor=cursor),
        await svc.client.get("/v1/worklists/away", params={"cursor": cursor, "pages": 100}),
    ]

    assert [(each.status_code, each.json()["type"]) for each in answers] == [(422, "/problems/bad-cursor")] * 4


def made_up(**place: object) -> str:
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "C-1",
        "",
        "é",
        "x" * 900,
        made_up(v=1, l="0", a="C-1"),
        made_up(v=2, l="0", a="C-1"),
        made_up(v=1, a="C-1"),
        made_up(v=1, l="0", a="C-1", s=2**63),
        made_up(v=1, l="0", a=7),
        urlsafe_b64encode(b"no json").decode(),
    ],
)
async def test_a_cursor_that_was_made_up_is_refused(svc: Running, cursor: str) -> None:
    answer = await asked(svc, cursor=cursor)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-cursor")
    assert not cursor or cursor not in answer.text


async def test_a_cursor_of_a_key_that_no_database_could_keep_is_refused(svc: Running) -> None:
    cursor = (await asked(svc)).json()["next"]
    place = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    answer = await asked(svc, cursor=made_up(**{**place, "a": "C-1\0"}))

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-cursor")


@pytest.mark.parametrize("sorted_by", [7, "2026-03-03"], ids=["a number", "a date"])
async def test_a_cursor_of_a_list_by_key_has_nothing_else(svc: Running, sorted_by: object) -> None:
    cursor = (await asked(svc)).json()["next"]
    place = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    answer = await asked(svc, cursor=made_up(**place, s=sorted_by))

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-cursor")


async def test_a_cursor_with_junk_in_it_is_refused(svc: Running) -> None:
    cursor = (await asked(svc)).json()["next"]

    assert [(await asked(svc, cursor=each)).status_code for each in (cursor[:9] + "!" + cursor[9:], cursor + "~")] == [
        422,
        422,
    ]


@pytest.mark.parametrize(("page_size", "rows"), [(1, 1), (3, 3), (4, 3), (501, 3), (2**31 - 1, 3)])
async def test_a_page_that_is_too_large_is_made_smaller(svc: Running, page_size: int, rows: int) -> None:
    answer = await asked(svc, page_size=page_size)

    assert (answer.status_code, len(answer.json()["items"])) == (200, rows)
