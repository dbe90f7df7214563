"""The data folder, held by one process at a time.

Owns: the lock, which ends with its process. Refuses: knowing what lies there.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from shared.kernel.errors import Unavailable

LOCK: Final = "claimlog.lock"


class AlreadyRunning(Unavailable):
    """Another claimlog runs on the same data folder."""

    slug = "already-running"


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the data folder: two processes on it would share keys, port and exchange folder.

    **Errors**: `AlreadyRunning`.
    """
    data.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise AlreadyRunning(
            f"claimlog runs already on the folder {data}; stop it, or set CLAIMLOG_DATA to another folder"
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)
