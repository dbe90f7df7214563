"""A server is told once how it has to be, also one that lay there before anybody thought of it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from tests.support.folders import spacious


@pytest.fixture
def data() -> Iterator[Path]:
    """Yield where a server may lie, in a folder that the server's own user may enter."""
    with tempfile.TemporaryDirectory(prefix="claimlog-", dir=spacious()) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "postgres"


async def said(data: Path, *, connections: int = 0) -> tuple[str, str]:
    """Return what a server says of itself."""
    with DatabaseServer.running(data, connections=connections) as server:
        await server.create("any")
        connection = await asyncpg.connect(server.url("any"))
        try:
            return (
                await connection.fetchval("show wal_init_zero"),
                await connection.fetchval("show max_connections"),
            )
        finally:
            await connection.close()


async def test_a_server_is_told_once_and_again_where_it_is_asked_for_something_else(data: Path) -> None:
    first = await said(data, connections=123)
    told = (data / "postgresql.conf").read_text()
    again = await said(data, connections=123)

    assert first == again == ("off", "123")
    assert (data / "postgresql.conf").read_text() == told

    conf = data / "postgresql.conf"
    conf.write_text(told.replace("wal_init_zero = off\n", ""))  # as one of an earlier version

    assert await said(data, connections=45) == ("off", "45")
    assert await said(data) == ("off", "45")
