"""What payments does in the world: it looks into the clearinghouse's mailbox for remittances.

Owns: which entries are fetched, and what each becomes. Refuses: rules; a file comes back as commands. Entries of other
kinds are noted and left to who owns them. Each ST is a unit of its own, and the entry is noted after all of them: a
crash before that fetches the file again, which changes nothing. A file of which a set was refused is kept for a person.
Next: `shared/runtime/mailbox.py` says in which portions entries are fetched.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from services.payments.domain.inbound_file import FileKind, NoteMailboxFile
from services.payments.domain.remittance import ReceiveRemittance
from services.payments.domain.remittance_835 import Reading, commands, not_stored, says_835, unreadable
from services.payments.projections.exception_queue import EXCEPTIONS, quarantine_key
from services.payments.projections.mailbox import LATEST, MAILBOX, entry_key
from services.payments.projections.remittances import REMITTANCES
from services.payments.settings import Settings
from shared.runtime.clearinghouse.port import Leavings, Mailbox
from shared.runtime.effects import Outside, Poll, Round, Work
from shared.runtime.files import File
from shared.runtime.mailbox import FileRefused, MailboxFile, portions
from shared.x12.malformed import MalformedX12

PAGES_MAX: Final = 100
"""Pages of a listing that one look takes; the next look goes on from there."""


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
                *(_fetched(entry, content, go_on_from, settings, outside) for entry, content in portion.files),
                *(
                    replace(_noting(each, portion.contents[each], go_on_from, settings, outside), is_withheld=True)
                    for each in portion.refused
                ),
            ]
            async for works in _rounds_of(fetched, outside):
                yield works
            left = bool(await _unseen([each.entry for each in fetched], outside)) or left
        if left or not listing.files or listing.next in {None, cursor}:
            return  # an entry that is left here must not be passed over: the next look begins with this listing
        cursor = listing.next


async def _unseen(entries: Sequence[MailboxFile], outside: Outside) -> list[MailboxFile]:
    """Return the entries that are not noted yet, in order."""
    if not entries:
        return []
    known = await outside.rows_by_key(MAILBOX, [entry_key(each.remote_id) for each in entries])
    return [each for each in entries if entry_key(each.remote_id) not in known]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fetched:
    """An entry of the mailbox with its bytes. **Shape**: `error` says why it has no `sets`.

    `is_withheld` where its bytes cannot be had, and its id stands in their place.
    """

    entry: MailboxFile
    content: bytes
    cursor: str | None
    reading: Reading
    sets: tuple[ReceiveRemittance, ...] = ()
    error: MalformedX12 | None = None
    is_withheld: bool = False


def _fetched(entry: MailboxFile, content: bytes, cursor: str | None, settings: Settings, outside: Outside) -> _Fetched:
    fetched = _noting(entry, content, cursor, settings, outside)
    if not says_835(content):
        return fetched
    try:
        return replace(fetched, sets=tuple(commands(content, fetched.reading)))
    except MalformedX12 as error:
        return replace(fetched, error=error)


def _noting(entry: MailboxFile, content: bytes, cursor: str | None, settings: Settings, outside: Outside) -> _Fetched:
    reading = Reading(
        reading_id=outside.new_id(),
        source="mailbox",
        unit_events_max=settings.unit_events_max,
        event_bytes_max=settings.event_bytes_max,
        now=outside.now(),
    )
    return _Fetched(entry=entry, content=content, cursor=cursor, reading=reading)


async def _rounds_of(fetched: Sequence[_Fetched], outside: Outside) -> AsyncIterator[Round]:
    """Yield what files of the mailbox become: their sets, then the notes that they were dealt with.

    Who takes the work goes on after a refusal: so each set is looked for before its file counts as read, and a file of
    which one is not there is kept, and stands in the exceptions.
    """
    sets = [
        Work(commands=(command,), files=(File(kind="835", content=each.content),))
        for each in fetched
        for command in each.sets
    ]
    if sets:
        yield sets
    taken = await _taken([command for each in fetched for command in each.sets], outside)
    yield [_noted(each, is_taken=taken.issuperset(command.reading_id for command in each.sets)) for each in fetched]


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


def _noted(fetched: _Fetched, *, is_taken: bool) -> Work:
    """Return the unit that notes a file, and keeps one that cannot be read, or was not taken in whole."""
    reading, content = fetched.reading, fetched.content
    file = File(kind="835", content=content)
    if fetched.is_withheld:
        unread = replace(not_stored(content, reading), slug=FileRefused.slug)
    elif fetched.error:
        unread = unreadable(content, fetched.error, reading)
    elif not fetched.sets:
        return Work(commands=(_note(file, fetched, "not-ours"),))
    elif is_taken:
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
