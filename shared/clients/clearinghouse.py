"""Speaking to the clearinghouse: hand in interchanges under a key, ask what became of a key, look into the mailbox.

The client brings address and time-outs: `httpx.AsyncClient(base_url=…, timeout=…)`. A key names one interchange: the
same bytes again change nothing. **Errors**: httpx's own; who calls knows which of them leave the outcome open.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

import httpx
from msgspec import Struct, json

from shared.clients.paths import part


class Entry(Struct, frozen=True):
    """One file of the mailbox, without its bytes. **Units**: size in bytes."""

    id: str
    name: str
    size: int = 0
    sha256: str = ""


class MailPage(Struct, frozen=True):
    """What came after a cursor, in order of arrival; `next` is where to go on from."""

    files: tuple[Entry, ...]
    next: str | None = None


class _Receipt(Struct, frozen=True):
    receipt: str


@dataclass(frozen=True, slots=True)
class Clearinghouse:
    """A clearinghouse at an address."""

    http: httpx.AsyncClient

    @classmethod
    def at(cls, url: str, *, timeout_seconds: int, transport: httpx.AsyncBaseTransport | None = None) -> Self:
        """Return the clearinghouse at an address, over one connection pool; nothing is asked yet."""
        return cls(httpx.AsyncClient(base_url=url, timeout=timeout_seconds, transport=transport))

    async def send(self, key: str, content: bytes) -> str:
        """Return the receipt of an interchange; a repeat under its key gets the same."""
        headers = {"Idempotency-Key": key, "Content-Type": "application/edi-x12"}
        answer = await self.http.post("/interchanges", content=content, headers=headers)
        return json.decode(answer.raise_for_status().content, type=_Receipt).receipt

    async def probe(self, key: str) -> str | None:
        """Return the receipt of a key, None where nothing came under it (yet)."""
        answer = await self.http.get(f"/interchanges/{part(key)}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        return json.decode(answer.raise_for_status().content, type=_Receipt).receipt

    async def list(self, after: str | None) -> MailPage:
        """Return what came into the mailbox after a cursor, all of it for None; fetching removes nothing."""
        answer = await self.http.get("/mailbox", params={"after": after} if after else {})
        return json.decode(answer.raise_for_status().content, type=MailPage)

    async def fetch(self, remote_id: str) -> bytes:
        """Return the bytes of a file of the mailbox."""
        answer = await self.http.get(f"/mailbox/{part(remote_id)}")
        return answer.raise_for_status().content
