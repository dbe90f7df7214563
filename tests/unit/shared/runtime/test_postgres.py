"""A database that is silent and one that answers with a trouble are told apart: each needs something else."""

import asyncpg
import pytest

from shared.runtime.postgres import unavailable
from shared.runtime.store import StoreUnavailable


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ConnectionRefusedError(), "is PostgreSQL running"),
        (asyncpg.AdminShutdownError("x"), "is PostgreSQL running"),
        (asyncpg.DiskFullError("x"), "no room left on its disk"),
        (asyncpg.TooManyConnectionsError("x"), "max_connections"),
        (asyncpg.InvalidCatalogNameError("x"), "make the database"),
        (asyncpg.ReadOnlySQLTransactionError("x"), "the primary"),
        (asyncpg.LockNotAvailableError("x"), "a lock was not free"),
        (asyncpg.QueryCanceledError("x"), "took too long"),
    ],
)
def test_trouble_of_a_database_says_what_to_do(error: Exception, says: str) -> None:
    with pytest.raises(StoreUnavailable, match=f"the store of claims .*{says}"), unavailable("the store of claims"):
        raise error
