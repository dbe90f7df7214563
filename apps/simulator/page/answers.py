"""Answers as a trainer reads them: the mailbox, a file a segment a line, and the files that name a claim.

Owns: where a segment ends. Refuses: what segments mean. Each look at bytes has a limit, as files may be large.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from apps.simulator.office import Mail, Office
from apps.simulator.page.paging import Slice, newest
from shared.x12.separators import ISA_LENGTH, Separators, read_separators

SEGMENTS_MAX: Final = 1_000
"""Segments of a file that one page shows."""
_SEARCHED_BYTES_MAX: Final = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """One file. **Units**: bytes."""

    number: int
    name: str
    kind: str
    posted_at: datetime
    size: int
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A part of a file. **Shape**: segments as id and rest; `next_at` is the byte to go on from, 0 at the end."""

    mail: MailRow
    segments: Sequence[tuple[str, str]]
    at: int
    next_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """The files that name a claim. **Shape**: `is_whole` says that all files since the claim came were looked at."""

    files: Sequence[MailRow]
    is_whole: bool


def answers(office: Office, before: int, limit: int) -> Slice[MailRow]:
    """Return the newest files of the mailbox."""
    found = newest(len(office.mailbox), before, limit)
    return Slice([_row(number, office.mailbox[number - 1]) for number in found.rows], found.older)


def reading(office: Office, number: int, at: int) -> Reading | None:
    """Return the segments of a file from a byte on, None where there is no such file."""
    if not 0 < number <= len(office.mailbox):
        return None
    mail = office.mailbox[number - 1]
    content = mail.content
    separators = _separators(content)
    terminator, segments, ends = separators.terminator.encode("latin-1"), list[tuple[str, str]](), at
    while ends < len(content) and len(segments) < SEGMENTS_MAX:
        end = content.find(terminator, ends)
        end = end if end >= 0 else len(content)
        text = content[ends:end].decode("latin-1").strip()
        if text:
            name, mark, rest = text.partition(separators.element)
            segments.append((name, mark + rest))
        ends = end + 1
    return Reading(mail=_row(number, mail), segments=segments, at=at, next_at=ends if content[ends:].strip() else 0)


def naming(office: Office, numbers: Sequence[str], since: date) -> Naming:
    """Return the files in which one of a claim's numbers is an element."""
    begins_at = datetime.combine(since, time(), ZoneInfo(office.zone))
    mailbox, found, searched = office.mailbox, list[MailRow](), 0
    for place in range(bisect_left(mailbox, begins_at, key=lambda each: each.posted_at), len(mailbox)):
        mail = mailbox[place]
        searched += mail.size
        if searched > _SEARCHED_BYTES_MAX:
            return Naming(files=found, is_whole=False)
        content = mail.content
        separators = _separators(content)
        marks = (separators.element, separators.terminator)
        texts = [f"{separators.element}{number}{mark}".encode() for number in numbers if number for mark in marks]
        if any(text in content for text in texts):
            found.append(_row(place + 1, mail))
    return Naming(files=found, is_whole=True)


def _separators(content: bytes) -> Separators:
    return read_separators(content[:ISA_LENGTH].decode("latin-1"), offset=0, segment=1)


def _row(number: int, mail: Mail) -> MailRow:
    return MailRow(
        number=number,
        name=mail.name,
        kind=mail.name.rpartition(".")[2].upper(),
        posted_at=mail.posted_at,
        size=mail.size,
        id=mail.id,
    )
