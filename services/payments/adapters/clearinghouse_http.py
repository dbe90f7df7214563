"""The clearinghouse's mailbox over HTTP.

Owns: the connection, and that every failure means "later". Refuses: what files mean (`effects.py`). `apps/simulator` is
its twin.
"""

import httpx
from msgspec import MsgspecError

from shared.clients.clearinghouse import Clearinghouse
from shared.kernel.errors import Unavailable
from shared.runtime.mailbox import Listing, MailboxFile


class MailboxUnavailable(Unavailable):
    """The mailbox does not answer, or not as it should; the next look tries again."""

    slug = "mailbox-unavailable"


class HttpMailbox:
    """A mailbox at an address."""

    def __init__(self, url: str, *, timeout_seconds: int, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._clearinghouse = Clearinghouse.at(url, timeout_seconds=timeout_seconds, transport=transport)

    async def list(self, after: str | None) -> Listing:
        """Return what lies behind a cursor. **Errors**: `MailboxUnavailable`."""
        try:
            page = await self._clearinghouse.list(after)
        except (httpx.HTTPError, MsgspecError):
            raise MailboxUnavailable("the mailbox does not answer") from None
        files = tuple(MailboxFile(remote_id=entry.id, file_name=entry.name) for entry in page.files)
        return Listing(files=files, next=page.next)

    async def fetch(self, remote_id: str) -> bytes:
        """Return the bytes of an entry. **Errors**: `MailboxUnavailable`."""
        try:
            return await self._clearinghouse.fetch(remote_id)
        except httpx.HTTPError:
            raise MailboxUnavailable("the mailbox does not answer") from None
