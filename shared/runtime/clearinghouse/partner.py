"""The clearinghouse as one service deals with it, besides sending and reading: what may be removed, what is read again.

Owns: when it is cleared up: never unless a setting says after how many days, or an operator asks. Refuses: to know what
is needed: the service says which of the old files it has read itself and keeps, and which of its uploads are delivered.
What it does not know stays for ever. After a restore nothing is removed: until a person has looked, the copy that lies
there may be the only one.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from structlog import get_logger

from shared.runtime.clearinghouse.address import ClearinghouseSettings
from shared.runtime.clearinghouse.port import Clearinghouse, Leavings
from shared.runtime.effects import Outside, Round, Timer
from shared.runtime.mailbox import MailboxFile

Unneeded: TypeAlias = Callable[[Leavings, datetime, Outside], Awaitable[Leavings]]
"""What of some leavings nobody needs, and was dealt with before an instant."""
Withheld: TypeAlias = Callable[[Outside], Awaitable[Sequence[MailboxFile]]]
"""Files that could not be had when they were listed."""
Reads: TypeAlias = Callable[[MailboxFile, bytes, Outside], AsyncIterator[Round]]
"""What such a file becomes, once its bytes are there."""

_LOG = get_logger("clearing")
EVERY_SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """What one service does with its clearinghouse besides sending and reading."""

    clearinghouse: Clearinghouse
    unneeded: Unneeded
    withheld: Withheld
    reading: Reads

    async def clear(self, outside: Outside, *, older_than: timedelta, dry_run: bool = False) -> Leavings:
        """Remove what nobody needs any more, and return it; of a dry run what would be. **Errors**: `NotSent`."""
        before = outside.now() - older_than
        found = await self.unneeded(await self.clearinghouse.leavings(before), before, outside)
        if not dry_run and found != Leavings():
            await self.clearinghouse.remove(found)
            _LOG.info("cleared-up", files=len(found.remote_ids), uploads=len(found.uploads))
        return found

    def clearing_up(self, settings: ClearinghouseSettings) -> tuple[Timer, ...]:
        """Return the timer that clears up, none where nothing is to be removed unasked."""
        older_than = timedelta(days=settings.clearinghouse_remove_after_days)

        async def due(outside: Outside) -> AsyncIterator[Round]:
            await self.clear(outside, older_than=older_than)
            yield ()

        return (Timer(name="clear_up", every_seconds=EVERY_SECONDS, due=due),) if older_than else ()
