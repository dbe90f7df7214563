"""The memory that survives a kill: every interchange as one line of JSON, written before it is answered.

Only what came in is kept. Mail and book follow from it (`office.py`), so they cannot disagree with the journal.
A last line without its end is a request that nobody was answered for: it is cut off, and the sender asks again.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from apps.simulator.office import Office
from shared.kernel.errors import Malformed

_VERSION: Final = 1


class JournalOfOtherSettings(Malformed):
    """The journal was written under settings that decide outcomes otherwise: the book would come back changed."""

    slug = "simulator-journal-of-other-settings"


class Journal:
    """One file, appended to. **Units**: each line is flushed; a kill loses nothing, a power cut may."""

    def __init__(self, path: Path, office: Office) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self._out: Final[IO[bytes]] = path.open("r+b")
        head = {
            "version": _VERSION,
            "seed": office.seed,
            "zone": office.zone,
            "claims_per_check_max": office.claims_per_check_max,
        }
        self.replayed = 0
        for line in self._whole_lines():
            if not self.replayed and "version" in line:
                if line != head:
                    self._out.close()
                    raise JournalOfOtherSettings("name the settings that wrote this journal, or another file")
                continue
            content, received_at = line["content"].encode("latin-1"), datetime.fromisoformat(line["received_at"])
            office.receive(line["key"], content, received_at)
            self.replayed += 1
        if not self._out.tell():
            self._write(head)

    def append(self, key: str, content: bytes, received_at: datetime) -> None:
        """Append an interchange that is about to be worked on."""
        self._write({"key": key, "received_at": received_at.isoformat(), "content": content.decode("latin-1")})

    def close(self) -> None:
        """Let go of the file."""
        self._out.close()

    def _whole_lines(self) -> Iterator[dict[str, Any]]:
        """Return each complete line, and leave the file at the end of the last one."""
        end = 0
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
