"""Two cells side by side on one Kafka: the same tenant and practice in both, and nothing of one is in the other.

A cell is the whole set: five stores, keys, topics under a prefix of its own, workers. Only an edge that is not ours
knows which tenant is in which.
"""

import asyncio
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import SERVICES
from shared.runtime.hosting import open_log
from shared.runtime.log import topic_of
from shared.runtime.topics import merged
from tests.support.kafka import kafka_bootstrap
from tests.support.programs import Finished, embedded

__all__ = ["kafka_bootstrap"]

CELLS: Final = ("cell-a", "cell-b")


@dataclass(frozen=True, slots=True)
class Cell:
    """What became of one. **Shape**: ids of stores; public facts by service and id; whose facts its services read."""

    finished: Finished
    stores: frozenset[str]
    public: Counter[tuple[str, str]]
    ids: frozenset[str]
    read: frozenset[tuple[str, str]]


@pytest.fixture(scope="module")
def cells(folder: Path, small_practice: Path, kafka_bootstrap: str) -> tuple[Cell, ...]:
    """Return two cells that worked at the same time."""

    async def drive() -> tuple[Cell, ...]:
        ended = await asyncio.gather(*(asyncio.to_thread(driven, name) for name in CELLS))
        return tuple([await look(folder / name, each) for name, each in zip(CELLS, ended, strict=True)])

    def driven(name: str) -> Finished:
        told = {"KAFKA_BOOTSTRAP": kafka_bootstrap, "CLAIMLOG_TOPIC_PREFIX": name}
        return embedded("demo", "--json", "--path", str(small_practice), data=folder / name, **told)

    return asyncio.run(drive())


async def look(data: Path, finished: Finished) -> Cell:
    stores, ids, read = set[str](), set[str](), set[tuple[str, str]]()
    public = Counter[tuple[str, str]]()
    with DatabaseServer.running(data / "postgres") as server:
        for service in SERVICES:
            connection = await asyncpg.connect(server.url(f"claimlog_{service}"))
            try:
                stores.add(await connection.fetchval("select store_id::text from store_head"))
                facts = await connection.fetch("select event_id::text as id, public from events")
                places = await connection.fetch(
                    "select topic, store_id::text as store from checkpoint where topic like '%.%' and position > 0"
                )
            finally:
                await connection.close()
            public.update((service, row["id"]) for row in facts if row["public"])
            ids.update(row["id"] for row in facts)
            read.update((row["topic"], row["store"]) for row in places)
    return Cell(finished, frozenset(stores), public, frozenset(ids), frozenset(read))


def test_both_end_with_their_own_money(cells: tuple[Cell, ...]) -> None:
    for cell in cells:
        assert cell.finished.code == 0, cell.finished.err
    one, other = (cell.finished.outcome["money_cents"] for cell in cells)
    assert one == other
    assert one["charged"] > 0


def test_no_fact_of_one_is_in_the_other_and_nobody_reads_there(cells: tuple[Cell, ...]) -> None:
    one, other = cells

    assert one.stores.isdisjoint(other.stores)
    assert one.ids.isdisjoint(other.ids)
    for name, cell in zip(CELLS, cells, strict=True):
        assert cell.read
        assert {store for _, store in cell.read} <= cell.stores
        assert all(topic.startswith(f"{name}.") for topic, _ in cell.read)


@pytest.mark.parametrize("place", range(len(CELLS)), ids=CELLS)
async def test_topics_hold_each_fact_of_their_cell_and_no_other(
    cells: tuple[Cell, ...], place: int, kafka_bootstrap: str
) -> None:
    found, stores = Counter[tuple[str, str]](), set[str]()
    async with open_log(f"kafka://{kafka_bootstrap}") as log:
        for service in SERVICES:
            async with aclosing(merged(log, [topic_of(CELLS[place], service, public=True)])) as facts:
                async for fact in facts:
                    found[(service, fact.envelope.event_id)] += 1
                    stores.add(fact.store_id)

    assert stores == cells[place].stores
    assert found == cells[place].public
