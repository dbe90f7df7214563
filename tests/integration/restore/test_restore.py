"""A store that was lost or put back to an earlier state, rebuilt from its topics while others read them."""

import asyncio

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.runtime.progress import silent
from shared.runtime.republishing import republish
from shared.runtime.wire import arrived
from tests.support.databases import fresh_database
from tests.support.engines import engine_over
from tests.support.lending import DONORS
from tests.support.restoring import PARTITIONS, Line, check, give, quiet
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


async def test_what_was_published_before_a_restore_is_sent_again_as_it_was(
    line: Line, database_server: DatabaseServer
) -> None:
    """Also after a second one, and before any fact of the new incarnation: its readers stand where they stood."""
    for first in (1, 11):
        async with line.running() as (giver, lender):
            await give(giver, first, first + 9)
            await quiet(giver, lender, gifts=first + 9)
        line.urls["registration"] = await fresh_database(database_server)
        await line.restored("registration")
    async with engine_over(line.service("registration"), line.urls["registration"]) as giver:
        await republish(giver, line.log, silent, first=3, dry_run=False)
    topic = f"{line.prefix}.registration"
    sent = [await line.log.last((topic, partition)) for partition in range(PARTITIONS)]
    async with line.running() as (giver, lender):
        await give(giver, 21, 30)
        await quiet(giver, lender, gifts=30)
        await check(line, giver, lender, gifts=30)
        head = await giver.store.head()

    assert head.incarnation == 3
    assert {fact.incarnation for record in sent if record and (fact := arrived(record))} == {2}


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
