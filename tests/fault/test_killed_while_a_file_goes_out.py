"""SIGKILL between upload, fence, rename and reply: the payer gets the file once, over SFTP and through a folder.

The other side takes what has its name, and removes it, as soon as the process is dead: what tells is the temporary name
alone. Whatever it takes goes to a payer, who would book a second file as well.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from apps.embedded.database_server import DatabaseServer
from apps.simulator import desk
from apps.simulator.directory import Directory
from apps.simulator.office import Office
from tests.support.clearinghouses import taken
from tests.support.databases import fresh_database
from tests.support.processes import KILLED, program
from tests.support.sending import Sending
from tests.support.sftp_server import sftp_server
from tests.unit.apps.simulator.interchanges import interchange, member, transaction_set

pytestmark = pytest.mark.enable_socket

CONTENT: Final = interchange(transaction_set(member("SIMPAID001")))
ONCE: Final = ["BatchQueued", "BatchAttempted", "BatchTransmitted"]


@dataclass(slots=True)
class Partner:
    """The other side: its folders, what a sender must know of it, and the payer behind it."""

    root: Path
    settings: dict[str, Any]
    got: list[bytes] = field(default_factory=list)
    payer: Office = field(default_factory=lambda: Office(Directory(seed=7)))

    @property
    def uploads(self) -> list[str]:
        """Return the temporary names that lie there."""
        return sorted(each.name for each in (self.root / "outbound").iterdir() if each.name.startswith("."))

    def take(self) -> None:
        """Take what has its name, as a payer does that clears its folder."""
        for each in taken(self.root):
            self.got.append(each.read_bytes())
            desk.receive(self.payer, f"take-{len(self.got)}", self.got[-1], datetime(2026, 11, 2, 12, tzinfo=UTC))
            each.unlink()

    def ledger(self) -> tuple[int, int]:
        """Return how many claims the payer has booked, and how many files it refused."""
        pages = self.payer.book.pages()
        return len(pages.claims), len(pages.rejections)


@asynccontextmanager
async def partner(transport: str, folder: Path, words: str = "") -> AsyncIterator[Partner]:
    """Yield the other side of a transport."""
    if transport == "folder":
        for name in ("outbound", "inbound"):
            (folder / name).mkdir()
        yield Partner(folder, {"clearinghouse_url": folder.as_uri() + words})
        return
    async with sftp_server(folder) as server:
        login = {
            "clearinghouse_url": server.url + words,
            "clearinghouse_known_hosts_file": str(server.known_hosts_file),
            "clearinghouse_key_file": str(server.key_file),
        }
        yield Partner(server.root, login)


async def sent(database: str, settings: Mapping[str, Any], failpoint: str = "") -> list[str]:
    """Run the sender until it is killed, or has a result; return what facts there are then."""
    sending = Sending(database=database, settings=dict(settings), content=CONTENT.decode())
    async with program("tests.support.sending", sending.text, failpoint=failpoint) as running:
        code = await running.ended(seconds=90)

        assert code == (KILLED if failpoint else 0), running.complaints[-2000:]
        return running.out.split()


@pytest.mark.parametrize("transport", ["folder", "sftp"])
@pytest.mark.parametrize(("place", "uploads"), [("effect.prepared", 1), ("effect.attempted", 1), ("effect.called", 0)])
async def test_payer_books_one_claim(
    database_server: DatabaseServer, folder: Path, transport: str, place: str, uploads: int
) -> None:
    database = await fresh_database(database_server)
    async with partner(transport, folder) as other:
        await sent(database, other.settings, f"{place}:kill:1")
        left = other.uploads
        other.take()
        facts = await sent(database, other.settings)
        other.take()

    assert len(left) == uploads
    assert facts == ONCE
    assert other.got == [CONTENT]
    assert other.ledger() == (1, 0)
    assert other.uploads == (left if place == "effect.prepared" else [])


@pytest.mark.parametrize("transport", ["folder", "sftp"])
async def test_asks_a_person_where_temporary_names_are_swept(
    database_server: DatabaseServer, folder: Path, transport: str
) -> None:
    database = await fresh_database(database_server)
    async with partner(transport, folder, "?sweeps=yes") as other:
        await sent(database, other.settings, "effect.called:kill:1")
        other.take()
        facts = await sent(database, other.settings)
        other.take()

    assert facts == ["BatchQueued", "BatchAttempted", "BatchOutcomeUnknown"]
    assert other.got == [CONTENT]
