"""Which files of the mailbox were seen: each is fetched once, whosever it is."""

from datetime import datetime
from typing import Final

from msgspec import Struct

from services.claims.domain.inbound import MailboxFileSeen
from shared.kernel.projection import Projection


class ReceivedFile(Struct, frozen=True, kw_only=True):
    """One row, keyed by id in the mailbox. **Shape**: `kind` acknowledgment, not-ours, unreadable (`error_slug`)."""

    remote_id: str
    file_name: str
    file_sha256: str
    size_bytes: int
    kind: str
    error_slug: str | None
    seen_at: datetime


def keys(event: MailboxFileSeen) -> tuple[str, ...]:
    """Return the file's id in the mailbox."""
    return (event.remote_id,)


def apply(_: ReceivedFile | None, event: MailboxFileSeen) -> ReceivedFile:
    """Return what is known of the file."""
    return ReceivedFile(
        remote_id=event.remote_id,
        file_name=event.file_name,
        file_sha256=event.file_sha256,
        size_bytes=event.size_bytes,
        kind=event.kind,
        error_slug=event.error_slug,
        seen_at=event.seen_at,
    )


RECEIVED_FILES: Final[Projection[ReceivedFile, MailboxFileSeen]] = Projection(
    name="received_files",
    version=1,
    source="own",
    row=ReceivedFile,
    events=(MailboxFileSeen,),
    keys=keys,
    apply=apply,
    filters=("kind",),
)
