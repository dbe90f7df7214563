"""A store that was lost or put back to an earlier state, rebuilt from its topics while others read them."""

import asyncio

import pytest

from apps.embedded.database_server import DatabaseServer
from tests.support.databases import fresh_database
from tests.support.lending import DONORS
from tests.support.restoring import Line, check, give, quiet
from tests.support.rewinding import put_back, save

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.parametrize("log", ["postgres", "kafka"], indirect=True),
]


@pytest.mark.parametrize("name", ["registration", "lending"])
async def test_store_that_was_set_back_under_load_is_restored(line: Line, name: str) -> None:
    async with line.running() as (giver, lender):
        await give(giver, 1, 60)
        await asyncio.gather(give(giver, 61, 150), save(line.urls[name]))
        await give(giver, 151, 220)
        await quiet(giver, lender, gifts=220)
    at = await put_back(line.urls[name])
    planned = await line.restored(name, dry_run=True)
    report = await line.restored(name)
    async with line.running() as (giver, lender):
        await give(giver, 221, 250)
        await quiet(giver, lender, gifts=250)
        await check(line, giver, lender, gifts=250)
        head = await (giver if name == "registration" else lender).store.head()

    assert (planned.outcome, planned.facts, planned.lost_count) == ("would-restore", report.facts, 0)
    assert (report.outcome, report.position_before, report.incarnation) == ("restored", at, 2)
    assert head.incarnation == 2
    assert head.effects_held


@pytest.mark.parametrize("name", ["registration", "lending"])
async def test_lost_store_is_restored(line: Line, name: str, database_server: DatabaseServer) -> None:
    async with line.running() as (giver, lender):
        before = (await (giver if name == "registration" else lender).store.head()).store_id
        await give(giver, 1, 80)
        await quiet(giver, lender, gifts=80)
    line.urls[name] = await fresh_database(database_server)
    report = await line.restored(name)
    again = await line.restored(name)
    async with line.running() as (giver, lender):
        await give(giver, 81, 100)
        await quiet(giver, lender, gifts=100)
        await check(line, giver, lender, gifts=100)
        after = (await (giver if name == "registration" else lender).store.head()).store_id
        donors = len((await lender.page(DONORS, "demo", page_size=500)).items)

    assert (report.outcome, report.position_before) == ("restored", 0)
    assert again.outcome == "nothing-to-restore"
    assert after == before
    assert donors == 100
