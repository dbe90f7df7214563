"""A lock whose holder fell silent: a stopped process must not hold up the others for as long as it is stopped.

Owns: `granted`. PostgreSQL ends a session that is idle in its transaction (`postgres.SESSION`), and none that was
stopped between two halves of one question: it counts as active, and runs no statement that a time limit ends.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from structlog import get_logger

from shared.runtime.calling_off import call_off

Answer = TypeVar("Answer")

_LOG = get_logger("lock")
_WAITED_SECONDS_MAX: Final = 10
_HELPER_SECONDS_MAX: Final = 2
_END_SILENT_HOLDERS: Final = (
    # Who waits before us, or has just been given what it waited for, is active, and has been silent for less.
    "select pg_terminate_backend(pid) as ended from pg_stat_activity"
    " where pid = any(pg_blocking_pids($1)) and (state <> 'active' or wait_event_type = 'Client')"
    " and state_change < clock_timestamp() - make_interval(secs => $2)"
)


async def granted(
    asked: Coroutine[Any, Any, Answer],
    connection: "asyncpg.Connection | PoolConnectionProxy",
    others: asyncpg.Pool,
    *,
    of: str,
) -> Answer:
    """Return the answer to a question that waits for a lock, asked over a connection.

    Whoever holds the lock, and was silent for 5 s of the 10 that it is waited for, is ended over one of the `others`;
    where all of them are busy, 10 s later. `of` names the lock in the log.
    """
    locking = asyncio.ensure_future(asked)
    try:
        while not (await asyncio.wait([locking], timeout=_WAITED_SECONDS_MAX))[0]:
            with suppress(TimeoutError):
                async with others.acquire(timeout=_HELPER_SECONDS_MAX) as other:
                    ended = await other.fetch(_END_SILENT_HOLDERS, connection.get_server_pid(), _WAITED_SECONDS_MAX / 2)
                if ended:
                    _LOG.warning("lock-holder-ended", lock=of, count=len(ended))
    finally:
        if not locking.done():
            await call_off(locking)
    return locking.result()
