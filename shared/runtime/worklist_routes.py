"""The routes of worklists, which every service has: what waits for whom, for what reason, how long, for how much.

Owns: these routes and what they answer; rows are written past their model, which is the contract. Refuses: which
worklists there are (`definition.py`, each service's `main.py`), finding rows (`store.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, TypeAlias, assert_never

from fastapi import APIRouter, Path, Query, Response
from msgspec import json
from pydantic import Field

from shared.kernel.errors import Malformed, NotFound
from shared.runtime.access import Access
from shared.runtime.call import Call, OneCall
from shared.runtime.common_answers import Count, Shown
from shared.runtime.days_and_instants import Day
from shared.runtime.definition import Worklist
from shared.runtime.pages import Cursor, PageSize
from shared.runtime.store import Choice, Order, Sum, Summing

WORKLIST_ACCESS: Final[Mapping[str, Access]] = {
    "GET /v1/worklists": Access(scope="worklists.read", reads="all worklists"),
    "GET /v1/worklists/{name}": Access(scope="worklists.read", reads="the worklist's read model"),
    "GET /v1/worklists/{name}/summary": Access(scope="worklists.read", reads="the worklist's read model"),
}
WorklistName: TypeAlias = Annotated[str, Path(description="A worklist.", examples=["held-claims"])]
RowOrder: TypeAlias = Literal["key", "due", "-due", "amount", "-amount"]
_SOON: Final = timedelta(days=7)
_LAST_DAY: Final = date.max


class WorklistNotFound(NotFound):
    """No worklist has this name; `GET /v1/worklists` lists them."""

    slug = "worklist-not-found"


class WorklistFieldNotOffered(Malformed):
    """A worklist is asked by a reason, a due date or an amount, and its rows have none."""

    slug = "worklist-field-not-offered"


class Stakes(Shown):
    """What a worklist comes to, and whose it is. **Shape**: null where its rows have no due date, or no amount."""

    owner: str = Field(description="Who works on it.", examples=["biller"])
    about: str = Field(description="What waits there.", examples=["claims that somebody must look at"])
    count: Count
    amount_cents: int | None = Field(description="What is at stake, in cents.", examples=[45000])
    late: int | None = Field(description="Rows that were due before `today`.", examples=[1])
    due_within_7_days: int | None = Field(
        description="Rows that are due from `today` to seven days later.", examples=[2]
    )


class ListedWorklist(Stakes):
    """A worklist, and how much waits there. **Shape**: without `today` it does not say what is at stake and late."""

    name: str = Field(description="Its name.", examples=["held-claims"])
    reason: str | None = Field(
        description="Field of its rows that tells why they wait: what `reason` asks for.", examples=["work_reason"]
    )
    due: str | None = Field(
        description="Field with the date by which somebody must have acted.", examples=["filing_deadline_on"]
    )
    amount: str | None = Field(description="Field with the cents that are at stake.", examples=["charge_cents"])


class Worklists(Shown):
    """Every worklist."""

    worklists: tuple[ListedWorklist, ...] = Field(description="All of the service.")


class WorklistRows(Shown):
    """One page of a worklist."""

    items: tuple[Mapping[str, Any], ...] = Field(
        description="Rows of the worklist's read model, with its fields.",
        examples=[[{"claim_id": "0190f3c2-0000-7000-8000-000000000007"}]],
    )
    next: str | None


class WorklistReason(Shown):
    """The rows of a worklist that wait for one reason."""

    value: str | None = Field(description="The reason; null: rows without one.", examples=["before-service-date"])
    count: Count
    amount_cents: int | None = Field(
        description="What is at stake, in cents; null where the worklist has no amount.", examples=[15000]
    )


class WorklistSummary(Stakes):
    """What a worklist comes to, also by reason. **Shape**: null where its rows have no due date, or no amount."""

    reasons: tuple[WorklistReason, ...] = Field(
        description="The rows by reason, most first; none where the worklist has no reasons."
    )


ROUTER: Final = APIRouter()


@ROUTER.get("/v1/worklists")
async def worklists(
    call: Call,
    today: Annotated[
        Day | None,
        Query(
            description="The caller's day; with it each list says what is at stake and late.", examples=["2026-03-03"]
        ),
    ] = None,
) -> Worklists:
    """Return every worklist with what waits in it; those over one read model are counted in one question."""
    lists = call.engine.service.worklists
    counted: dict[str, Sum] = {}
    for projection in dict.fromkeys(each.projection for each in lists.values()):
        mine = {name: each for name, each in lists.items() if each.projection is projection}
        choices = [_choice(each, is_dated=today is not None) for each in mine.values()]
        counted |= zip(mine, await call.totals(projection, choices, _days(today or _LAST_DAY)), strict=True)
    return Worklists(
        worklists=tuple(
            ListedWorklist(
                **_stakes(each, [counted[name]], is_dated=today is not None),
                name=name,
                reason=each.reason or None,
                due=each.due or None,
                amount=each.amount or None,
            )
            for name, each in lists.items()
        )
    )


@ROUTER.get("/v1/worklists/{name}", response_class=Response, responses={200: {"model": WorklistRows}})
async def worklist(  # noqa: PLR0913, PLR0917 (each a parameter of the address)
    name: WorklistName,
    call: Call,
    reason: Annotated[
        str | None, Query(description="Rows of this reason only; empty: without one.", examples=["rejected-by-payer"])
    ] = None,
    order: Annotated[
        RowOrder,
        Query(description="What comes first: by key, or by due date or amount, with - the last or largest; none last."),
    ] = "key",
    cursor: Cursor = None,
    page_size: PageSize = 100,
) -> Response:
    """Return the rows of one worklist. **Errors**: 404 `worklist-not-found`, 422 `worklist-field-not-offered`."""
    found = _worklist(name, call)
    where = {**found.where, **({} if reason is None else {_offered(found.reason): reason or None})}
    page = await call.page_in_order(
        found.projection, _order(order, found), where=where, cursor=cursor, page_size=page_size
    )
    return call.sent(json.encode({"items": page.items, "next": page.next}), "application/json")


@ROUTER.get("/v1/worklists/{name}/summary")
async def worklist_summary(
    name: WorklistName,
    today: Annotated[Day, Query(description="The caller's day.", examples=["2026-03-03"])],
    call: Call,
) -> WorklistSummary:
    """Return what a worklist comes to: rows, what is at stake, what is late, and why they wait.

    **Errors**: 404 `worklist-not-found`.
    """
    found = _worklist(name, call)
    summing = Summing(found.reason or None, found.amount or None, found.due or None, _days(today))
    sums = sorted(
        await call.sums(found.projection, summing, where=found.where), key=lambda each: (-each.rows, each.value or "")
    )
    reasons = (
        WorklistReason(value=each.value, count=each.rows, amount_cents=each.amount if found.amount else None)
        for each in sums
    )
    return WorklistSummary(**_stakes(found, sums, is_dated=True), reasons=tuple(reasons) if found.reason else ())


def _stakes(worklist: Worklist, sums: Sequence[Sum], *, is_dated: bool) -> Mapping[str, Any]:
    """Return the fields of `Stakes`. **Shape**: `is_dated` False: nobody said which day it is."""
    has_due = bool(worklist.due) and is_dated
    return {
        "owner": worklist.owner,
        "about": worklist.about,
        "count": sum(each.rows for each in sums),
        "amount_cents": sum(each.amount for each in sums) if worklist.amount and is_dated else None,
        "late": sum(each.late for each in sums) if has_due else None,
        "due_within_7_days": sum(each.soon for each in sums) if has_due else None,
    }


def _choice(worklist: Worklist, *, is_dated: bool) -> Choice:
    if not is_dated:
        return Choice(worklist.where)
    return Choice(worklist.where, worklist.amount or None, worklist.due or None)


def _days(today: date) -> tuple[date, date]:
    return today, min(today, _LAST_DAY - _SOON) + _SOON


def _worklist(name: str, call: OneCall) -> Worklist:
    found = call.engine.service.worklists.get(name)
    if found is None:
        raise WorklistNotFound("ask GET /v1/worklists for the names")
    return found


def _order(asked: RowOrder, worklist: Worklist) -> Order | None:
    match asked:
        case "key":
            return None
        case "due" | "-due":
            return Order(_offered(worklist.due), descending=asked == "-due")
        case "amount" | "-amount":
            return Order(_offered(worklist.amount), descending=asked == "-amount")
        case _:
            assert_never(asked)


def _offered(field: str) -> str:
    if not field:
        raise WorklistFieldNotOffered("GET /v1/worklists says which worklist has a reason, a due date, an amount")
    return field
