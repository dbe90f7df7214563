"""Questions go through the index that is made for them, whatever the server believes about a table."""

import json
from collections.abc import AsyncIterator

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.runtime.postgres import BY_KEY, QUESTIONS
from shared.runtime.read_models import Asked, counts_statement, ordered_statement, page_statement, rows_of_tables
from shared.runtime.store import Order, table_name
from shared.runtime.store_postgres_standing import SHOWN
from tests.support.databases import fresh_database
from tests.support.engines import engine_over
from tests.support.lending import SHELVES, lending

TABLE = table_name(SHELVES)


@pytest.fixture
async def url(database_server: DatabaseServer) -> str:
    """Return a store with empty tables."""
    made = await fresh_database(database_server)
    async with engine_over(lending(), made):
        pass
    return made


@pytest.fixture
async def flushing(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection as a flush has one."""
    connection = await asyncpg.connect(url, server_settings=BY_KEY)
    yield connection
    await connection.close()


@pytest.fixture
async def asking(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection as pages and counts have one, to a table where a filter tells a row in fifty."""
    connection = await asyncpg.connect(url, server_settings=QUESTIONS)
    await filled(connection, 5_000, away="n % 50 = 0")
    yield connection
    await connection.close()


async def filled(connection: asyncpg.Connection, rows: int, *, away: str) -> None:
    """Put rows into the table and let the server look at them."""
    await connection.execute(
        f"insert into {TABLE} (tenant_id, key, doc, away, times, pages)"  # noqa: S608 (names of ours)
        f" select 'demo', 'C-' || n, repeat('x', 500), {away}, n, 1 from generate_series(1, {rows}) as n"
    )
    await connection.execute(f"vacuum analyze {TABLE}")


async def ways(connection: asyncpg.Connection, question: str, types: str, values: str, table: str = TABLE) -> set[str]:
    """Return the kind of each look into a table, and the index that it goes through; `everything` without limits."""
    await connection.execute(f"prepare asked ({types}) as {question}")
    (plan,) = json.loads(await connection.fetchval(f"explain (format json) execute asked ({values})"))
    found: set[str] = set()
    nodes = [plan["Plan"]]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", ())
        index = node.get("Index Name", "")
        if index.startswith(table) or (node.get("Relation Name") == table and node["Node Type"] != "Bitmap Heap Scan"):
            found.add(f"{node['Node Type']} {index.removeprefix(table) if 'Index Cond' in node else 'everything'}")
    return found


@pytest.mark.parametrize("rows", [0, 1, 100, 1_000])
async def test_rows_are_found_by_their_keys_while_a_table_is_young(flushing: asyncpg.Connection, rows: int) -> None:
    await filled(flushing, rows, away="true")

    assert await by_keys(flushing) == {"Index Scan _pkey"}


async def test_rows_are_found_by_their_keys_after_a_table_was_empty(flushing: asyncpg.Connection) -> None:
    await filled(flushing, 1_000, away="true")
    await flushing.execute(f"delete from {TABLE}")  # noqa: S608 (a name of ours)
    await filled(flushing, 0, away="true")

    assert await by_keys(flushing) == {"Index Scan _pkey"}


@pytest.mark.parametrize(("facts", "streams"), [(0, 1), (50, 1), (50, 50), (5_000, 3), (5_000, 5_000)])
async def test_facts_are_found_by_ids_and_streams_while_a_store_is_young(
    flushing: asyncpg.Connection, facts: int, streams: int
) -> None:
    await flushing.execute(
        "insert into events"
        " select n, 'demo', 'copy-' || n % $2, n, gen_random_uuid(), 'CopyLent', 1, 'C-' || n, true, now(), now(),"
        " 'human', 'clerk', 'c', null, n, n, '[]', '', '' from generate_series(1, $1::int) as n",
        facts,
        streams,
    )
    if facts:  # the server looks at a table of its own accord once it has grown by fifty rows
        await flushing.execute("vacuum analyze events")
    types = "text[], int[], text[], text[], uuid[], text[], text[], text[], text[], text[]"
    found = await ways(flushing, SHOWN, types, ", ".join(["'{}'"] * 10), "events")

    assert {each.split()[-1] for each in found} == {"_tenant_id_stream_version_key", "_event_id_key"}


async def by_keys(connection: asyncpg.Connection) -> set[str]:
    return await ways(connection, rows_of_tables((TABLE,)), "text[], text[]", "'{}', '{}'")


async def test_a_page_of_a_filter_goes_through_its_index(asking: asyncpg.Connection) -> None:
    page = page_statement(SHELVES, TABLE, Asked(("away",)), after=True)

    assert all(
        "_away" in way for way in await ways(asking, page, "text, boolean, text, bigint", "'demo', true, 'C-1', 50")
    )


async def test_a_page_in_the_order_of_a_filter_goes_through_its_index(asking: asyncpg.Connection) -> None:
    page = ordered_statement(SHELVES, TABLE, Order("times", descending=False), Asked(), begins="first")

    assert await ways(asking, page, "text, bigint", "'demo', 50") == {"Index Scan _times"}


async def test_the_values_of_a_filter_are_counted_without_rows(asking: asyncpg.Connection) -> None:
    counts = counts_statement(SHELVES, TABLE, "away", Asked())

    assert await ways(asking, counts, "text", "'demo'") == {"Index Only Scan _away"}
