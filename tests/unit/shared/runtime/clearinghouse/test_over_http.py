"""`shared/runtime/clearinghouse/over_http.py`: which failure leaves it open whether a file arrived."""

from collections.abc import Callable
from typing import Final

import httpx
import pytest

from apps.simulator.main import simulator
from apps.simulator.settings import Settings as SimulatorSettings
from shared.kernel.errors import KnownError
from shared.runtime.clearinghouse.over_http import HttpClearinghouse
from shared.runtime.clearinghouse.port import NotSent, OutcomeUnknown, Parcel, SendRefused, Standing
from shared.runtime.mailbox import FileRefused

CONTENT: Final = b"ISA*00*nothing that can be read~"
PARCEL: Final = Parcel(key="B-1")


async def content() -> bytes:
    return CONTENT


def house(transport: httpx.AsyncBaseTransport) -> HttpClearinghouse:
    return HttpClearinghouse("http://clearinghouse", timeout_seconds=1, transport=transport)


def answering(status: int, content: bytes = b"{}") -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, content=content))


def failing(error: Callable[[str], Exception]) -> httpx.MockTransport:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error("no detail of ours")

    return httpx.MockTransport(fail)


@pytest.mark.parametrize(
    ("transport", "error"),
    [
        (failing(httpx.ConnectError), NotSent),
        (failing(httpx.ConnectTimeout), NotSent),
        (failing(httpx.ReadTimeout), OutcomeUnknown),
        (failing(httpx.ReadError), OutcomeUnknown),
        (failing(httpx.WriteError), OutcomeUnknown),
        (failing(httpx.RemoteProtocolError), OutcomeUnknown),
        (answering(500), OutcomeUnknown),
        (answering(503), OutcomeUnknown),
        (answering(201, b"<html>"), OutcomeUnknown),
        *((answering(status), SendRefused) for status in (400, 409, 413, 415, 422)),
        *((answering(status), NotSent) for status in (401, 403, 404, 408, 421, 425, 429)),
    ],
)
async def test_tells_apart_what_may_have_arrived(transport: httpx.MockTransport, error: type[KnownError]) -> None:
    with pytest.raises(error):
        await house(transport).send(PARCEL, content)


async def test_sends_bytes_under_their_key_and_finds_them_again() -> None:
    asked = house(httpx.ASGITransport(app=simulator(SimulatorSettings())))

    before = await asked.probe(PARCEL)
    receipts = {await asked.send(PARCEL, content) for _ in range(2)}
    listing = await asked.list(None)
    fetched = await asked.fetch(listing.files[0].remote_id)
    end = await asked.list(listing.next)

    assert before is Standing.ABSENT
    assert receipts == {await asked.probe(PARCEL)}
    assert fetched
    assert (end.files, end.next) == ((), listing.next)


@pytest.mark.parametrize("transport", [failing(httpx.ConnectError), failing(httpx.ReadTimeout), answering(500)])
async def test_looks_again_later_when_nobody_answers(transport: httpx.MockTransport) -> None:
    with pytest.raises(NotSent):
        await house(transport).list(None)
    with pytest.raises(NotSent):
        await house(transport).fetch("1")
    with pytest.raises(OutcomeUnknown):
        await house(transport).probe(PARCEL)


@pytest.mark.parametrize("status", [403, 404, 410, 413])
async def test_tells_a_file_that_is_not_handed_out_from_a_mailbox_that_is_away(status: int) -> None:
    with pytest.raises(FileRefused):
        await house(answering(status)).fetch("1")


@pytest.mark.parametrize("status", [401, 408, 429, 500, 503])
async def test_asks_again_for_a_file_where_the_answer_is_not_about_it(status: int) -> None:
    with pytest.raises(NotSent):
        await house(answering(status)).fetch("1")
