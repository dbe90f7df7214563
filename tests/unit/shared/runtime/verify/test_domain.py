"""Folding a service's own invariants: unit by unit, tenant by tenant, and past what cannot be opened."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

import pytest

from shared.kernel.invariant import Invariant
from shared.runtime.progress import silent
from shared.runtime.verify.domain import check_domain
from shared.runtime.verify.finding import Finding
from tests.support.lending import CardIssued, CopyEvent, CopyLent, CopyReturned, Issue, Lend, Return, lending
from tests.support.memory import CLERK, Running, running

AWAY: Final[Invariant[int, CopyEvent]] = Invariant(
    name="nothing-away",
    about="What is lent comes back in the same unit.",
    events=(CopyLent, CopyReturned),
    keys=lambda event: (event.copy_id,),
    apply=lambda row, event: ((row or 0) + (1 if isinstance(event, CopyLent) else -1)) or None,
    is_broken=bool,
)
NAMED: Final[Invariant[bool, CardIssued]] = Invariant(
    name="cards", about="Cards.", events=(CardIssued,), keys=lambda _: (), apply=lambda *_: None, is_broken=bool
)


@pytest.fixture
async def lender() -> AsyncIterator[Running]:
    async with running(replace(lending(), invariants=(AWAY, NAMED))) as running_:
        yield running_


async def looked_at(lender: Running, to: int | None = None) -> list[Finding]:
    head = (await lender.engine.store.head()).position
    return list(await check_domain(lender.engine, head if to is None else to, silent))


async def test_nothing_needs_to_hold_in_the_middle_of_a_unit(lender: Running) -> None:
    await lender.engine.handle("demo", CLERK, Lend(copy_id="C-1"), Return(copy_id="C-1"))
    away, _ = await looked_at(lender)

    assert (away.holds, away.checked) == (True, 2)


async def test_first_unit_that_breaks_it_is_named_also_where_it_is_mended_later(lender: Running) -> None:
    for copy_id in ("C-1", "C-2"):
        await lender.engine.handle("demo", CLERK, Lend(copy_id=copy_id))
        await lender.engine.handle("demo", CLERK, Return(copy_id=copy_id))
    away, _ = await looked_at(lender)

    assert away.counter_example == "positions 1 to 1 leave C-1 broken"


async def test_tenants_are_folded_apart(lender: Running) -> None:
    await lender.engine.handle("demo", CLERK, Lend(copy_id="C-1"))
    await lender.engine.handle("other", CLERK, Lend(copy_id="C-1"), Return(copy_id="C-1"))
    away, _ = await looked_at(lender)

    assert away.counter_example == "positions 1 to 1 leave C-1 broken"


async def test_facts_behind_the_position_are_not_looked_at(lender: Running) -> None:
    await lender.engine.handle("demo", CLERK, Lend(copy_id="C-1"), Return(copy_id="C-1"))
    await lender.engine.handle("demo", CLERK, Lend(copy_id="C-2"))
    away, _ = await looked_at(lender, to=2)

    assert (away.holds, away.checked) == (True, 2)


async def test_fact_that_cannot_be_opened_is_left_out(lender: Running) -> None:
    await lender.engine.handle("demo", CLERK, Issue(reader_id="R-1", name="Example"))
    async with running(lender.engine.service) as other:  # it has other keys
        facts = await lender.engine.store.events(0, events_max=1)
        other.engine.store._events.extend(facts)  # type: ignore[attr-defined]  # noqa: SLF001
        _, cards = await looked_at(other, to=1)

    assert (cards.holds, cards.checked, cards.left_out) == (True, 0, 1)
