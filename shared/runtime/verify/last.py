"""What the last proof of a store came to, kept with it for whoever looks later.

Owns: one row. Refuses: history, and counter-examples, which the command shows; who wants them asks it again.
"""

from collections.abc import Mapping
from typing import Any

import asyncpg

from shared.runtime import clock
from shared.runtime.postgres import connect, unavailable
from shared.runtime.verify.finding import Verified
from shared.runtime.verify.whole import EVERYTHING, Choice


async def keep(url: str, verified: Verified, choice: Choice) -> None:
    """Keep what a proof came to in the place of the one before. **Errors**: `StoreUnavailable`."""
    looked_at = "everything" if choice == EVERYTHING else "facts" if choice.quick else "part"
    connection = await connect(url)
    try:
        with unavailable("the store"):
            await connection.execute(
                "insert into verified (ended_at, looked_at, position, seconds, broken, unchecked)"
                " values ($1, $2, $3, $4, $5, $6) on conflict (one) do update set ended_at = excluded.ended_at,"
                " looked_at = excluded.looked_at, position = excluded.position, seconds = excluded.seconds,"
                " broken = excluded.broken, unchecked = excluded.unchecked",
                clock.now(),
                looked_at,
                verified.position,
                verified.seconds,
                [each.name for each in verified.invariants if each.holds is False],
                [each.name for each in verified.invariants if each.holds is None],
            )
    finally:
        await connection.close(timeout=2)


async def last(connection: asyncpg.Connection) -> Mapping[str, Any] | None:
    """Return what the last proof came to; None where nobody asked for one."""
    row = await connection.fetchrow("select ended_at, looked_at, position, seconds, broken, unchecked from verified")
    return dict(row) if row else None
