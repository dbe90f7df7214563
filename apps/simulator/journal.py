"""The memory that survives a kill: everything that was told to the simulator, a line of JSON each, before it is done.

Only what came in is kept: interchanges, jumps of the clock, outages, what trainers chose for members. Mail and book
follow from it (`front.py`), so they cannot disagree with the journal. A last line without its end is a request that
nobody was answered for: it is cut off, and the sender asks again. Refuses: journals of another version. Payers that
decide otherwise post other files, and who fetches passes over them, for the cursor stands behind their numbers.
"""

import errno
import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from shared.kernel.errors import Malformed

_VERSION: Final = 3
_BEGAN: Final = "began_at"


class JournalOfOtherSettings(Malformed):
    """The journal was written under settings that decide outcomes otherwise: the book would come back changed."""

    slug = "simulator-journal-of-other-settings"


class JournalOfOtherVersion(Malformed):
    """The journal was written by a simulator that answers otherwise: the mailbox would come back changed."""

    slug = "simulator-journal-of-other-version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that was told. **Shape**: `kind` is interchange, advance, outage or member; `at` the time in there."""

    kind: str
    at: datetime
    what: Mapping[str, Any]


class Journal:
    """One file, appended to. **Units**: each line is flushed; a kill loses nothing, a power cut may."""

    def __init__(self, path: Path | None, settings: Mapping[str, Any], *, began_at: datetime) -> None:
        """Take up a file, or without a path keep all in memory."""
        self._out: Final = _opened(path)
        self.began_at = began_at
        head = next(self._whole_lines(), None)
        if head is None:
            self._write({"version": _VERSION, _BEGAN: began_at.isoformat(), **settings})
            return
        self.began_at = datetime.fromisoformat(str(head.pop(_BEGAN, began_at.isoformat())))
        if head.pop("version") != _VERSION:
            self._out.close()
            raise JournalOfOtherVersion(
                f"{path} was written by another version of the simulator, whose mailbox would come back with other "
                "files: begin a new data folder (CLAIMLOG_DATA), and keep this one with the version that wrote it; "
                "a simulator that runs alone takes another file (CLAIMLOG_SIMULATOR_STATE_FILE)"
            )
        if head != settings:
            self._out.close()
            raise JournalOfOtherSettings("name the settings that wrote this journal, or another file")

    def told(self) -> Iterator[Told]:
        """Return what was told so far, and leave the file at the end of its last whole line."""
        lines = self._whole_lines()
        next(lines, None)
        yield from map(_told, lines)

    @property
    def end(self) -> int:
        """Return where the next line begins."""
        return self._out.tell()

    def append(self, told: Told) -> None:
        """Append something that is about to be done."""
        self._write({"kind": told.kind, "at": told.at.isoformat(), "what": dict(told.what)})

    def cut(self, position: int) -> None:
        """Forget what was appended from a position on."""
        self._out.truncate(position)
        self._out.seek(position)

    def close(self) -> None:
        """Let go of the file."""
        self._out.close()

    def _whole_lines(self) -> Iterator[dict[str, Any]]:
        """Return each complete line; what is left behind the last one is cut off."""
        self._out.seek(0)
        lines, end = io.BufferedReader(self._out), 0
        try:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                end += len(line)
                yield json.loads(line)
        finally:
            lines.detach()
        self.cut(end)

    def _write(self, line: dict[str, Any]) -> None:
        """Write a line, all of it or nothing. **Errors**: `OSError`."""
        text, before = json.dumps(line, separators=(",", ":")).encode() + b"\n", self._out.tell()
        try:
            if self._out.write(text) != len(text):
                raise OSError(errno.ENOSPC, "the journal does not take a whole line")  # noqa: TRY301
        except OSError:
            self.cut(before)
            raise


def _opened(path: Path | None) -> io.FileIO | io.BytesIO:
    """Return what is written to, without a buffer: what fails is not written later."""
    if path is None:
        return io.BytesIO()
    path.parent.mkdir(parents=True, exist_ok=True)
    return io.FileIO(path, "r+", opener=_private)


def _private(path: str, _flags: int) -> int:
    """Open a file to read and write it; a new one is nobody else's to read."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _told(line: dict[str, Any]) -> Told:
    return Told(kind=line["kind"], at=datetime.fromisoformat(line["at"]), what=line["what"])
