"""A clearinghouse that has folders and takes no key: how a file gets there once, and how others are read from there.

Owns: the names, and what follows from which of them is there. A file is uploaded under a temporary name of its own
(`prepare`); the fact of the attempt names it, and only then it is renamed, which only one can do. After a crash the
temporary name tells: there, nothing was delivered, and this one is renamed; gone, it was delivered, for nobody else
touches it (where the other side sweeps such names, nobody can tell). A missing final name proves nothing: the receiver
may have taken the file. Files that come are known by name, time and size, and taken once they no longer change.
Refuses: files and connections (`over_sftp.py`, `on_disk.py` are places), and removing anything unasked.
"""

import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import quote, unquote

from shared.runtime.clearinghouse.port import (
    Content,
    Leavings,
    NotSent,
    OutcomeUnknown,
    Parcel,
    Standing,
)
from shared.runtime.mailbox import FileRefused, Listing, MailboxFile

FILE_BYTES_MAX: Final = 100_000_000
ENTRIES_MAX: Final = 100_000
"""Names of one folder; in a fuller one somebody must clear up before anything is read."""
_UPLOAD: Final = re.compile(r"\.claimlog-(.+)-[0-9a-f]{16}\.tmp")
"""A temporary name, with the key of its parcel."""
_UNFINISHED: Final = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".writing")
"""Ends of names under which programs write what they rename when it is whole."""


class Away(Exception):
    """The place does not answer; what was asked of it may have happened."""


class Refused(Exception):
    """The place said no: what was asked of it did not happen."""


class Missing(Refused):
    """Nothing has that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file in a folder. **Units**: `modified` in nanoseconds since 1970, however coarse the place knows it."""

    name: str
    size: int
    modified: int

    @property
    def remote_id(self) -> str:
        """Return what tells it from another file that had its name before."""
        modified = max(0, self.modified)  # a day before 1970 has a sign that an id has no place for
        return f"{modified}-{self.size}-{quote(self.name, safe='', errors='surrogateescape')}"


class Place(Protocol):
    """Folders somewhere. **Errors**: of all, `Away` and `Refused`; `Missing` where a name is not there."""

    async def write(self, path: str, content: bytes) -> None:
        """Write a new file to its end, and to the disk."""

    async def rename(self, old: str, new: str) -> None:
        """Give a file its name, in one step."""

    async def entry(self, path: str) -> Entry:
        """Return what is known of a file."""

    async def entries(self, folder: str) -> Sequence[Entry]:
        """Return the files of a folder, in any order; of no more than `ENTRIES_MAX`."""

    async def read(self, path: str) -> bytes:
        """Return a file's bytes, or one more than `FILE_BYTES_MAX` of them."""

    async def remove(self, path: str) -> None:
        """Remove a file."""

    async def close(self) -> None:
        """Let go of what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which folder is for what. **Shape**: paths; `sweeps`: the other side removes temporary names that lie long."""

    outbox: str
    inbox: str
    staging: str
    suffix: str = ".x12"
    sweeps: bool = False


class FolderClearinghouse:
    """A clearinghouse that is reached through folders."""

    prepares: Final = True

    def __init__(
        self,
        place: Place,
        layout: Layout,
        *,
        channel: str,
        settle_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.channel: Final = channel
        self.place: Final = place
        self.layout: Final = layout
        self._settle_seconds = settle_seconds
        self._clock = clock
        self._since: dict[str, float] = {}

    async def prepare(self, parcel: Parcel, content: Content) -> str:
        """Return the temporary name under which a file lies whole: what failed to get its name is not uploaded again.

        **Errors**: `NotSent`.
        """
        name = f".claimlog-{quote(parcel.key, safe='')}-{secrets.token_hex(8)}.tmp"
        try:
            if parcel.temporary_name and await self._is_there(self._staged(parcel.temporary_name)):
                return parcel.temporary_name
            await self.place.write(self._staged(name), await content())
        except (Away, Refused):
            with suppress(Away, Refused):
                await self.place.remove(self._staged(name))
            raise NotSent("the file could not be uploaded") from None
        return name

    async def send(self, parcel: Parcel, content: Content) -> str:  # noqa: ARG002 (the port's)
        """Return the name that a file got. **Errors**: `NotSent`, `OutcomeUnknown`."""
        if parcel.temporary_name is None:
            raise NotSent("nothing was uploaded")
        staged, final = self._staged(parcel.temporary_name), self._final(parcel.key)
        try:
            if await self._is_there(final):  # it was delivered before, and waits to be taken
                return self._name(parcel.key)
            await self.place.rename(staged, final)
        except Refused:
            return await self._delivered(staged, final, parcel.key)
        except Away:
            raise OutcomeUnknown("the place does not answer") from None
        return self._name(parcel.key)

    async def _delivered(self, staged: str, final: str, key: str) -> str:
        """Return the name of a file although its renaming was refused; the upload stays, for the next try renames it.

        **Errors**: `NotSent`, `OutcomeUnknown`.
        """
        try:
            if await self._is_there(final):
                return self._name(key)
            lies_ready = await self._is_there(staged)
        except (Away, Refused):
            raise OutcomeUnknown("the place does not answer") from None
        if lies_ready:
            raise NotSent("the file does not get its name")
        raise OutcomeUnknown("its temporary name is gone")

    async def probe(self, parcel: Parcel) -> str | Standing:
        """Return the name that a file got, or where it is. **Errors**: `OutcomeUnknown`."""
        if parcel.temporary_name is None:
            return Standing.ABSENT
        try:
            if await self._is_there(self._staged(parcel.temporary_name)):
                return Standing.READY
            await self.place.entries(self.layout.staging)  # a folder that is gone itself says nothing of its files
            is_delivered = not self.layout.sweeps or await self._is_there(self._final(parcel.key))
        except (Away, Refused):
            raise OutcomeUnknown("the place does not answer") from None
        return self._name(parcel.key) if is_delivered else Standing.UNKNOWABLE

    async def list(self, after: str | None) -> Listing:  # noqa: ARG002 (the port's)
        """Return all files that no longer change, oldest first. **Errors**: `NotSent`.

        There is no cursor: a file may be put there with a time of long ago, and must not be passed over.
        """
        try:
            entries = await self.place.entries(self.layout.inbox)
        except (Away, Refused):
            raise NotSent("the mailbox does not answer") from None
        at, since = self._clock(), self._since
        finished = sorted(filter(_is_finished, entries), key=lambda each: (each.modified, each.name))
        self._since = {each.remote_id: since.get(each.remote_id, at) for each in finished}
        settled = [each for each in finished if self._since[each.remote_id] <= at - self._settle_seconds]
        files = tuple(
            MailboxFile(remote_id=each.remote_id, file_name=_printable(each.name), size_bytes=each.size)
            for each in settled
        )
        return Listing(files=files, next=None)

    async def fetch(self, remote_id: str) -> bytes:
        """Return the bytes of a file. **Errors**: `NotSent`, also where it was changed since; `FileRefused`."""
        path = self._received(remote_id)
        try:
            content = await self.place.read(path)
            is_the_same = (await self.place.entry(path)).remote_id == remote_id
        except (Away, Missing):
            raise NotSent("the file does not lie there any more") from None
        except Refused:
            raise FileRefused("the file may not be read") from None
        if len(content) > FILE_BYTES_MAX:
            raise FileRefused("the file is too large")
        if not is_the_same:
            raise NotSent("the file was changed: it is listed anew")
        return content

    async def leavings(self, before: datetime) -> Leavings:
        """Return files and own uploads that were last changed before an instant. **Errors**: `NotSent`."""
        limit = int(before.timestamp()) * 1_000_000_000
        try:
            received = await self.place.entries(self.layout.inbox)
            staged = await self.place.entries(self.layout.staging)
        except (Away, Refused):
            raise NotSent("the folders do not answer") from None
        return Leavings(
            remote_ids=tuple(each.remote_id for each in received if each.modified < limit and _is_finished(each)),
            uploads=tuple(
                Parcel(key=unquote(ours[1]), temporary_name=each.name)
                for each in staged
                if each.modified < limit and (ours := _UPLOAD.fullmatch(each.name))
            ),
        )

    async def remove(self, leavings: Leavings) -> None:
        """Remove files and uploads; a file that has changed stays. **Errors**: `NotSent`."""
        try:
            for parcel in leavings.uploads:
                with suppress(Missing):
                    await self.place.remove(self._staged(parcel.temporary_name or ""))
            for remote_id in leavings.remote_ids:
                path = self._received(remote_id)
                with suppress(Missing):
                    if (await self.place.entry(path)).remote_id == remote_id:
                        await self.place.remove(path)
        except (Away, Refused):
            raise NotSent("what lies there could not be removed") from None

    async def close(self) -> None:
        """Let go of the place."""
        await self.place.close()

    async def _is_there(self, path: str) -> bool:
        try:
            await self.place.entry(path)
        except Missing:
            return False
        return True

    def _name(self, key: str) -> str:
        """Return the name of a file for ever: its key, which is nobody's name."""
        return f"{quote(key, safe='')}{self.layout.suffix}"

    def _final(self, key: str) -> str:
        return f"{self.layout.outbox}/{self._name(key)}"

    def _staged(self, name: str) -> str:
        return f"{self.layout.staging}/{name}"

    def _received(self, remote_id: str) -> str:
        """Return where a file lies. **Errors**: `NotSent` for what is no id of a file here."""
        name = unquote(remote_id.split("-", 2)[-1], errors="surrogateescape")
        if not _is_name(name):
            raise NotSent("no file has this id")
        return f"{self.layout.inbox}/{name}"


def _is_name(name: str) -> bool:
    return bool(name) and name not in {".", ".."} and "/" not in name and "\x00" not in name


def _is_finished(entry: Entry) -> bool:
    """Return whether a name is one that its writer gave when it was done."""
    return _is_name(entry.name) and not entry.name.startswith(".") and not entry.name.lower().endswith(_UNFINISHED)


def _printable(name: str) -> str:
    """Return a name that can be stored and shown."""
    return name.encode(errors="surrogateescape").decode(errors="replace")
