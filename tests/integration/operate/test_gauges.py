"""What a scrape says of a service's database: lags that grow and end, what is stuck, what a service measures itself."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from apps.embedded.database_server import DatabaseServer
from shared.runtime.definition import Measure
from shared.runtime.engine import Engine
from shared.runtime.gauges import GAUGES, Gauges, collected
from shared.runtime.metrics import REGISTRY
from shared.runtime.relay import Relay
from shared.runtime.worker import work
from tests.integration.operate.conftest import Line
from tests.support.databases import fresh_database
from tests.support.donating import Donate
from tests.support.engines import beside, engine_over, until
from tests.support.lending import SHELVES, Lend, lending
from tests.support.memory import CLERK, TENANT


async def said(engine: Engine) -> dict[tuple[str, ...], float]:
    """Return what a scrape says once each question has an answer in time: on a busy machine one may have none."""
    found: dict[tuple[str, ...], float] = {}

    async def answered() -> bool:
        found.clear()
        found.update({(name, *labels): value for name, labels, value in await collected(engine)})
        return all(value for (name, *_), value in found.items() if name == "claimlog_gauge_answered")

    await until(answered)
    return found


async def test_relay_lag_grows_until_all_is_published(line: Line) -> None:
    await line.giver.handle(TENANT, CLERK, Donate(donor_id="P-1", name="Ada"))
    behind = await said(line.giver)
    async with beside(Relay(line.giver, line.log).run()):

        async def relayed() -> bool:
            return (await line.giver.store.relayed())[0] == 1

        await until(relayed)
    after = await said(line.giver)

    assert (behind["claimlog_position_facts",], behind["claimlog_relay_position_facts",]) == (1, 0)
    assert behind["claimlog_relay_lag_seconds",] > 0
    assert (after["claimlog_relay_position_facts",], after["claimlog_relay_lag_seconds",]) == (1, 0)


async def test_parked_records_and_broken_read_models_are_counted(line: Line) -> None:
    await line.giver.handle(TENANT, CLERK, Donate(donor_id="P-1", name="poison"))
    async with beside(work(line.giver, line.log), work(line.lender, line.log)):

        async def parked() -> bool:
            return (await said(line.lender))["claimlog_parked_records",] == 1

        await until(parked)
    connection = await asyncpg.connect(line.lender.service.settings.database_url)
    await connection.execute("update projected set broken = 'ValueError' where name like 'rm_shelves%'")
    await connection.close()
    found = await said(line.lender)

    assert found["claimlog_projection_broken", "shelves"] == 1


async def test_lag_of_a_partition_is_told_and_ends_when_all_was_taken(line: Line) -> None:
    def lags() -> list[float]:
        return [
            sample.value
            for metric in REGISTRY.collect()
            if metric.name == "claimlog_consumer_lag_seconds"
            for sample in metric.samples
            if sample.labels["service"] == "lending" and sample.labels["topic"].startswith("line.")
        ]

    await line.giver.handle(TENANT, CLERK, *(Donate(donor_id=f"P-{n}", name="Ada") for n in range(20)))
    seen: list[float] = []
    async with beside(work(line.giver, line.log), work(line.lender, line.log)):

        async def taken() -> bool:
            seen.extend(lags())
            return (await line.lender.store.head()).position > 0 and bool(lags()) and max(lags()) == 0

        await until(taken)

    assert len(lags()) == 2
    assert min(seen) >= 0


async def test_a_service_measures_itself(database_server: DatabaseServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.runtime.gauges._SECONDS_MAX", 60)
    url = await fresh_database(database_server)
    measure = Measure(
        name="lent_times",
        about="How often C-1 was lent.",
        projection=SHELVES,
        key="C-1",
        value=lambda row: row.times if row else 0,
    )
    async with engine_over(replace(lending(database_url=url), measures=(measure,)), url) as engine:
        await engine.handle(TENANT, CLERK, Lend(copy_id="C-1"))
        gauges = Gauges()
        text = (await gauges.text(engine)).decode()
        await engine.handle("other", CLERK, Lend(copy_id="C-1"))
        again, fresh = await asyncio.gather(gauges.text(engine), Gauges().text(engine))
    families = {each.name: each for each in text_string_to_metric_families(text)}

    assert families["claimlog_lending_lent_times"].samples[0].value == 1
    assert set(GAUGES) <= set(families)
    assert again.decode() == text  # asked a moment ago: many scrapers cost as much as one
    assert 'claimlog_lending_lent_times{service="lending"} 2.0' in fresh.decode()
