"""What a measurement costs: CPU seconds and memory of processes, from /proc.

**Units**: seconds of CPU, bytes of resident memory. Linux only.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_PARENT, _USER, _CHILDREN_SYSTEM, _RESIDENT_PAGES = 1, 11, 14, 21  # fields after the name in /proc/PID/stat


def cpu_seconds(pid: int, *, family: bool = False) -> float:
    """Return the CPU time of a process and of its children that ended; with `family` of those that live, too."""
    own = sum(map(int, _fields(pid)[_USER : _CHILDREN_SYSTEM + 1])) / _TICKS_PER_SECOND
    return own + (sum(cpu_seconds(child) for child in _children(pid)) if family else 0.0)


def resident_bytes(pid: int) -> int:
    """Return the memory of a process."""
    return int(_fields(pid)[_RESIDENT_PAGES]) * _PAGE_BYTES


def postmaster(data: Path) -> int:
    """Return the process of the PostgreSQL server of a data folder."""
    return int((data / "postmaster.pid").read_text().split(maxsplit=1)[0])


def _children(pid: int) -> Iterator[int]:
    for each in Path("/proc").iterdir():
        if each.name.isdecimal():
            try:
                if int(_fields(int(each.name))[_PARENT]) == pid:
                    yield int(each.name)
            except FileNotFoundError:
                continue  # it ended in between


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
