"""Folders of this machine, or of one that is mounted here: for a client of a clearinghouse that watches a directory.

Owns: that a file that was written is on the disk, and what an error of the system says about it. Refuses: names and
what they mean (`folders.py`). Links are not followed.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from errno import EACCES, EEXIST, EISDIR, ENOENT, ENOSPC, ENOTDIR, EPERM, EROFS, EXDEV
from pathlib import Path
from stat import S_ISREG
from typing import Final, TypeVar

from shared.runtime.clearinghouse.folders import ENTRIES_MAX, FILE_BYTES_MAX, Away, Entry, Missing, Refused

Result = TypeVar("Result")

_NO: Final = frozenset({EACCES, EEXIST, EISDIR, ENOSPC, ENOTDIR, EPERM, EROFS, EXDEV})
"""Answers after which nothing happened; any other (a server of files that is away) leaves it open."""
_MODE: Final = 0o660
"""Whoever carries files on may be another user of our group; what the system's mask forbids stays forbidden."""


class DiskPlace:
    """Folders of this machine."""

    async def write(self, path: str, content: bytes) -> None:
        """Write a new file to its end, and to the disk."""
        await _asked(lambda: _written(Path(path), content))

    async def rename(self, old: str, new: str) -> None:
        """Give a file its name, in one step."""
        await _asked(lambda: _renamed(Path(old), Path(new)))

    async def entry(self, path: str) -> Entry:
        """Return what is known of a file."""
        return await _asked(lambda: _entry(Path(path).name, os.lstat(path)))

    async def entries(self, folder: str) -> Sequence[Entry]:
        """Return the files of a folder."""
        return await _asked(lambda: _entries(folder))

    async def read(self, path: str) -> bytes:
        """Return a file's bytes, or one more than `FILE_BYTES_MAX` of them."""
        return await _asked(lambda: _read(Path(path)))

    async def remove(self, path: str) -> None:
        """Remove a file."""
        await _asked(Path(path).unlink)

    async def close(self) -> None:
        """Do nothing: no file stays open."""


async def _asked(do: Callable[[], Result]) -> Result:
    """Return what the system answers, while others go on. **Errors**: `Away`, `Missing`, `Refused`."""
    try:
        return await asyncio.to_thread(do)
    except OSError as error:
        if error.errno == ENOENT:
            raise Missing("nothing has that name") from None
        if error.errno in _NO:
            raise Refused("the system says no") from None
        raise Away("the disk does not answer") from None


def _written(path: Path, content: bytes) -> None:
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, _MODE)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _keep_names(path.parent)


def _renamed(old: Path, new: Path) -> None:
    old.rename(new)
    for folder in {old.parent, new.parent}:
        _keep_names(folder)


def _keep_names(folder: Path) -> None:
    """Have the names of a folder survive a power cut."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _entry(name: str, found: os.stat_result) -> Entry:
    return Entry(name=name, size=found.st_size, modified=found.st_mtime_ns)


def _entries(folder: str) -> list[Entry]:
    found: list[Entry] = []
    with os.scandir(folder) as names:
        for number, each in enumerate(names):
            if number >= ENTRIES_MAX:
                raise Refused("the folder is too full")
            try:
                status = each.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # somebody took it just now
            if S_ISREG(status.st_mode):
                found.append(_entry(each.name, status))
    return found


def _read(path: Path) -> bytes:
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW)) as file:
        return file.read(FILE_BYTES_MAX + 1)
