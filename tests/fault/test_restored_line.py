"""A store of a line that works is lost, or put back to how it was under load, and restored by a process that is killed.

At each place of the restore in turn; started again it goes on where it was. Then the line goes on as if nothing had
happened: nobody downstream sees a gap, nothing happens twice, no letter goes out twice.
"""

import signal
from dataclasses import replace
from typing import Final

import pytest
from msgspec import json

from apps.embedded.database_server import DatabaseServer
from tests.support.databases import fresh_database
from tests.support.dose import chance, dose
from tests.support.invariants import AT_REST, check
from tests.support.line import Line
from tests.support.processes import KILLED, program
from tests.support.rewinding import put_back, save

PLACES: Final = ("restore.begun:kill:1", "restore.chunk:kill:1", "restore.ended:kill:1")
STORES: Final = ("giver", "shelver")


def text(line: Line) -> str:
    return json.encode(line).decode()


async def whole(line: Line) -> None:
    async with program("tests.support.line", text(line)) as running:
        assert await running.ended() == 0, running.complaints[-2000:]


async def restored(line: Line, which: str) -> None:
    """Restore a store, killed at each place in turn before it is let through."""
    for place in PLACES:
        async with program("tests.support.restored", text(line), which, failpoint=place) as running:
            assert await running.ended() == KILLED, f"{place}: {running.complaints[-2000:]}"
    async with program("tests.support.restored", text(line), which) as running:
        assert await running.ended() == 0, running.complaints[-2000:]


async def check_all(line: Line, which: str) -> None:
    """What a key was answered with is the one thing that a restored giver does not know any more."""
    known = {name: each for name, each in AT_REST.items() if which != "giver" or not name.startswith("I4")}
    check(await line.evidence(), known)


@pytest.mark.parametrize("which", STORES)
async def test_store_that_was_set_back_under_load(line: Line, which: str) -> None:
    gifts = dose(120, 1_000)
    busy = replace(line, count=gifts)
    saved_at = chance(f"set back {which}").randrange(gifts // 4, gifts // 2)
    url = line.giver if which == "giver" else line.shelver
    async with program("tests.support.line", text(busy), failpoint=f"written.PayerAdded:stop:{saved_at}") as running:
        await running.stopped()  # in the midst of everything; it goes on from there
        await save(url)
        running.send(signal.SIGCONT)
        assert await running.ended() == 0, running.complaints[-2000:]
    await put_back(url)
    await restored(line, which)
    await whole(replace(line, first=gifts, count=gifts // 4))

    await check_all(line, which)


@pytest.mark.parametrize("which", STORES)
async def test_store_that_was_lost(line: Line, which: str, database_server: DatabaseServer) -> None:
    gifts = dose(60, 600)
    await whole(replace(line, count=gifts))
    empty = await fresh_database(database_server)
    after = replace(line, giver=empty) if which == "giver" else replace(line, shelver=empty)
    await restored(after, which)
    await whole(replace(after, first=gifts, count=gifts // 4))

    await check_all(after, which)
