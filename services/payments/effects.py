"""What payments does in the world: it looks into the clearinghouse's mailbox for remittances.

Owns: which entries are fetched, and what each becomes. Refuses: rules; a file comes back as commands. Entries of other
kinds are noted and left to who owns them. Each ST is a unit of its own, and the entry is noted after all of them: a
crash before that fetches the file again, which changes nothing. A file of which a set was refused is kept for a person.
"""

from collections.abc import AsyncIterator
from functools import partial
from typing import Final, Protocol

from services.payments.domain.inbound_file import FileKind, Listing, MailboxFile, NoteMailboxFile
from services.payments.domain.remittance import ReceiveRemittance
from services.payments.domain.remittance_835 import Reading, commands, not_stored, says_835, unreadable
from services.payments.projections.exception_queue import EXCEPTIONS, quarantine_key
from services.payments.projections.mailbox import LATEST, MAILBOX, entry_key
from services.payments.projections.remittances import REMITTANCES
from services.payments.settings import Settings
from shared.runtime.effects import Outside, Poll, Work
from shared.runtime.files import File
from shared.x12.malformed import MalformedX12

PAGES_MAX: Final = 100
"""Pages of a listing that one look takes; the next look goes on from there."""


class Mailbox(Protocol):
    """Where the clearinghouse puts files for us; fetching removes nothing."""

    async def list(self, after: str | None) -> Listing:
        """Return what lies behind a cursor. **Errors**: `Unavailable`."""

    async def fetch(self, remote_id: str) -> bytes:
        """Return the bytes of an entry. **Errors**: `Unavailable`."""


def mailbox_poll(mailbox: Mailbox, settings: Settings) -> Poll:
    """Return the look into the mailbox."""
    look = partial(_look, mailbox, settings)
    return Poll(name="remittance_mailbox", every_seconds=settings.mailbox_every_seconds, fetch=look)


async def _look(mailbox: Mailbox, settings: Settings, outside: Outside) -> AsyncIterator[Work]:
    latest = await outside.row(MAILBOX, LATEST)
    cursor = latest.cursor if latest else None
    for _ in range(PAGES_MAX):
        listing = await mailbox.list(cursor)
        for file in listing.files:
            if await _is_new(file, outside):
                content = await mailbox.fetch(file.remote_id)
                go_on_from = listing.next if await _ends(listing, file, outside) else cursor
                reading = Reading(
                    reading_id=outside.new_id(),
                    source="mailbox",
                    unit_events_max=settings.unit_events_max,
                    event_bytes_max=settings.event_bytes_max,
                    now=outside.now(),
                )
                async for work in work_of(content, file, go_on_from, reading, outside):
                    yield work
        if not listing.files or listing.next in {None, cursor}:
            return
        cursor = listing.next


async def _is_new(file: MailboxFile, outside: Outside) -> bool:
    return await outside.row(MAILBOX, entry_key(file.remote_id)) is None


async def _ends(listing: Listing, file: MailboxFile, outside: Outside) -> bool:
    """Return whether a file is the last of its listing and all others were dealt with: none may be passed over."""
    if file is not listing.files[-1]:
        return False
    return not any([await _is_new(other, outside) for other in listing.files[:-1]])


async def work_of(
    content: bytes, entry: MailboxFile, cursor: str | None, reading: Reading, outside: Outside
) -> AsyncIterator[Work]:
    """Return what a file of the mailbox becomes, at last the note that it was dealt with.

    Who takes the work goes on after a refusal: so each set is looked for before the file counts as read, and a file of
    which one is not there is kept, and stands in the exceptions.
    """
    file = File(kind="835", content=content)
    if not says_835(content):
        yield Work(commands=(_note(file, entry, cursor, "not-ours", reading),))
        return
    try:
        received = commands(content, reading)
    except MalformedX12 as error:
        note = _note(file, entry, cursor, "unreadable", reading)
        yield Work(commands=(unreadable(content, error, reading), note), files=(file,))
        return
    refused = False
    for command in received:
        yield Work(commands=(command,), files=(file,))
        refused = refused or not await _is_taken(command, outside)
    if not refused:
        yield Work(commands=(_note(file, entry, cursor, "remittance", reading),))
        return
    note = _note(file, entry, cursor, "unreadable", reading)
    yield Work(commands=(not_stored(content, reading), note), files=(file,))


async def _is_taken(command: ReceiveRemittance, outside: Outside) -> bool:
    """Return whether a set is there: as its check, or held beside another explanation of that."""
    row = await outside.row(REMITTANCES, command.remittance_id)
    if row is not None and row.body_sha256 == command.body_sha256:
        return True
    return await outside.row(EXCEPTIONS, quarantine_key(command.remittance_id, command.body_sha256)) is not None


def _note(file: File, entry: MailboxFile, cursor: str | None, kind: FileKind, reading: Reading) -> NoteMailboxFile:
    return NoteMailboxFile(
        file_sha256=file.sha256,
        remote_id=entry.remote_id,
        file_name=entry.file_name,
        size_bytes=len(file.content),
        kind=kind,
        cursor=cursor,
        now=reading.now,
    )
