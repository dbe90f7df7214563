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
_SILENT: Final = (
    # Who waits before us is active, and waits for a lock, not for its client.
    " from pg_stat_activity where pid = any(pg_blocking_pids($1))"
    " and (state <> 'active' or wait_event_type = 'Client')"
    " and state_change < clock_timestamp() - make_interval(secs => $2)"
)
_SILENT_HOLDERS: Final = f"select pid{_SILENT}"
_END_SILENT_HOLDERS: Final = f"select pg_terminate_backend(pid) as ended{_SILENT} and pid = any($3)"


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
                    ended = await _end_silent_holders(other, connection.get_server_pid())
                if ended:
                    _LOG.warning("lock-holder-ended", lock=of, count=ended)
    finally:
        if not locking.done():
            await call_off(locking)
    return locking.result()


async def _end_silent_holders(connection: PoolConnectionProxy, waiting_pid: int) -> int:
    """Return how many holders were ended: those who were silent in two looks.

    One look reads a session's state first and what it waits for later: whoever was given the lock in between
    appears as silent for as long as it waited. In the next look it has just begun to be silent.
    """
    silent = await connection.fetch(_SILENT_HOLDERS, waiting_pid, _WAITED_SECONDS_MAX / 2)
    if not silent:
        return 0
    pids = [each["pid"] for each in silent]
    return len(await connection.fetch(_END_SILENT_HOLDERS, waiting_pid, _WAITED_SECONDS_MAX / 2, pids))
