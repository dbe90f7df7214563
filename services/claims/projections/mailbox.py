"""Up to where the mailbox was read: the next look begins there, not at the beginning of time.

The cursor is the one that the last file's listing began with, or that it ended with where the file was the last of it
and all others were seen: nothing before it is left. Of what lies behind it nothing is assumed: `received_files` knows
each file.
"""

from typing import Final

from msgspec import Struct

from services.claims.domain.inbound import MailboxFileSeen
from shared.kernel.projection import Projection

KEY: Final = "cursor"


class Mailbox(Struct, frozen=True, kw_only=True):
    """The one row."""

    cursor: str | None


def keys(_: MailboxFileSeen) -> tuple[str, ...]:
    """Return the one row."""
    return (KEY,)


def apply(_: Mailbox | None, event: MailboxFileSeen) -> Mailbox:
    """Return up to where the mailbox was read."""
    return Mailbox(cursor=event.cursor)


MAILBOX: Final[Projection[Mailbox, MailboxFileSeen]] = Projection(
    name="mailbox", version=1, source="own", row=Mailbox, events=(MailboxFileSeen,), keys=keys, apply=apply
)
