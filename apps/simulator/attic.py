"""Where the house keeps what it is done with: a file without a name, so that memory does not grow with the years.

Owns: packing, and finding again. It only grows, as mail and book do, and is gone with the process: what survives a kill
is the journal, from which it is filled anew, as is a house that failed halfway. One thread puts; any may get.
"""

import errno
import os
import weakref
import zlib
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

_SIZE_BYTES: Final = 4


class Attic:
    """One file on disk. **Units**: a place is the byte at which something begins."""

    def __init__(self, folder: Path | None = None) -> None:
        """Make it in a folder, or where temporary files are."""
        file = TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 (it is open as long as this lives)
        weakref.finalize(self, file.close)
        self._file: Final = file.fileno()
        self._end = 0

    def put(self, content: bytes) -> int:
        """Keep something and return its place. **Errors**: `OSError`; then nothing was kept."""
        packed, place = zlib.compress(content, zlib.Z_BEST_SPEED), self._end
        kept = len(packed).to_bytes(_SIZE_BYTES, "big") + packed
        if os.pwrite(self._file, kept, place) != len(kept):
            raise OSError(errno.ENOSPC, "the simulator's temporary file takes no more")
        self._end += len(kept)
        return place

    def begin_again(self) -> None:
        """Let what follows take the place of what was put: the same, so that who gets something meanwhile finds it."""
        self._end = 0

    def get(self, place: int) -> bytes:
        """Return what was put there."""
        size = int.from_bytes(os.pread(self._file, _SIZE_BYTES, place), "big")
        return zlib.decompress(os.pread(self._file, size, place + _SIZE_BYTES))
