"""The folder: what a sender lays into `outbound` is taken in, what was posted is laid into `inbound`.

Owns: which names are whole files, and that none is taken or laid twice. A file is taken once its name is one that a
writer gives when it is done, and it no longer changes; then it is removed, for the journal has it. A kill between the
two takes it in again, under the same name and bytes: one receipt. Refuses: what becomes of a file (`counter.py`).
Names are the sender's: `outbound` is what goes out of a practice.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog

from apps.simulator.carriers.counter import Counter

OUTBOUND: Final = "outbound"
INBOUND: Final = "inbound"
REFUSED: Final = "refused"
_UNFINISHED: Final = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".writing", ".swp")
"""Ends of names under which programs write what they rename when it is whole."""
_PAGE: Final = 1_000
_LOG = structlog.get_logger("simulator")


def is_unfinished(name: str) -> bool:
    """Return whether a name is one that a writer has not given to a whole file."""
    return name.startswith(".") or name.lower().endswith(_UNFINISHED)


def make_folders(folder: Path) -> None:
    """Make the folders that partners see, where they are not there. **Errors**: `OSError`."""
    for name in (OUTBOUND, INBOUND, REFUSED):
        (folder / name).mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True, slots=True, order=True)
class _Lying:
    """A file as it lies there: another size, time or number is another file."""

    modified: int
    name: str
    size: int
    number: int


@dataclass(slots=True)
class Drop:
    """A folder. **Shape**: `mark` is a file of our own that says how far `inbound` is laid out."""

    counter: Counter
    folder: Path
    mark: Path
    settle_seconds: float
    bytes_max: int
    clock: Callable[[], float] = time.monotonic
    _since: dict[_Lying, float] = field(default_factory=dict)
    _laid_out: str | None = None

    async def watch(self, every_seconds: float) -> None:
        """Look again and again, until it is called off; a folder that fails is looked at again."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 (whatever it is, the next look may fare better)
                _LOG.warning("folder-not-looked-at", kind=type(error).__name__)
            await asyncio.sleep(every_seconds)

    async def look(self) -> None:
        """Take in what is whole, and lay out what was posted; nothing of either while the clearinghouse is down."""
        make_folders(self.folder)
        if self.counter.is_down:
            return
        for lying in self._settled():
            await self._take(lying)
        await self._lay_out()

    def _settled(self) -> list[_Lying]:
        """Return whole files that have not changed for long enough, oldest first."""
        at, since = self.clock(), self._since
        self._since = {each: since.get(each, at) for each in self._whole()}
        return sorted(each for each, first in self._since.items() if first <= at - self.settle_seconds)

    def _whole(self) -> Iterator[_Lying]:
        with os.scandir(self.folder / OUTBOUND) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False) and not is_unfinished(entry.name):
                    lying = _lying(Path(entry.path))
                    if lying:
                        yield lying

    async def _take(self, lying: _Lying) -> None:
        path = self.folder / OUTBOUND / lying.name
        if lying.size > self.bytes_max:
            self._refuse(path, "it is larger than an interchange may be")
            return
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return
        except OSError:
            self._refuse(path, "it cannot be read")
            return
        if _lying(path) != lying:
            return  # somebody writes it: it is looked at anew
        try:
            await self.counter.take_in(f"{lying.name}/{sha256(content).hexdigest()}", content)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 (a defect is this file's alone: those behind it are taken)
            self._refuse(path, type(error).__name__)
            return
        if _lying(path) == lying:
            path.unlink()

    def _refuse(self, path: Path, reason: str) -> None:
        """Put a file aside, where a person sees it."""
        path.replace(self.folder / REFUSED / path.name)
        _LOG.warning("file-refused", reason=reason)

    async def _lay_out(self) -> None:
        """Lay out what was posted since the mark; a file that somebody removed stays removed."""
        if self._laid_out is None:
            self._laid_out = self._marked()
        while files := await self.counter.list(self._laid_out, _PAGE):
            for mail in files:
                await asyncio.to_thread(_write, self.folder / INBOUND / mail.name, mail.content)
                _write(self.mark, f"{mail.id} {mail.sha256}".encode())
                self._laid_out = mail.id

    def _marked(self) -> str:
        """Return the id of the file that was laid out last, nothing where the mark is of another mailbox."""
        try:
            mail_id, _, digest = self.mark.read_text().partition(" ")
        except FileNotFoundError:
            return ""
        content = self.counter.read(mail_id)
        return mail_id if content is not None and sha256(content).hexdigest() == digest else ""


def _lying(path: Path) -> _Lying | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return _Lying(found.st_mtime_ns, path.name, found.st_size, found.st_ino)


def _write(path: Path, content: bytes) -> None:
    """Write a file under another name, and give it its own when it is whole."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
