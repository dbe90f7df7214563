"""PostgreSQL as every adapter here uses it: connections with time limits, schema files, errors turned into ours.

Owns: `connect`, `pool`, `end`, `apply_schema`, `unavailable`, `storable`. Refuses: queries; they stand with the tables
that they ask.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from zlib import crc32

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from shared.runtime.store import StoreUnavailable, UnstorableValue

SCHEMA: Final = Path(__file__).parent / "schema"
CONNECT_SECONDS_MAX: Final = 10
END_SECONDS_MAX: Final = 2
ANSWER_SECONDS_MAX: Final = 75  # over `statement_timeout`: only a server that is silent, not one that is slow
SESSION: Final = {
    "application_name": "claimlog",
    "idle_in_transaction_session_timeout": "10s",  # a paused process must not hold the lock of a store
    "lock_timeout": "30s",
    "statement_timeout": "60s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "jit": "off",  # short statements: compiling costs more than it gains
}
QUESTIONS: Final = {
    # What a page asks takes some milliseconds; starting processes that help with it takes more, most of all under load.
    "max_parallel_workers_per_gather": "0",
}
BY_KEY: Final = {
    # Questions of a flush name keys and go through an index. Statistics that lag behind a growing table, or that a plan
    # was made without, lead to a scan of the whole table instead: 60 µs a key where 2 do.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",  # the plan is the same for all values; making it costs more than running
}
LONG_SECONDS_MAX: Final = 3_600
AT_LENGTH: Final = {
    # An operator's work on whole tables: an index, a comparison. Nobody waits for a lock that it holds meanwhile.
    "statement_timeout": f"{LONG_SECONDS_MAX}s",
    "idle_in_transaction_session_timeout": "60s",
    "work_mem": "64MB",
    "maintenance_work_mem": "128MB",
    "temp_buffers": "64MB",
    "max_parallel_maintenance_workers": "0",  # an index on one core: the others are for those who serve meanwhile
}
_STATEMENTS_MAX: Final = 500  # kept prepared: a flush has one for each set of read models that it asks
CONNECTION_ERRORS: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg says to a question just as the server's farewell comes in
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InsufficientResourcesError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InvalidCatalogNameError,
)
_SILENT: Final = "does not answer; is PostgreSQL running, and is its address right?"
_TROUBLES: Final[Mapping[type[Exception], str]] = {
    asyncpg.DiskFullError: "has no room left on its disk; make some, then try again",
    asyncpg.TooManyConnectionsError: "takes no more connections; raise max_connections, or run fewer processes",
    asyncpg.InvalidCatalogNameError: "is not there; make the database, or mend its name in the address",
    asyncpg.ReadOnlySQLTransactionError: "only reads, as a standby does; take the address of the primary",
    asyncpg.LockNotAvailableError: "is busy: a lock was not free in time; try again",
    asyncpg.QueryCanceledError: "is busy: a statement took too long; try again",
}
"""What a database that does answer says is wrong, by its error."""
DATA_ERRORS: Final = (
    asyncpg.DataError,
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.UntranslatableCharacterError,
    asyncpg.ProgramLimitExceededError,  # a text that no index takes
)


@contextmanager
def unavailable(what: str) -> Iterator[None]:
    """Turn a database that does not answer into `StoreUnavailable`, which says what to look at."""
    try:
        yield
    except CONNECTION_ERRORS as error:
        said = next((said for kind, said in _TROUBLES.items() if isinstance(error, kind)), _SILENT)
        raise StoreUnavailable(f"{what} {said}") from error


@contextmanager
def storable() -> Iterator[None]:
    """Turn a value that the database refuses into `UnstorableValue`."""
    try:
        yield
    except DATA_ERRORS as error:
        raise UnstorableValue("the database refuses a value") from error


async def connect(
    url: str, settings: Mapping[str, str] | None = None, *, answer_seconds_max: float = ANSWER_SECONDS_MAX
) -> asyncpg.Connection:
    """Return a connection of one's own. **Errors**: `StoreUnavailable`."""
    with unavailable("the database"):
        return await asyncpg.connect(
            url,
            timeout=CONNECT_SECONDS_MAX,
            command_timeout=answer_seconds_max,
            statement_cache_size=_STATEMENTS_MAX,
            max_cached_statement_lifetime=0,  # a process that is paused while it prepares one keeps its session's locks
            server_settings={**SESSION, **(settings or {})},
        )


class _Asking(asyncpg.Connection):
    """A connection for questions. Nothing that is asked over it leaves anything to be put back."""

    def get_reset_query(self) -> str:
        """Return nothing: the usual statements are one more round trip for every question."""
        return ""


async def pool(url: str, *, size_max: int) -> asyncpg.Pool:
    """Return a pool for questions. **Errors**: `StoreUnavailable`."""
    with unavailable("the database"):
        return await asyncpg.create_pool(
            url,
            connection_class=_Asking,
            min_size=0,
            max_size=size_max,
            timeout=CONNECT_SECONDS_MAX,
            command_timeout=ANSWER_SECONDS_MAX,
            server_settings={**SESSION, **QUESTIONS},
        )


async def end(connections: asyncpg.Pool) -> None:
    """Close a pool. A connection over which nothing is heard any more holds up nobody: then all are dropped."""
    with suppress(*CONNECTION_ERRORS):
        async with asyncio.timeout(END_SECONDS_MAX):
            await connections.close()


async def apply_schema(connection: "asyncpg.Connection | PoolConnectionProxy", *statements: str) -> None:
    """Run definitions that say `if not exists`; processes that start together take turns."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", crc32(b"claimlog schema"))
        for statement in statements:
            await connection.execute(statement)
