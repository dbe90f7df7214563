"""Rows in an order and what they come to, on PostgreSQL and on its twin in memory."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date, timedelta
from itertools import pairwise, product

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor
from shared.runtime.engine import Engine
from shared.runtime.keys import LocalKms, MemoryKeyStore, Vault
from shared.runtime.store import AtMost, Choice, Order, Spot, Store, Sum, Summing
from shared.runtime.store_memory import MemoryStore
from shared.runtime.store_postgres import PostgresStore
from shared.runtime.wiring import Wiring
from tests.support.databases import fresh_database
from tests.support.lending import Lend
from tests.support.waiting import FIRST, LOANS, Loan, waiting

CLERK = Actor(kind="human", id="clerk-1")
SEED = 20_261_129
COPIES = 45


@pytest.fixture(params=["memory", "postgres"])
async def engine(request: pytest.FixtureRequest, database_server: DatabaseServer) -> AsyncIterator[Engine]:
    service = waiting()
    wiring = Wiring(service)
    async with AsyncExitStack() as stack:
        store: Store = MemoryStore()
        if request.param == "postgres":
            url = await fresh_database(database_server)
            store = await stack.enter_async_context(PostgresStore.open(url, service.projections, name="lending"))
        vault = Vault(wiring.registry, LocalKms(bytes(32)), MemoryKeyStore())
        running = await stack.enter_async_context(Engine(wiring, store, vault).running())
        chance = random.Random(SEED)  # noqa: S311 (a reproducible choice)
        loans = [*product(("lost", "read", "nothing"), (0, 1, 2, 3, 9))] * 3
        chance.shuffle(loans)
        for n, (title, pages) in enumerate(loans):
            await running.handle("demo", CLERK, Lend(copy_id=f"C-{n:02}", title=title, pages=pages))
        await running.handle("other", CLERK, Lend(copy_id="C-99"))
        yield running


async def all_rows(engine: Engine) -> list[Loan]:
    return [row for _, row in await engine.store.select(LOANS, "demo", where={}, after=None, rows_max=100)]


async def walked(engine: Engine, order: Order, where: dict[str, object], page_size: int) -> list[Loan]:
    found: list[Loan] = []
    after: Spot | None = None
    while after is not None or not found:
        rows, after = await engine.ordered_page(LOANS, "demo", order, where=where, after=after, page_size=page_size)
        found += rows
        if after is None:
            break
    return found


async def test_pages_in_an_order_have_each_row_once_and_those_without_a_value_last(engine: Engine) -> None:
    for by, descending, page_size in product(("due_on", "fee_cents", "why"), (False, True), (1, 7, 100)):
        found = await walked(engine, Order(by, descending), {}, page_size)
        places = [(getattr(row, by), row.copy_id) for row in found]
        values = [value for value, _ in places if value is not None]

        assert sorted(key for _, key in places) == [f"C-{n:02}" for n in range(COPIES)]
        assert values == sorted(values, reverse=descending), f"seed {SEED}"
        assert all(value is None for value, _ in places[len(values) :])
        assert all((one[1] > other[1]) is descending for one, other in pairwise(places) if one[0] == other[0])


async def test_an_order_goes_with_filters_also_for_rows_without_a_value(engine: Engine) -> None:
    rows = await all_rows(engine)

    wheres: tuple[dict[str, object], ...] = (
        {"why": "lost"},
        {"why": None},
        {"why": "lost", "due_on": FIRST + timedelta(days=1)},
    )
    for where in wheres:
        wanted = [row for row in rows if all(getattr(row, name) == value for name, value in where.items())]
        found = await walked(engine, Order("fee_cents"), where, 4)
        assert found == sorted(wanted, key=lambda row: (row.fee_cents, row.copy_id))
        assert wanted


async def test_sums_are_those_of_the_rows(engine: Engine) -> None:
    days = (FIRST + timedelta(days=2), FIRST + timedelta(days=4))
    rows = await all_rows(engine)

    def come_to(value: str | None, mine: list[Loan]) -> Sum:
        due = [row.due_on for row in mine if row.due_on is not None]
        late = sum(each < days[0] for each in due)
        soon = sum(days[0] <= each <= days[1] for each in due)
        return Sum(value, len(mine), sum(row.fee_cents for row in mine), late, soon)

    for by, values in (("why", {row.why for row in rows}), (None, {None})):
        found = await engine.store.sums(LOANS, "demo", Summing(by, "fee_cents", "due_on", days), where={})
        wanted = [come_to(value, [row for row in rows if by is None or row.why == value]) for value in values]
        assert sorted(found, key=str) == sorted(wanted, key=str)
        assert all(each.late and each.soon and each.amount for each in found)


async def test_totals_are_those_of_the_rows_of_each_choice(engine: Engine) -> None:
    days = (FIRST + timedelta(days=2), FIRST + timedelta(days=4))
    choices = [
        Choice({"why": "lost", "due_on": AtMost(days[0])}, "fee_cents"),
        Choice({}, None, "due_on"),
        Choice({"due_on": None}),
        Choice({"why": "lost"}, "fee_cents", "due_on"),
        Choice({"why": "of another list"}, "fee_cents", "due_on"),
    ]
    found = await engine.store.totals(LOANS, "demo", choices, days)
    undated = await engine.store.totals(LOANS, "demo", choices[2:3], days)
    nobody = await engine.store.totals(LOANS, "nobody", choices, days)

    for choice, total in zip(choices, found, strict=True):
        summing = Summing(None, choice.amount, choice.due, days)
        sums = await engine.store.sums(LOANS, "demo", summing, where=choice.where)
        assert list(sums or [Sum(None, 0, 0, 0, 0)]) == [total]
    assert [each.rows for each in found] == [6, 45, 9, 15, 0]
    assert undated == found[2:3]
    assert list(nobody) == [Sum(None, 0, 0, 0, 0)] * len(choices)


async def test_sums_leave_out_what_is_not_asked_for_and_other_rows(engine: Engine) -> None:
    nothing = Summing(None, None, None, (date.min, date.max))
    found = await engine.store.sums(LOANS, "demo", nothing, where={"due_on": None})
    none = await engine.store.sums(LOANS, "nobody", Summing("why", "fee_cents", "due_on", nothing.days), where={})
    alone = await engine.store.sums(LOANS, "nobody", nothing, where={})
    count = sum(row.due_on is None for row in await all_rows(engine))

    assert list(found) == [Sum(None, count, 0, 0, 0)]
    assert list(none) == []
    assert list(alone) in ([], [Sum(None, 0, 0, 0, 0)])
