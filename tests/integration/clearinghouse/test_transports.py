"""`shared/runtime/clearinghouse`: what every transport promises, against HTTP, a folder and two SFTP servers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from shared.runtime.clearinghouse.port import Parcel, Standing
from shared.runtime.mailbox import MailboxFile
from tests.support.clearinghouses import SIDES, Side
from tests.support.sftp_server import OPENSSH

pytestmark = pytest.mark.enable_socket

KEY: Final = "0190f3c2-0000-7000-8000-000000000009"
FILE: Final = b"ISA*00*a file of claims~" * 5_000


async def content() -> bytes:
    return FILE


@pytest.fixture(params=list(SIDES))
async def side(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Side]:
    if request.param == "openssh" and not OPENSSH.exists():
        pytest.skip("apt-get install openssh-sftp-server")
    async with SIDES[request.param](tmp_path) as opened:
        yield opened


async def prepared(side: Side) -> Parcel:
    parcel = Parcel(key=KEY)
    return Parcel(key=KEY, temporary_name=await side.clearinghouse.prepare(parcel, content))


async def test_sends_a_file_whole_and_knows_it_afterwards(side: Side) -> None:
    parcel = await prepared(side)
    before = await side.clearinghouse.probe(parcel)
    not_yet = side.arrived()

    receipt = await side.clearinghouse.send(parcel, content)

    assert before is (Standing.READY if side.clearinghouse.prepares else Standing.ABSENT)
    assert not_yet == []
    assert side.arrived() == [FILE]
    assert await side.clearinghouse.probe(parcel) == receipt


async def test_a_second_sending_of_the_same_parcel_adds_nothing(side: Side) -> None:
    parcel = await prepared(side)
    receipts = {await side.clearinghouse.send(parcel, content) for _ in range(2)}

    assert len(receipts) == 1
    assert side.arrived() == [FILE]


async def test_says_that_a_parcel_of_which_nothing_was_prepared_is_not_there(side: Side) -> None:
    assert await side.clearinghouse.probe(Parcel(key="another")) is Standing.ABSENT


async def test_reader_who_follows_the_cursor_sees_each_file_once_in_order_of_arrival(side: Side) -> None:
    seen: list[str] = []
    cursor: str | None = None

    async def look() -> list[tuple[str, bytes]]:
        nonlocal cursor
        listing = await side.clearinghouse.list(cursor)
        cursor = listing.next or cursor
        new = [each for each in listing.files if each.remote_id not in seen]
        seen.extend(each.remote_id for each in new)
        return [(each.file_name, await side.clearinghouse.fetch(each.remote_id)) for each in new]

    nothing = await look()
    side.put("b 999.x12", b"first")
    side.put("a.x12", b"second")
    first = await look()
    side.put("Ä.835", b"third")
    second = await look()

    assert nothing == []
    assert first == [("b 999.x12", b"first"), ("a.x12", b"second")]
    assert second == [("Ä.835", b"third")]
    assert await look() == []


async def test_fetching_removes_nothing(side: Side) -> None:
    side.put("835.x12", b"money")
    (file,) = (await side.clearinghouse.list(None)).files

    contents = {await side.clearinghouse.fetch(file.remote_id) for _ in range(2)}

    assert contents == {b"money"}
    assert (await side.clearinghouse.list(None)).files == (file,)
    assert isinstance(file, MailboxFile)


async def test_hands_on_what_nobody_can_read_as_it_is(side: Side) -> None:
    side.put("noise", bytes(range(256)))
    (file,) = (await side.clearinghouse.list(None)).files

    assert await side.clearinghouse.fetch(file.remote_id) == bytes(range(256))
