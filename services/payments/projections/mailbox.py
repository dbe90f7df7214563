"""Which entries of the mailbox were dealt with, and where to list from next: fetching removes nothing there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.payments.domain.inbound_file import RemittanceFileSeen
from shared.kernel.projection import Projection

LATEST: Final = "latest"
"""Key of the row that says where to list from; entries have theirs in front of it."""


@dataclass(frozen=True, slots=True)
class MailboxEntry:
    """One row: an entry that was dealt with. **Shape**: keyed by remote id; `LATEST` has the one seen last."""

    remote_id: str
    file_sha256: str
    kind: str
    cursor: str | None
    seen_at: datetime


def entry_key(remote_id: str) -> str:
    """Return the key of an entry's row."""
    return f"entry/{remote_id}"


def keys(event: RemittanceFileSeen) -> tuple[str, ...]:
    """Return the row of the entry, and the one that the next listing starts from."""
    return (entry_key(event.remote_id), LATEST)


def apply(row: MailboxEntry | None, event: RemittanceFileSeen) -> MailboxEntry:
    """Return the entry that was seen last; for its own row that is itself, in whatever order facts come."""
    seen = MailboxEntry(event.remote_id, event.file_sha256, event.kind, event.cursor, event.seen_at)
    return max(row or seen, seen, key=lambda each: (each.seen_at, each.remote_id))


MAILBOX: Final[Projection[MailboxEntry, RemittanceFileSeen]] = Projection(
    name="mailbox",
    version=1,
    source="own",
    row=MailboxEntry,
    events=(RemittanceFileSeen,),
    keys=keys,
    apply=apply,
)
