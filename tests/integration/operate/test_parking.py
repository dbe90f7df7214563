"""Parked records as an operator meets them over HTTP: listed, shown with seals kept, released in order, given up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from httpx import AsyncClient

from shared.clients.parked import ParkedClient
from shared.clients.problem import ProblemAnswered
from shared.events.envelope import Actor
from shared.runtime.worker import work
from tests.integration.operate.conftest import Line
from tests.support.donating import Donate
from tests.support.engines import beside, engine_over, until
from tests.support.lending import DONORS, Donor, Lend, lending
from tests.support.memory import serving, token

CLERK = Actor(kind="human", id="clerk-1")


@pytest.fixture
async def stuck(line: Line) -> Line:
    """Return a line whose lender could not handle a record of the key `bad`; a second one waits behind it."""
    for donor_id, name in (("bad", "poison"), ("bad", "later"), ("worse", "poison"), ("good", "one")):
        await line.giver.handle("demo", CLERK, Donate(donor_id=donor_id, name=name))
    async with beside(work(line.giver, line.log), work(line.lender, line.log)):

        async def parked() -> bool:
            is_through = await line.lender.row(DONORS, "demo", "good") is not None
            return is_through and len(await line.lender.store.parked(None, rows_max=9)) == 3

        await until(parked)
    return line


@asynccontextmanager
async def mended(line: Line) -> AsyncIterator[AsyncClient]:
    """Serve the lender after the defect in its read model was found; only the key `worse` is still not handled."""

    def apply(_: Donor | None, event: object) -> Donor:
        if event.payer_id == "worse":  # type: ignore[attr-defined]  # the one event of this read model
            raise ValueError("cannot fold")
        return Donor(event.payer_id, event.payer_name)  # type: ignore[attr-defined]  # as above

    settings = line.lender.service.settings
    service = replace(lending(), settings=settings, reactions=(), projections=(replace(DONORS, apply=apply),))
    async with engine_over(service, settings.database_url) as engine, serving(engine) as served:
        yield served.client


async def test_list_says_why_and_since_when(stuck: Line) -> None:
    async with serving(stuck.lender) as served:
        rows = await ParkedClient(served.client).records(key="bad")
        of_cause = await ParkedClient(served.client).records(cause="ValueError")

    assert [(row["key"], row["cause"]) for row in rows] == [("bad", "ValueError"), ("bad", "waits-behind-its-key")]
    assert {row["key"] for row in of_cause} == {"bad", "worse"}
    assert all(row["parked_at"] for row in rows)


async def test_record_is_shown_with_what_it_says(stuck: Line) -> None:
    async with serving(stuck.lender) as served:
        client = ParkedClient(served.client)
        (row,) = await client.records(key="worse")
        found = await client.record(row["event_id"])

    assert (found["record"]["type"], found["record"]["data"]["payer_name"]) == ("PayerAdded", "poison")
    assert found["cause"] == "ValueError"


async def test_release_of_a_record_that_still_fails_says_what_stays_and_why(stuck: Line) -> None:
    async with serving(stuck.lender) as served:
        client = ParkedClient(served.client)
        (row,) = await client.records(key="worse")
        answer = await client.release(row["event_id"])

    assert (answer["released"], answer["cause"]) == (0, "ValueError")
    assert [each["event_id"] for each in answer["left"]] == [row["event_id"]]


async def test_release_handles_all_records_of_the_key_in_order(stuck: Line) -> None:
    async with mended(stuck) as http:
        client = ParkedClient(http)
        newest = (await client.records(key="bad"))[-1]
        answer = await client.release(newest["event_id"])
        left = await client.records()

    assert answer == {"key": "bad", "released": 2, "cause": None, "left": []}
    assert await stuck.lender.row(DONORS, "demo", "bad") == Donor("bad", "later")
    assert [row["key"] for row in left] == ["worse"]
    facts = await stuck.lender.store.events(0, events_max=100)
    assert {each.actor for each in facts if each.type == "KeyReleased"} == {CLERK}


async def test_only_the_oldest_of_a_key_is_discarded_and_for_a_reason(stuck: Line) -> None:
    async with serving(stuck.lender) as served:
        client = ParkedClient(served.client)
        oldest, newer = await client.records(key="bad")
        with pytest.raises(ProblemAnswered) as too_early:
            await client.discard(newer["event_id"], reason="test-record")
        with pytest.raises(ProblemAnswered) as no_slug:
            await client.discard(oldest["event_id"], reason="Because I say so")
        answer = await client.discard(oldest["event_id"], reason="test-record")
        with pytest.raises(ProblemAnswered) as gone:
            await client.discard(oldest["event_id"], reason="test-record")

    assert (too_early.value.slug, no_slug.value.slug) == ("not-the-oldest-of-its-key", "malformed-request")
    assert (gone.value.status, gone.value.slug) == (404, "nothing-parked")
    assert [row["event_id"] for row in answer["left"]] == [newer["event_id"]]


async def test_own_fact_is_released_while_the_log_is_away(line: Line) -> None:
    settings = line.lender.service.settings.model_copy(
        update={"log_url": "postgresql://nobody@127.0.0.1:1/none", "record_attempts_max": 1}
    )
    service = replace(lending(), settings=settings)
    mended_service = replace(service, reactions=())
    async with engine_over(service, settings.database_url) as engine:
        await engine.handle("demo", CLERK, Lend(copy_id="C-1", title="crash"))
        async with beside(work(engine, line.log)):

            async def parked() -> bool:
                return bool(await engine.store.parked(None, rows_max=1))

            await until(parked)
    async with engine_over(mended_service, settings.database_url) as engine, serving(engine) as served:
        client = ParkedClient(served.client)
        (row,) = await client.records()
        answer = await client.release(row["event_id"])

    assert (answer["released"], answer["left"]) == (1, [])


async def test_acting_needs_a_scope_of_its_own_and_another_tenant_sees_nothing(stuck: Line) -> None:
    service = stuck.lender.service
    async with serving(stuck.lender) as served:
        client = ParkedClient(served.client)
        (row,) = await client.records(key="worse")
        served.client.headers["Authorization"] = f"Bearer {token(service, scopes=['operations.read'])}"
        with pytest.raises(ProblemAnswered) as refused:
            await client.release(row["event_id"])
        served.client.headers["Authorization"] = f"Bearer {token(service, tenant_id='other')}"
        elsewhere = await client.records()
        with pytest.raises(ProblemAnswered) as hidden:
            await client.release(row["event_id"])

    assert (refused.value.status, hidden.value.status, elsewhere) == (403, 404, [])
