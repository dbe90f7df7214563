"""What a store asks its database, as it asks it."""

from typing import Any, Final

import asyncpg
import pytest

from shared.runtime import postgres, store_postgres

UNWAITED: Final = "set local synchronous_commit = off"
"""Before what nobody has to wait for the disk for."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what stores of the test ask over their writing connections, and over those of their own."""
    heard: list[str] = []

    async def listened(*arguments: Any, **settings: Any) -> asyncpg.Connection:  # noqa: ANN401 (handed on)
        connection = await postgres.connect(*arguments, **settings)
        connection.add_query_logger(lambda record: heard.append(record.query))
        return connection

    monkeypatch.setattr(store_postgres, "connect", listened)
    return heard
