"""A file of any size read to its end, claim by claim, in a process of its own that imports nothing but the readers.

    python -m bench.x12_reading 835 FILE

Prints how many claims there were, and the most memory that was in use. **Units**: bytes.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shared.x12.interchange import open_sets
from shared.x12.sets import t835_x221a1, t837p_x222a1

_BLOCK_BYTES: Final = 65_536
_KILOBYTE: Final = 1_024


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def _count(kind: str, path: Path) -> int:
    claims = t835_x221a1.claims if kind == "835" else t837p_x222a1.claims
    return sum(1 for opened in open_sets(_blocks(path)) for _ in claims(opened))


def _peak_bytes() -> int:
    """Return the most that this program held; `getrusage` would know what its parent held, too."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * _KILOBYTE


if __name__ == "__main__":
    found = _count(sys.argv[1], Path(sys.argv[2]))
    print(json.dumps({"claims": found, "peak_bytes": _peak_bytes()}))
