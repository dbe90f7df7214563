"""Clearing up: what lies in a clearinghouse's folders longer than an operator allows is removed, if nobody needs it.

Owns: when it is looked for. Nothing is removed unless a setting says after how many days. Refuses: to know what is
needed: the service says which of the old files it has read itself and keeps, and which of its uploads are delivered.
What it does not know stays for ever. As a timer it is held after a restore: until a person has looked, the copy that
lies there may be the only one.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from structlog import get_logger

from shared.runtime.clearinghouse.address import ClearinghouseSettings
from shared.runtime.clearinghouse.port import Clearinghouse, Leavings
from shared.runtime.effects import Outside, Round, Timer

Unneeded: TypeAlias = Callable[[Leavings, datetime, Outside], Awaitable[Leavings]]
"""What of some leavings nobody needs, and was dealt with before an instant."""

_LOG = get_logger("clearing")
EVERY_SECONDS: Final = 3_600


def clearing_up(clearinghouse: Clearinghouse, settings: ClearinghouseSettings, unneeded: Unneeded) -> tuple[Timer, ...]:
    """Return the timer that clears up, none where nothing is to be removed."""

    async def due(outside: Outside) -> AsyncIterator[Round]:
        before = outside.now() - timedelta(days=settings.clearinghouse_remove_after_days)
        found = await unneeded(await clearinghouse.leavings(before), before, outside)
        await clearinghouse.remove(found)
        if found != Leavings():
            _LOG.info("cleared-up", files=len(found.remote_ids), uploads=len(found.uploads))
        yield ()

    if not settings.clearinghouse_remove_after_days:
        return ()
    return (Timer(name="clear_up", every_seconds=EVERY_SECONDS, due=due),)
