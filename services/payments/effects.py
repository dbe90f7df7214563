"""What payments does in the world: it looks into the clearinghouse's mailbox for remittances.

Owns: which entries are fetched, and what each becomes. Refuses: rules; a file comes back as commands. Entries of other
kinds are noted and left to who owns them. Each ST is a unit of its own, and the entry is noted after all of them: a
crash before that fetches the file again, which changes nothing. A file of which a set was refused is kept for a person.
Files are read in a thread, as a large one takes seconds in which others must be served, and a few sets at a time.
Next: `shared/runtime/mailbox.py` says in which portions entries are fetched.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Final

from services.payments.domain.inbound_file import FileKind, NoteMailboxFile
from services.payments.domain.remittance import ReceiveRemittance
from services.payments.domain.remittance_835 import (
    CODE,
    Reading,
    commands,
    not_stored,
    reading_of,
    says_835,
    units,
    unreadable,
)
from services.payments.projections.exception_queue import EXCEPTIONS, quarantine_key
from services.payments.projections.mailbox import LATEST, MAILBOX, entry_key
from services.payments.projections.remittances import REMITTANCES
from services.payments.settings import Settings
from shared.runtime.clearinghouse.partner import Partner
from shared.runtime.clearinghouse.port import Clearinghouse, Leavings, Mailbox
from shared.runtime.effects import Outside, Poll, Round, Work
from shared.runtime.files import File
from shared.runtime.mailbox import FileRefused, MailboxFile, portions
from shared.x12.malformed import MalformedX12

PAGES_MAX: Final = 100
"""Pages of a listing that one look takes; the next look goes on from there."""


def partner_of(clearinghouse: Clearinghouse, settings: Settings) -> Partner:
    """Return the clearinghouse as payments deals with it."""
    reading = partial(_read_again, settings)
    return Partner(clearinghouse=clearinghouse, unneeded=unneeded, withheld=withheld_files, reading=reading)


def mailbox_poll(mailbox: Mailbox, settings: Settings) -> Poll:
    """Return the look into the mailbox."""
    look = partial(_look, mailbox, settings)
    return Poll(name="remittance_mailbox", every_seconds=settings.mailbox_every_seconds, fetch=look)


async def unneeded(found: Leavings, before: datetime, outside: Outside) -> Leavings:
    """Return remittances that were taken in before an instant; uploads are not ours."""
    keys = [entry_key(each) for each in found.remote_ids]
    noted = await outside.rows_by_key(MAILBOX, keys) if keys else {}
    read = (each for each in noted.values() if each.kind == "remittance" and each.seen_at < before)
    return Leavings(remote_ids=tuple(each.remote_id for each in read))


async def _look(mailbox: Mailbox, settings: Settings, outside: Outside) -> AsyncIterator[Round]:
    latest = await outside.row(MAILBOX, LATEST)
    cursor = latest.cursor if latest else None
    for _ in range(PAGES_MAX):
        listing = await mailbox.list(cursor)
        left = False
        async for portion in portions(await _unseen(listing.files, outside), mailbox.fetch):
            go_on_from = listing.next if portion.is_last and not left else cursor
            fetched = [
                await asyncio.to_thread(_fetched, entry, content, go_on_from, _reading(settings, outside))
                for entry, content in portion.files
            ]
            fetched += [
                _Fetched(
                    entry=entry,
                    content=portion.contents[entry],
                    cursor=go_on_from,
                    reading=_reading(settings, outside),
                    is_withheld=True,
                )
                for entry in portion.refused
            ]
            async for works in _rounds_of(fetched, settings, outside):
                yield works
            left = bool(await _unseen([each.entry for each in fetched], outside)) or left
        if left or not listing.files or listing.next in {None, cursor}:
            return  # an entry that is left here must not be passed over: the next look begins with this listing
        cursor = listing.next


async def withheld_files(outside: Outside) -> list[MailboxFile]:
    """Return entries that could not be had when they were listed: in the place of their bytes their ids were kept."""
    kept = [
        row.file_sha256
        async for row in outside.every_row(EXCEPTIONS, where={"kind": "unreadable"})
        if row.reason == FileRefused.slug and row.file_sha256
    ]
    remote_ids = [(await outside.file(each)).decode() for each in kept]
    return [MailboxFile(remote_id=each, file_name=each) for each in remote_ids]


async def _read_again(settings: Settings, entry: MailboxFile, content: bytes, outside: Outside) -> AsyncIterator[Round]:
    """Yield what an entry becomes that can be had now; the mailbox counts as read up to where it was."""
    latest = await outside.row(MAILBOX, LATEST)
    cursor = latest.cursor if latest else None
    fetched = await asyncio.to_thread(_fetched, entry, content, cursor, _reading(settings, outside))
    async for works in _rounds_of([fetched], settings, outside):
        yield works


async def _unseen(entries: Sequence[MailboxFile], outside: Outside) -> list[MailboxFile]:
    """Return the entries that are not noted yet, in order."""
    if not entries:
        return []
    known = await outside.rows_by_key(MAILBOX, [entry_key(each.remote_id) for each in entries])
    return [each for each in entries if entry_key(each.remote_id) not in known]


def _reading(settings: Settings, outside: Outside) -> Reading:
    return Reading(
        reading_id=outside.new_id(),
        source="mailbox",
        unit_events_max=settings.unit_events_max,
        event_bytes_max=settings.event_bytes_max,
        now=outside.now(),
    )


@dataclass(slots=True, kw_only=True)
class _Fetched:
    """An entry of the mailbox with its bytes.

    **Shape**: `sets` are read while they are asked for; none where it says no 835, or `error` why it cannot be read.
    `is_withheld` where its bytes cannot be had, and its id stands in their place.
    """

    entry: MailboxFile
    content: bytes
    cursor: str | None
    reading: Reading
    sets: Iterator[ReceiveRemittance] | None = None
    error: MalformedX12 | None = None
    is_withheld: bool = False
    is_stored: bool = field(default=False, init=False)
    is_whole: bool = field(default=True, init=False)


def _fetched(entry: MailboxFile, content: bytes, cursor: str | None, reading: Reading) -> _Fetched:
    fetched = _Fetched(entry=entry, content=content, cursor=cursor, reading=reading)
    if says_835(content):
        try:
            fetched.sets = commands(content, reading)
        except MalformedX12 as error:
            fetched.error = error
    return fetched


async def _rounds_of(fetched: Sequence[_Fetched], settings: Settings, outside: Outside) -> AsyncIterator[Round]:
    """Yield what files of the mailbox become: their sets, then the notes that they were dealt with.

    Who takes the work goes on after a refusal: so each set is looked for before its file counts as read, and a file of
    which one is not there is kept, and stands in the exceptions.
    """
    by_reading = {each.reading.reading_id: each for each in fetched}
    groups = units(chain.from_iterable(each.sets or () for each in fetched), unit_events_max=settings.unit_events_max)
    while group := await asyncio.to_thread(next, groups, None):
        files = {reading_of(command): by_reading[reading_of(command)] for command in group}
        yield [_received(command, files) for command in group]
        taken = await _taken(group, outside)
        for command in group:
            each = by_reading[reading_of(command)]
            each.is_stored = each.is_stored or command.reading_id in taken
            each.is_whole = each.is_whole and command.reading_id in taken
    yield [_noted(each) for each in fetched]


def _received(command: ReceiveRemittance, files: dict[str, _Fetched]) -> Work:
    """Return the unit of one set; the first of a round has the bytes of its file, until they are stored.

    A file of many sets is hashed, sealed and sent once, not once for each.
    """
    fetched = files.pop(reading_of(command), None)
    if fetched is None or fetched.is_stored:
        return Work(commands=(command,))
    return Work(commands=(command,), files=(File(kind=CODE, content=fetched.content),))


async def _taken(sets: Sequence[ReceiveRemittance], outside: Outside) -> set[str]:
    """Return which sets are there, by reading: as their checks, or held beside another explanation of those."""
    checks = await outside.rows_by_key(REMITTANCES, {each.remittance_id for each in sets})
    taken = {
        each.reading_id
        for each in sets
        if each.remittance_id in checks and checks[each.remittance_id].body_sha256 == each.body_sha256
    }
    others = {
        quarantine_key(each.remittance_id, each.body_sha256): each.reading_id
        for each in sets
        if each.reading_id not in taken
    }
    held = await outside.rows_by_key(EXCEPTIONS, others) if others else {}
    return taken | {others[key] for key in held}


def _noted(fetched: _Fetched) -> Work:
    """Return the unit that notes a file, and keeps one that cannot be read, or was not taken in whole."""
    reading, content = fetched.reading, fetched.content
    file = File(kind=CODE, content=content)
    if fetched.is_withheld:
        unread = replace(not_stored(content, reading), slug=FileRefused.slug)
    elif fetched.error:
        unread = unreadable(content, fetched.error, reading)
    elif fetched.sets is None:
        return Work(commands=(_note(file, fetched, "not-ours"),))
    elif fetched.is_whole:
        return Work(commands=(_note(file, fetched, "remittance"),))
    else:
        unread = not_stored(content, reading)
    return Work(commands=(unread, _note(file, fetched, "unreadable")), files=(file,))


def _note(file: File, fetched: _Fetched, kind: FileKind) -> NoteMailboxFile:
    return NoteMailboxFile(
        file_sha256=file.sha256,
        remote_id=fetched.entry.remote_id,
        file_name=fetched.entry.file_name,
        size_bytes=len(file.content),
        kind=kind,
        cursor=fetched.cursor,
        now=fetched.reading.now,
    )
