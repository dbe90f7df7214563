"""Where the servers of tests keep their data: in memory, where a machine has enough of it.

Nobody needs it after the test, processes are killed here and machines are not, and a new database takes a tenth of what
it takes on a disk.
"""

import os
import shutil
from pathlib import Path
from typing import Final

_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 (each run has folders of its own in it)
_FREE_BYTES_MIN: Final = 10_000_000_000
_MEMORY_BYTES_MIN: Final = 2 * _FREE_BYTES_MIN


def spacious() -> str | None:
    """Return the folder for those that `tempfile` makes, None where its own choice is as good."""
    if not _IN_MEMORY.is_dir() or os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") < _MEMORY_BYTES_MIN:
        return None
    return str(_IN_MEMORY) if shutil.disk_usage(_IN_MEMORY).free >= _FREE_BYTES_MIN else None
