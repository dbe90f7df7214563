"""A comparison finds each row that is not what its facts say, also while others write, and shows no values."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor
from shared.runtime.comparing import Comparison, NotComparable, compare
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.keys import MemoryKeyStore
from shared.runtime.progress import silent
from shared.runtime.rebuild import replay
from tests.support.databases import fresh_database
from tests.support.engines import engine_over
from tests.support.lending import CARD_ROWS, SHELVES, Card, Issue, Lend, Return, lending

CLERK = Actor(kind="human", id="clerk-1")


def small() -> Service:
    return replace(lending(replay_chunk_max=10), projections=(SHELVES, CARD_ROWS))


@pytest.fixture
async def url(database_server: DatabaseServer) -> str:
    return await fresh_database(database_server)


@pytest.fixture
def keys() -> MemoryKeyStore:
    return MemoryKeyStore()


@pytest.fixture
async def engine(url: str, keys: MemoryKeyStore) -> AsyncIterator[Engine]:
    async with engine_over(small(), url, keys=keys) as running:
        await asyncio.gather(*(running.handle("demo", CLERK, Lend(copy_id=f"C-{n:02}")) for n in range(25)))
        yield running


async def compared(engine: Engine) -> Comparison:
    return await compare(engine, None, SHELVES, silent)


@pytest.mark.parametrize(
    ("damage", "first"),
    [
        ("update rm_shelves_v1 set doc = jsonb_set(doc::jsonb, '{times}', '9') where key = 'C-07'", "demo/C-07"),
        ("update rm_shelves_v1 set times = 9 where key = 'C-08'", "demo/C-08"),
        ("delete from rm_shelves_v1 where key = 'C-09'", "demo/C-09"),
        ("insert into rm_shelves_v1 select tenant_id, 'C-99', doc from rm_shelves_v1 where key = 'C-01'", "demo/C-99"),
    ],
)
async def test_finds_a_changed_a_missing_and_an_extra_row(engine: Engine, url: str, damage: str, first: str) -> None:
    whole = await compared(engine)
    connection = await asyncpg.connect(url)
    await connection.execute(damage)
    await connection.close()
    found = await compared(engine)

    assert (whole.differences, whole.first_difference, whole.rows, whole.events) == (0, None, 25, 25)
    assert (found.differences, found.first_difference) == (1, first)


async def test_a_field_that_a_document_leaves_out_is_no_difference_where_it_has_its_default(
    engine: Engine, url: str
) -> None:
    await engine.handle("demo", CLERK, Return(copy_id="C-07"))  # nobody counts its pages then
    connection = await asyncpg.connect(url)
    await connection.execute("update rm_shelves_v1 set doc = doc::jsonb - 'pages' where key = 'C-07'")
    default = await compared(engine)
    await connection.execute("update rm_shelves_v1 set doc = doc::jsonb - 'pages' where key = 'C-08'")
    other = await compared(engine)
    await connection.execute("update rm_shelves_v1 set doc = '{}' where key = 'C-09'")
    unreadable = await compared(engine)
    await connection.execute("update rm_shelves_v1 set doc = jsonb_set(doc::jsonb, '{more}', '1') where key = 'C-10'")
    unknown = await compared(engine)
    await connection.close()

    assert (default.differences, default.rows) == (0, 25)
    assert (other.differences, other.first_difference) == (1, "demo/C-08")
    assert unreadable.differences == 2
    assert unknown.differences == 3


@pytest.mark.usefixtures("engine")
async def test_documents_of_an_earlier_release_are_read_beside_those_of_today(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("alter table rm_shelves_v1 alter doc type jsonb using doc::jsonb")
    await connection.close()
    async with engine_over(small(), url) as later:
        await later.handle("demo", CLERK, Return(copy_id="C-01"), Issue(reader_id="R-01", name="Reader 1"))
        await later.handle("demo", CLERK, Lend(copy_id="C-01"), Issue(reader_id="R-02", name="Reader 2"))
        shelf = await later.row(SHELVES, "demo", "C-01")
        before = await compared(later)
        await replay(later, None, SHELVES, silent)
        after = await compared(later)

    assert shelf is not None
    assert shelf.times == 2
    assert (before.differences, after.differences, after.rows) == (0, 0, 25)


async def test_writing_meanwhile_makes_no_difference(engine: Engine) -> None:
    async def write() -> int:
        n = 0
        while not comparing.done():
            await engine.handle("demo", CLERK, Lend(copy_id=f"D-{n}"))
            n += 1
        return n

    comparing = asyncio.gather(*(compared(engine) for _ in range(3)))
    written = await write()
    found = await comparing

    assert written > 0
    assert [each.differences for each in found] == [0, 0, 0]


async def test_what_takes_too_long_is_not_compared(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.runtime.comparing.SNAPSHOT_SECONDS_MAX", 0)

    with pytest.raises(NotComparable, match="shelves was not compared in 0 s"):
        await compared(engine)


async def test_leaves_nothing_behind(engine: Engine, url: str) -> None:
    await compared(engine)
    connection = await asyncpg.connect(url)
    tables = await connection.fetch("select 1 from pg_class where relname like '%compared%'")
    await connection.close()

    assert tables == []


async def test_sealed_fields_are_folded_in_the_clear_and_erased_where_the_key_is_gone(
    engine: Engine, url: str, keys: MemoryKeyStore
) -> None:
    for n in range(12):
        await engine.handle("demo", CLERK, Issue(reader_id=f"R-{n:02}", name=f"Reader {n}"))
    whole = await compare(engine, None, CARD_ROWS, silent)
    await keys.destroy("demo", "R-03")
    async with engine_over(small(), url, keys=keys) as later:  # a process that has no key in its memory
        stale = await compare(later, None, CARD_ROWS, silent)
        await replay(later, None, CARD_ROWS, silent)
        mended = await compare(later, None, CARD_ROWS, silent)
        rows = (await later.page(CARD_ROWS, "demo")).items

    assert (whole.differences, whole.events) == (0, 12)
    assert (stale.differences, stale.first_difference) == (1, "demo/R-03")
    assert mended.differences == 0
    assert rows[3:5] == (Card("R-03", None), Card("R-04", "Reader 4"))
