"""The clearinghouse over HTTP: which failures leave it open whether a file arrived, and which do not.

Owns: that distinction, and the connection. Refuses: what files mean (`effects.py` of a service). Its twin is
`apps/simulator`.
"""

from datetime import datetime
from functools import cached_property, partial
from http import HTTPStatus
from typing import Final

import httpx
from msgspec import MsgspecError

from shared.clients.clearinghouse import Clearinghouse
from shared.runtime.clearinghouse.port import Content, Leavings, NotSent, OutcomeUnknown, Parcel, SendRefused, Standing
from shared.runtime.mailbox import FileRefused, Listing, MailboxFile

_REFUSALS: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
"""Answers that speak of the file. Every other 4xx speaks of us or of the hour: a token, a path, too many requests."""
_UNFETCHABLE: Final = frozenset(
    {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
)
"""Answers that speak of one file of a mailbox that was listed: the others are read."""
_NEVER_LEFT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class HttpClearinghouse:
    """A clearinghouse at an address."""

    channel: Final = "http"
    prepares: Final = False

    def __init__(self, url: str, *, timeout_seconds: int, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._at = partial(Clearinghouse.at, url, timeout_seconds=timeout_seconds, transport=transport)

    @cached_property
    def _clearinghouse(self) -> Clearinghouse:
        return self._at()  # reads whom to trust, which takes a while, and an operator's command asks nothing

    async def prepare(self, parcel: Parcel, content: Content) -> None:  # noqa: ARG002 (the port's)
        """Return that nothing is to be prepared: the key is all that a repeat needs."""
        return

    async def send(self, parcel: Parcel, content: Content) -> str:
        """Return the receipt of a file. **Errors**: `NotSent`, `OutcomeUnknown`, `SendRefused`."""
        given = await content()
        try:
            return await self._clearinghouse.send(parcel.key, given)
        except _NEVER_LEFT:
            raise NotSent("the clearinghouse cannot be reached") from None
        except httpx.HTTPStatusError as error:
            if error.response.status_code in _REFUSALS:
                raise SendRefused("the clearinghouse does not take the file") from None
            if error.response.is_client_error:
                raise NotSent("the clearinghouse does not listen to us now") from None
            raise OutcomeUnknown("the clearinghouse has a fault") from None
        except (httpx.HTTPError, MsgspecError):
            raise OutcomeUnknown("the clearinghouse did not answer") from None

    async def probe(self, parcel: Parcel) -> str | Standing:
        """Return the receipt of a key, or that nothing came under it. **Errors**: `OutcomeUnknown`."""
        try:
            return await self._clearinghouse.probe(parcel.key) or Standing.ABSENT
        except (httpx.HTTPError, MsgspecError):
            raise OutcomeUnknown("the clearinghouse did not answer") from None

    async def list(self, after: str | None) -> Listing:
        """Return what lies behind a cursor. **Errors**: `NotSent`."""
        try:
            page = await self._clearinghouse.list(after)
        except (httpx.HTTPError, MsgspecError):
            raise NotSent("the mailbox does not answer") from None
        files = tuple(
            MailboxFile(remote_id=entry.id, file_name=entry.name, size_bytes=entry.size) for entry in page.files
        )
        return Listing(files=files, next=page.next)

    async def fetch(self, remote_id: str) -> bytes:
        """Return the bytes of a file. **Errors**: `NotSent`, `FileRefused`."""
        try:
            return await self._clearinghouse.fetch(remote_id)
        except httpx.HTTPStatusError as error:
            if error.response.status_code in _UNFETCHABLE:
                raise FileRefused("the mailbox does not hand out the file") from None
            raise NotSent("the mailbox does not answer") from None
        except httpx.HTTPError:
            raise NotSent("the mailbox does not answer") from None

    async def leavings(self, before: datetime) -> Leavings:  # noqa: ARG002 (the port's)
        """Return nothing: what lies in a mailbox behind HTTP is cleared by its owner."""
        return Leavings()

    async def remove(self, leavings: Leavings) -> None:
        """Remove nothing."""

    async def close(self) -> None:
        """Close the connections."""
        if "_clearinghouse" in vars(self):
            await self._clearinghouse.http.aclose()
