"""What callers were told: each operation before it is sent, and each answer, in a file that outlives the caller.

A line is one write, so a killed caller leaves whole lines; who reads meanwhile may see the beginning of one. Read by
`invariants.py`; nothing of production is asked.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

How = Literal["started", "ok", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Told:
    """One line. **Shape**: `key` is the idempotency key; stream and version are those of an `ok` answer."""

    key: str
    subject: str
    how: How
    stream: str = ""
    version: int = 0


class Journal:
    """Operations and their answers, appended."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def tell(self, told: Told) -> None:
        """Append a line."""
        os.write(self._file, json.dumps(asdict(told)).encode() + b"\n")

    def close(self) -> None:
        """End it."""
        os.close(self._file)


def read(path: Path) -> Iterator[Told]:
    """Yield all lines that are whole."""
    if path.exists():
        *lines, _ = path.read_text().split("\n")
        for line in lines:
            yield Told(**json.loads(line))
