"""A route that ends says so with each answer and in the documents, long before; others say nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import APIRouter

from shared.runtime.access import Access
from shared.runtime.call import Call
from shared.runtime.definition import Api, Service
from shared.runtime.http import http_app
from shared.runtime.retiring import headers_of
from tests.support.lending import AlreadyLent, lending
from tests.support.memory import Running, running, token

SINCE, UNTIL = date(2026, 3, 1), date(2027, 3, 1)
ENDS = {
    "deprecation": "@1772323200",
    "sunset": "Mon, 01 Mar 2027 00:00:00 GMT",
    "link": '</openapi.json>; rel="deprecation"; type="application/json"',
}


def service(**ends: Any) -> Service:  # noqa: ANN401 (what an entry of the table takes)
    router = APIRouter(prefix="/v1")

    @router.get("/books")
    async def books(call: Call, lent: bool = False) -> dict[str, str]:  # noqa: FBT001, FBT002 (a query parameter)
        """Return the books. **Errors**: 409 `already-lent`."""
        if lent:
            raise AlreadyLent("someone has it")
        return {"of": call.caller.tenant_id}

    @router.get("/copies")
    async def copies(call: Call) -> dict[str, str]:
        """Return the copies."""
        return {"of": call.caller.tenant_id}

    access = {
        "GET /v1/books": Access(scope="lending.read", **ends),
        "GET /v1/copies": Access(scope="lending.read"),
    }
    return replace(lending(), api=lambda: Api(router=router, access=access))


@pytest.fixture
async def svc() -> AsyncIterator[Running]:
    async with running(service(deprecated_on=SINCE, sunset_on=UNTIL, instead="GET /v1/copies")) as started:
        yield started


async def test_each_answer_of_the_route_says_when_it_ends_refusals_too(svc: Running) -> None:
    nobody = {"Authorization": f"Bearer {token(svc.engine.service, scopes=[])}"}
    answers = [
        await svc.client.get("/v1/books"),
        await svc.client.get("/v1/books", params={"lent": True}),
        await svc.client.get("/v1/books", headers=nobody),
    ]
    other = await svc.client.get("/v1/copies")

    assert [each.status_code for each in answers] == [200, 409, 403]
    assert [{name: each.headers[name] for name in ENDS} for each in answers] == [ENDS] * 3
    assert not set(ENDS) & set(other.headers)


async def test_the_document_says_it_too(svc: Running) -> None:
    paths = (await svc.client.get("/openapi.json")).json()["paths"]
    old, new = paths["/v1/books"]["get"], paths["/v1/copies"]["get"]

    assert old["deprecated"] is True
    assert old["description"].startswith("Deprecated since 2026-03-01, kept until 2027-03-01: use GET /v1/copies.")
    assert {"Deprecation", "Sunset", "Link"} <= set(old["responses"]["200"]["headers"])
    assert "deprecated" not in new
    assert "Sunset" not in new["responses"]["200"]["headers"]


def test_the_link_leads_to_the_document_of_the_service_where_several_share_a_port() -> None:
    entry = Access(scope="lending.read", deprecated_on=SINCE, sunset_on=UNTIL, instead="GET /v1/copies")

    assert headers_of(entry, "/lending")["Link"].startswith("</lending/openapi.json>")


@pytest.mark.parametrize(
    "ends",
    [
        {"deprecated_on": SINCE},
        {"sunset_on": UNTIL},
        {"instead": "GET /v1/copies"},
        {"deprecated_on": SINCE, "sunset_on": UNTIL},
        {"deprecated_on": SINCE, "sunset_on": UNTIL, "instead": "GET /v1/none"},
        {"deprecated_on": SINCE, "sunset_on": SINCE + timedelta(days=364), "instead": "GET /v1/copies"},
    ],
)
def test_a_route_that_would_end_suddenly_or_without_another_is_refused(ends: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="GET /v1/books"):
        http_app(service(**ends))
