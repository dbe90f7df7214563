"""Reading a mailbox where fetching removes nothing: several files at once, the last of a listing by itself.

Owns: the portions. A file costs a question and a transaction of its own otherwise, one after another, and a busy
clearinghouse answers a claim with five. Together they have no more than a few megabytes, so that a large one comes
alone. The last one comes alone because it moves the cursor: that it may only when all before it were dealt with. A file
that cannot be had is said, and holds up none behind it. Refuses: what files mean (`effects.py` of a service).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.kernel.errors import Unavailable

FILES_AT_ONCE: Final = 8
BYTES_AT_ONCE: Final = 8_000_000


class FileRefused(Unavailable):
    """One file of the mailbox cannot be had, and others can: it may not be read, or is too large."""

    slug = "mailbox-file-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxFile:
    """One file of a mailbox, without its bytes. **Shape**: `size_bytes` as the mailbox says it, 0 where it does not."""

    remote_id: str
    file_name: str
    size_bytes: int = 0


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
    for some in _together(files[:-1]):
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


def _together(files: Iterable[MailboxFile]) -> Iterator[list[MailboxFile]]:
    """Yield files that are fetched at once: some, or a large one alone."""
    some: list[MailboxFile] = []
    size_bytes = 0
    for file in files:
        if some and (len(some) == FILES_AT_ONCE or size_bytes + file.size_bytes > BYTES_AT_ONCE):
            yield some
            some, size_bytes = [], 0
        some.append(file)
        size_bytes += file.size_bytes
    if some:
        yield some
