"""Reading a mailbox where fetching removes nothing: several files at once, the last of a listing by itself.

Owns: the portions. A file costs a question and a transaction of its own otherwise, one after another, and a busy
clearinghouse answers a claim with five. The last one comes alone because it moves the cursor: that it may only when all
before it were dealt with. A file that cannot be had is said, and holds up none behind it. Refuses: what files mean
(`effects.py` of a service).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.kernel.errors import Unavailable

FILES_AT_ONCE: Final = 8


class FileRefused(Unavailable):
    """One file of the mailbox cannot be had, and others can: it may not be read, or is too large."""

    slug = "mailbox-file-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxFile:
    """One file of a mailbox, without its bytes."""

    remote_id: str
    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What lies behind a cursor, in order of arrival. **Shape**: `next` is where to go on from, None at the end."""

    files: tuple[MailboxFile, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Portion:
    """Files in the order of the listing. **Shape**: with their bytes, or `refused`; `is_last`: this one ends it."""

    files: Sequence[tuple[MailboxFile, bytes]]
    is_last: bool
    refused: Sequence[MailboxFile] = ()

    @property
    def contents(self) -> Mapping[MailboxFile, bytes]:
        """Return what is kept of each file: its bytes, or in their place its id."""
        return dict(self.files) | {each: each.remote_id.encode() for each in self.refused}


async def portions(files: Sequence[MailboxFile], fetch: Callable[[str], Awaitable[bytes]]) -> AsyncIterator[Portion]:
    """Yield the files of a listing with their bytes.

    **Errors**: those of `fetch` but `FileRefused`, after what lay before the file that cannot be fetched was yielded.
    """
    before = files[:-1]
    for start in range(0, len(before), FILES_AT_ONCE):
        some = before[start : start + FILES_AT_ONCE]
        found = await asyncio.gather(*[fetch(each.remote_id) for each in some], return_exceptions=True)
        fetched: list[tuple[MailboxFile, bytes]] = []
        refused: list[MailboxFile] = []
        for file, content in zip(some, found, strict=True):
            if isinstance(content, FileRefused):
                refused.append(file)
            elif isinstance(content, BaseException):
                if fetched or refused:
                    yield Portion(fetched, is_last=False, refused=refused)
                raise content
            else:
                fetched.append((file, content))
        yield Portion(fetched, is_last=False, refused=refused)
    for last in files[-1:]:
        try:
            portion = Portion([(last, await fetch(last.remote_id))], is_last=True)
        except FileRefused:
            portion = Portion((), is_last=True, refused=[last])
        yield portion
