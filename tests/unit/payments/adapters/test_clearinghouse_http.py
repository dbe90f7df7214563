"""`services/payments/adapters/clearinghouse_http.py` against canned answers of a clearinghouse."""

import pytest
from httpx import ConnectError, MockTransport, Request, Response

from services.payments.adapters.clearinghouse_http import HttpMailbox, MailboxUnavailable
from shared.runtime.mailbox import Listing, MailboxFile

PAGE = {"files": [{"id": "7", "name": "835-7.x12", "size": 3, "sha256": "ab"}], "next": "7"}


def answer(request: Request) -> Response:
    if request.url.path == "/mailbox/7":
        return Response(200, content=b"ISA")
    if request.url.path == "/mailbox":
        return Response(200, json=PAGE if request.url.params.get("after") == "6" else {"files": [], "next": None})
    return Response(404)


def mailbox(transport: MockTransport) -> HttpMailbox:
    return HttpMailbox("http://clearinghouse", timeout_seconds=1, transport=transport)


async def test_lists_and_fetches() -> None:
    box = mailbox(MockTransport(answer))

    assert await box.list("6") == Listing(files=(MailboxFile(remote_id="7", file_name="835-7.x12"),), next="7")
    assert await box.list(None) == Listing(files=(), next=None)
    assert await box.fetch("7") == b"ISA"


def refuse(_: Request) -> Response:
    raise ConnectError("nobody there")


@pytest.mark.parametrize(
    "transport",
    [MockTransport(refuse), MockTransport(lambda _: Response(503)), MockTransport(lambda _: Response(200, text="<"))],
    ids=["nobody there", "a fault", "no list"],
)
async def test_says_later_to_every_failure(transport: MockTransport) -> None:
    with pytest.raises(MailboxUnavailable):
        await mailbox(transport).list(None)


async def test_says_later_where_an_entry_cannot_be_fetched() -> None:
    with pytest.raises(MailboxUnavailable):
        await mailbox(MockTransport(answer)).fetch("8")
