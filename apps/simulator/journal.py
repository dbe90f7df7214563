"""The memory that survives a kill: everything that was told to the simulator, a line of JSON each, before it is done.

Only what came in is kept: interchanges, jumps of the clock, outages, what trainers chose for members. Mail and book
follow from it (`front.py`), so they cannot disagree with the journal. A last line without its end is a request that
nobody was answered for: it is cut off, and the sender asks again. Journals of version 1 knew interchanges only, and are
read.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from shared.kernel.errors import Malformed

_VERSION: Final = 2
_BEGAN: Final = "began_at"


class JournalOfOtherSettings(Malformed):
    """The journal was written under settings that decide outcomes otherwise: the book would come back changed."""

    slug = "simulator-journal-of-other-settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that was told. **Shape**: `kind` is interchange, advance, outage or member; `at` the time in there."""

    kind: str
    at: datetime
    what: Mapping[str, Any]


class Journal:
    """One file, appended to. **Units**: each line is flushed; a kill loses nothing, a power cut may."""

    def __init__(self, path: Path, settings: Mapping[str, Any], *, began_at: datetime) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self._out: Final[IO[bytes]] = path.open("r+b")
        self.began_at = began_at
        head = next(self._whole_lines(), None)
        if head is None:
            self._write({"version": _VERSION, _BEGAN: began_at.isoformat(), **settings})
            return
        self.began_at = datetime.fromisoformat(str(head.pop(_BEGAN, began_at.isoformat())))
        is_old = head.pop("version") < _VERSION
        if head != ({name: settings[name] for name in head if name in settings} if is_old else settings):
            self._out.close()
            raise JournalOfOtherSettings("name the settings that wrote this journal, or another file")

    def told(self) -> Iterator[Told]:
        """Return what was told so far, and leave the file at the end of its last whole line."""
        self._out.seek(0)
        lines = self._whole_lines()
        next(lines, None)
        yield from map(_told, lines)

    def append(self, told: Told) -> None:
        """Append something that is about to be done."""
        self._write({"kind": told.kind, "at": told.at.isoformat(), "what": dict(told.what)})

    def close(self) -> None:
        """Let go of the file."""
        self._out.close()

    def _whole_lines(self) -> Iterator[dict[str, Any]]:
        """Return each complete line; what is left behind the last one is cut off."""
        end = self._out.tell()
        for line in iter(self._out.readline, b""):
            if not line.endswith(b"\n"):
                break
            end += len(line)
            yield json.loads(line)
        self._out.seek(end)
        self._out.truncate()

    def _write(self, line: dict[str, Any]) -> None:
        self._out.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        self._out.flush()


def _told(line: dict[str, Any]) -> Told:
    if "kind" in line:
        return Told(kind=line["kind"], at=datetime.fromisoformat(line["at"]), what=line["what"])
    what = {"key": line["key"], "content": line["content"]}
    return Told(kind="interchange", at=datetime.fromisoformat(line["received_at"]), what=what)
