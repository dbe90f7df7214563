"""Questions go through the index that is made for them, whatever the server believes about a table."""

import json
from collections.abc import AsyncIterator

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.runtime.postgres import BY_KEY
from shared.runtime.read_models import Asked, counts_statement, page_statement, rows_of_tables
from shared.runtime.store import table_name
from tests.support.databases import fresh_database
from tests.support.engines import engine_over
from tests.support.lending import SHELVES, lending

TABLE = table_name(SHELVES)


@pytest.fixture
async def connection(database_server: DatabaseServer) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection as a flush has one, to a store with empty tables."""
    url = await fresh_database(database_server)
    async with engine_over(lending(), url):
        pass
    connection = await asyncpg.connect(url, server_settings=BY_KEY)
    try:
        yield connection
    finally:
        await connection.close()


async def filled(connection: asyncpg.Connection, rows: int, *, away: str) -> None:
    """Put rows into the table and let the server look at them."""
    await connection.execute(
        f"insert into {TABLE} (tenant_id, key, doc, away, times, pages)"  # noqa: S608 (names of ours)
        f" select 'demo', 'C-' || n, '{{}}', {away}, 1, 1 from generate_series(1, {rows}) as n"
    )
    await connection.execute(f"vacuum analyze {TABLE}")


async def indexes_of(connection: asyncpg.Connection, question: str, types: str) -> set[str]:
    """Return the indexes that a prepared question goes through, and `everything` where it looks at all rows."""
    await connection.execute(f"prepare asked ({types}) as {question}")
    nulls = ", ".join("null" for _ in types.split(","))
    (plan,) = json.loads(await connection.fetchval(f"explain (format json) execute asked ({nulls})"))
    found: set[str] = set()
    nodes = [plan["Plan"]]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", ())
        if node.get("Relation Name") == TABLE or "Index Name" in node:
            found.add(node["Index Name"] if "Index Cond" in node else "everything")
    return found


@pytest.mark.parametrize("rows", [0, 1, 100, 1_000])
async def test_rows_are_found_by_their_keys_while_a_table_is_young(connection: asyncpg.Connection, rows: int) -> None:
    await filled(connection, rows, away="true")

    assert await indexes_of(connection, rows_of_tables((TABLE,)), "text[], text[]") == {f"{TABLE}_pkey"}


async def test_rows_are_found_by_their_keys_after_a_table_was_empty(connection: asyncpg.Connection) -> None:
    await filled(connection, 1_000, away="true")
    await connection.execute(f"delete from {TABLE}")  # noqa: S608 (a name of ours)
    await filled(connection, 0, away="true")

    assert await indexes_of(connection, rows_of_tables((TABLE,)), "text[], text[]") == {f"{TABLE}_pkey"}


async def test_a_page_of_a_filter_goes_through_its_index(connection: asyncpg.Connection) -> None:
    await filled(connection, 1_000, away="n % 50 = 0")
    page = page_statement(SHELVES, TABLE, Asked(("away",)), after=True)

    assert f"{TABLE}_away" in await indexes_of(connection, page, "text, boolean, text, bigint")


async def test_the_values_of_a_filter_are_counted_without_rows(connection: asyncpg.Connection) -> None:
    await filled(connection, 1_000, away="n % 50 = 0")
    counts = counts_statement(SHELVES, TABLE, "away", Asked())

    assert f"{TABLE}_away" in await indexes_of(connection, counts, "text")
