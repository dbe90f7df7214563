"""A worklist over HTTP and through the client: for one reason, in an order, and what it comes to."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from shared.clients.every_service import RowOrder, ServiceClient
from shared.clients.problem import ProblemAnswered
from tests.support.lending import Lend
from tests.support.memory import CLERK, TENANT, Running, running
from tests.support.waiting import FIRST, waiting

STAKES = ("amount_cents", "late", "due_within_7_days")
LOANS = [("A", "lost", 9), ("B", "read", 3), ("C", "nothing", 0), ("D", "lost", 2), ("E", "lost", 0)]


@pytest.fixture
async def svc() -> AsyncIterator[Running]:
    async with running(waiting(page_size_max=2)) as started:
        for copy_id, title, pages in LOANS:
            await started.engine.handle(TENANT, CLERK, Lend(copy_id=copy_id, title=title, pages=pages))
        yield started


@pytest.fixture
def client(svc: Running) -> ServiceClient:
    return ServiceClient(svc.client)


@pytest.mark.parametrize(
    ("order", "reason", "found"),
    [
        ("key", None, "ABCDE"),
        ("key", "lost", "ADE"),
        ("key", "", "C"),
        ("due", None, "DBACE"),
        ("-due", None, "ABDEC"),
        ("due", "lost", "DAE"),
        ("amount", None, "CEBAD"),
        ("-amount", "lost", "DAE"),
        ("due", "", "C"),
        ("due", "of another list", ""),
    ],
)
async def test_rows_come_for_a_reason_and_in_an_order_page_by_page(
    client: ServiceClient, order: RowOrder, reason: str | None, found: str
) -> None:
    rows = [row["copy_id"] async for row in client.worklist("loans", reason=reason, order=order)]

    assert "".join(rows) == found


async def test_the_client_takes_one_page_and_goes_on_from_there(client: ServiceClient) -> None:
    first, cursor = await client.worklist_page("loans", order="-due", page_size=2)
    second, end = await client.worklist_page("loans", order="-due", cursor=cursor, page_size=2)
    with pytest.raises(ProblemAnswered, match="bad-cursor"):
        await client.worklist_page("loans", order="due", cursor=cursor)

    assert [row["copy_id"] for row in (*first, *second)] == ["A", "B", "D", "E"]
    assert end is not None


async def test_a_summary_says_what_is_at_stake_late_soon_and_why(client: ServiceClient) -> None:
    summary = await client.worklist_summary("loans", today=FIRST + timedelta(days=3))

    assert summary == {
        "owner": "clerk",
        "about": "Copies away",
        "count": 5,
        "amount_cents": 200 + 400 + 400,
        "late": 1,
        "due_within_7_days": 2,
        "reasons": [
            {"value": "lost", "count": 3, "amount_cents": 400 + 400},
            {"value": None, "count": 1, "amount_cents": 0},
            {"value": "read", "count": 1, "amount_cents": 200},
        ],
    }
    assert (await client.worklist_summary("loans", today=date.max))["late"] == 3


async def test_a_worklist_says_what_it_can_be_asked_for(client: ServiceClient) -> None:
    asked = {each["name"]: [each["reason"], each["due"], each["amount"]] for each in await client.worklists()}
    away = await client.worklist_summary("away", today=FIRST)

    assert asked == {"away": [None, None, None], "loans": ["why", "due_on", "fee_cents"]}
    assert [away[each] for each in ("count", *STAKES, "reasons")] == [5, None, None, None, []]


async def test_all_worklists_say_what_their_summaries_say_once_they_know_the_day(client: ServiceClient) -> None:
    today = FIRST + timedelta(days=3)
    lists = await client.worklists(today=today)
    undated = await client.worklists()

    for each in lists:
        summary = await client.worklist_summary(each["name"], today=today)
        assert {field: each[field] for field in ("owner", "about", "count", *STAKES)}.items() <= summary.items()
    assert [each["count"] for each in undated] == [each["count"] for each in lists] == [5, 5]
    assert {each[field] for each in undated for field in STAKES} == {None}


@pytest.mark.parametrize(
    ("path", "params", "status", "slug"),
    [
        ("/v1/worklists/away", {"reason": "lost"}, 422, "worklist-field-not-offered"),
        ("/v1/worklists/away", {"order": "due"}, 422, "worklist-field-not-offered"),
        ("/v1/worklists/away", {"order": "-amount"}, 422, "worklist-field-not-offered"),
        ("/v1/worklists/loans", {"order": "why"}, 422, "malformed-request"),
        ("/v1/worklists/none/summary", {"today": "2026-03-03"}, 404, "worklist-not-found"),
        ("/v1/worklists/loans/summary", {}, 422, "malformed-request"),
        ("/v1/worklists/loans/summary", {"today": "1772496000"}, 422, "malformed-request"),
    ],
)
async def test_what_a_worklist_has_not_is_refused(
    svc: Running, path: str, params: dict[str, Any], status: int, slug: str
) -> None:
    refused = await svc.client.get(path, params=params)

    assert (refused.status_code, refused.json()["type"]) == (status, f"/problems/{slug}")
