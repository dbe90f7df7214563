"""A store put back to an earlier state, as a copy of its disk would: all tables as they were in one snapshot."""

import asyncpg

_TABLES = "select tablename from pg_tables where schemaname = 'public' order by 1"


async def save(url: str) -> None:
    """Copy all tables in one snapshot; nobody has to stand still for it."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read"):
            await connection.execute("drop schema if exists saved cascade")
            await connection.execute("create schema saved")
            for (table,) in await connection.fetch(_TABLES):
                await connection.execute(f'create table saved."{table}" as table public."{table}"')
    finally:
        await connection.close()


async def put_back(url: str) -> int:
    """Make all tables what they were; return the position of the store."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("select 1 from store_head for update")
            for (table,) in await connection.fetch(_TABLES):
                await connection.execute(f'delete from public."{table}"')  # noqa: S608 (tables of ours)
                await connection.execute(f'insert into public."{table}" select * from saved."{table}"')  # noqa: S608
            return int(await connection.fetchval("select position from store_head"))
    finally:
        await connection.close()
