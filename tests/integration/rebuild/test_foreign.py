"""A read model over facts of others is rebuilt from the topics, exactly as far as they were consumed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor, Envelope
from shared.events.registration import PayerAdded
from shared.kernel.projection import Projection
from shared.runtime.comparing import compare
from shared.runtime.consumer import Consumer
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.keys import LocalKms, MemoryKeyStore, Vault
from shared.runtime.log import Log
from shared.runtime.progress import silent
from shared.runtime.rebuild import replay
from shared.runtime.releasing import discard, release
from shared.runtime.replaying import Asked, replay_aside
from shared.runtime.store import Place
from shared.runtime.store_postgres import PostgresStore, ReadModelUnfilled
from shared.runtime.wire import to_record
from shared.runtime.wiring import Wiring
from tests.support.databases import fresh_database
from tests.support.donating import donated
from tests.support.engines import beside, engine_over, until
from tests.support.lending import DONORS, SHELVES, Donor, lending
from tests.support.memory import envelope_of

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"])]
BOTH = pytest.mark.parametrize("log", ["postgres", "kafka"], indirect=True)
POSTGRES = pytest.mark.parametrize("log", ["postgres"], indirect=True)

CLERK = Actor(kind="human", id="clerk-1")
BEGAN_AT: Final = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
MENDED: Final[Projection[Donor, PayerAdded]] = replace(
    DONORS, apply=lambda _, event: Donor(event.payer_id, event.payer_name)
)


class Line:
    """A topic of gifts, and the service that reads it."""

    def __init__(self, log: Log, url: str, prefix: str) -> None:
        self.log = log
        self.url = url
        self.prefix = prefix
        self.places: Sequence[Place] = [(f"{prefix}.registration", 0), (f"{prefix}.registration", 1)]
        self._last: dict[Place, int] = {}
        self._offsets: dict[Place, int] = {}

    def service(self, donors: Projection[Donor, PayerAdded] = DONORS) -> Service:
        """Return the reader, with chunks that a few records fill."""
        service = lending(topic_prefix=self.prefix, topic_partitions=2, replay_chunk_max=10)
        return replace(service, projections=(SHELVES, donors))

    async def give(self, first: int, last: int, **names: str) -> None:
        """Publish the gifts of some positions; each has a donor of its own, and a name where one is given."""
        for place in self.places:
            gifts = [n for n in range(first, last + 1) if n % 2 == place[1]]
            await self.publish(place, [_gift(n, names.get(f"D{n}", "Example")) for n in gifts])

    async def publish(self, place: Place, gifts: Sequence[Envelope]) -> None:
        """Publish gifts of one partition, in order."""
        records = []
        for each in gifts:
            previous = self._last.get(place, 0)
            records.append(
                to_record(each, service="registration", store_id="s", incarnation=1, previous_position=previous)
            )
            self._last[place] = max(previous, each.position)
        self._offsets[place] = self._offsets.get(place, 0) + len(records)
        async with self.log.publisher() as publisher:
            await publisher.publish({place: records})

    async def repeat(self, place: Place, position: int) -> None:
        """Publish a gift once more, as a relay does that starts again."""
        before, self._last[place] = self._last[place], position - 2
        await self.publish(place, [_gift(position, "Changed")])
        self._last[place] = before

    async def consumed(self, engine: Engine) -> None:
        """Consume all that is there."""

        async def there() -> bool:
            reached = [(await engine.store.checkpoint(place)).next_offset for place in self.places]
            return reached == [self._offsets[place] for place in self.places]

        async with beside(Consumer(engine, self.log).run(self.places)):
            await until(there)

    @asynccontextmanager
    async def engine(self, donors: Projection[Donor, PayerAdded] = DONORS) -> AsyncIterator[Engine]:
        """Run the reader."""
        async with engine_over(self.service(donors), self.url) as engine:
            yield engine


def _gift(position: int, name: str) -> Envelope:
    return envelope_of(donated(f"D{position}", name), position=position, at=BEGAN_AT + timedelta(minutes=position))


@pytest.fixture
async def line(log: Log, prefix: str, database_server: DatabaseServer) -> Line:
    await log.ensure_topics([f"{prefix}.registration"], partitions=2, replicas=1)
    return Line(log, await fresh_database(database_server), prefix)


async def donors(engine: Engine, projection: Projection[Donor, PayerAdded] = DONORS) -> dict[str, str]:
    return {each.payer_id: each.name for each in (await engine.page(projection, "demo", page_size=500)).items}


async def parked(engine: Engine) -> list[str]:
    return [each.key for each in await engine.store.parked(None, rows_max=100)]


@BOTH
async def test_rebuilt_from_the_topics_up_to_the_checkpoints(line: Line) -> None:
    async with line.engine() as engine:
        await line.give(1, 30)
        await line.repeat(line.places[0], 4)
        await line.give(31, 40)
        await line.consumed(engine)
        before = await donors(engine)
        await line.give(41, 60)  # nobody has consumed these
        done = await replay(engine, line.log, DONORS, silent)
        after, found = await donors(engine), await compare(engine, line.log, DONORS, silent)
        await line.consumed(engine)
        later = await donors(engine)

    assert len(before) == 40
    assert set(before.values()) == {"Example"}
    assert after == before
    assert (done.events, done.rows, done.table) == (40, 40, "rm_donors_v1_g2")
    assert (found.differences, found.events, found.rows) == (0, 40, 40)
    assert len(later) == 60


@POSTGRES
async def test_comparison_finds_what_differs(line: Line) -> None:
    async with line.engine() as engine:
        await line.give(1, 20)
        await line.consumed(engine)
        connection = await asyncpg.connect(line.url)
        await connection.execute("delete from rm_donors_v1 where key = 'D7'")
        await connection.close()
        found = await compare(engine, line.log, DONORS, silent)

    assert (found.differences, found.first_difference) == (1, "demo/D7")


@POSTGRES
async def test_parked_and_discarded_records_are_left_out(line: Line) -> None:
    async with line.engine() as engine:
        await line.give(1, 20, D3="poison", D8="poison")
        await line.consumed(engine)
        (row,) = await engine.store.parked("demo", key="D8", rows_max=9)
        await discard(engine, row, reason="test-record", by=CLERK)
        waiting = await parked(engine)
        await replay(engine, line.log, MENDED, silent)
        rows, found = await donors(engine), await compare(engine, line.log, MENDED, silent)

    assert waiting == ["D3"]
    assert set(rows) == {f"D{n}" for n in range(1, 21)} - {"D3", "D8"}
    assert (found.differences, found.parked) == (0, 1)


class Interrupted(Exception):
    """Somebody pressed a key."""


def interrupt(_what: str, _done: int, _total: int) -> None:
    raise Interrupted


@POSTGRES
async def test_record_that_is_released_meanwhile_begins_the_rebuild_again(line: Line) -> None:
    async with line.engine(MENDED) as engine:
        await line.give(1, 30, D2="poison")
        async with line.engine() as poisoned:
            await line.consumed(poisoned)
        waiting = await parked(engine)
        with pytest.raises(Interrupted):
            await replay(engine, line.log, MENDED, interrupt)
        left = await engine.store.parked(None, rows_max=9)
        await release(engine, line.log, "demo", "D2", by=CLERK)
        done = await replay(engine, line.log, MENDED, silent)
        rows, found = await donors(engine, MENDED), await compare(engine, line.log, MENDED, silent)

    assert waiting == ["D2"]
    assert len(left) == 1
    assert rows["D2"] == "poison"
    assert (done.events, done.rows, found.differences) == (30, 30, 0)


@POSTGRES
async def test_read_model_that_is_new_to_a_store_with_a_past_is_filled_by_a_replay(line: Line) -> None:
    newer = replace(DONORS, version=2)
    async with line.engine() as engine:
        await line.give(1, 20)
        await line.consumed(engine)
    with pytest.raises(ReadModelUnfilled, match="claimlog replay --service lending"):
        async with line.engine(newer):
            pass
    service = line.service(newer)
    wiring = Wiring(service)
    async with PostgresStore.open(line.url, service.projections, name="lending", unfilled=True) as store:
        vault = Vault(wiring.registry, LocalKms(bytes(32)), MemoryKeyStore())
        done = await replay(Engine(wiring, store, vault), line.log, newer, silent)
    async with line.engine(newer) as engine:
        await line.give(21, 24)
        await line.consumed(engine)
        rows, found = await donors(engine, newer), await compare(engine, line.log, newer, silent)

    assert (done.rows, done.table) == (20, "rm_donors_v2_g2")
    assert len(rows) == 24
    assert found.differences == 0


@POSTGRES
async def test_as_it_was_at_a_moment_is_a_side_table(line: Line) -> None:
    async with line.engine() as engine:
        await line.give(1, 20)
        await line.consumed(engine)
        asked = Asked(as_of=BEGAN_AT + timedelta(minutes=12, seconds=30))
        done = await replay_aside(engine, line.log, DONORS, asked, silent)
        serving = await donors(engine)

    assert (done.rows, done.generation) == (12, None)
    assert done.table == "rm_donors_v1_at_20260303_144230_000000"
    assert len(serving) == 20
