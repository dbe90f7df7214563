"""Reading a mailbox where fetching removes nothing: several files at once, the last of a listing by itself.

Owns: the portions. A file costs a question and a transaction of its own otherwise, one after another, and a busy
clearinghouse answers a claim with five. The last one comes alone because it moves the cursor: that it may only when all
before it were dealt with. Refuses: what files mean (`effects.py` of a service).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

FILES_AT_ONCE: Final = 8


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
    """Files with their bytes, in the order of the listing. **Shape**: `is_last`: it is the one that ends it."""

    files: Sequence[tuple[MailboxFile, bytes]]
    is_last: bool


async def portions(files: Sequence[MailboxFile], fetch: Callable[[str], Awaitable[bytes]]) -> AsyncIterator[Portion]:
    """Yield the files of a listing with their bytes.

    **Errors**: those of `fetch`, after what lay before the file that cannot be fetched was yielded.
    """
    before = files[:-1]
    for start in range(0, len(before), FILES_AT_ONCE):
        some = before[start : start + FILES_AT_ONCE]
        found = await asyncio.gather(*[fetch(each.remote_id) for each in some], return_exceptions=True)
        fetched: list[tuple[MailboxFile, bytes]] = []
        for file, content in zip(some, found, strict=True):
            if isinstance(content, BaseException):
                if fetched:
                    yield Portion(fetched, is_last=False)
                raise content
            fetched.append((file, content))
        yield Portion(fetched, is_last=False)
    for last in files[-1:]:
        yield Portion([(last, await fetch(last.remote_id))], is_last=True)
