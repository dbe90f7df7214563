"""The machine under a measurement: CPU seconds and memory of processes, from /proc; servers; a control loop of CPU.

**Units**: seconds of CPU, bytes of resident memory. Linux only.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Final

from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import Settings
from tools.kafka.node import free_port, running

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


@contextmanager
def folder() -> Iterator[Path]:
    """Yield a folder that goes with all that is in it."""
    with tempfile.TemporaryDirectory(prefix="claimlog-bench-", ignore_cleanup_errors=True) as made:
        path = Path(made)
        path.chmod(0o755)  # run as root, the server has a user of its own who must enter
        yield path


@contextmanager
def database_server() -> Iterator[DatabaseServer]:
    """Run an empty PostgreSQL server while the block runs."""
    with folder() as path, DatabaseServer.running(path / "postgres") as server:
        yield server


@dataclass(frozen=True, slots=True)
class Kafka:
    """A Kafka node. **Shape**: the process is None where somebody else runs it."""

    bootstrap: str
    process_id: int | None = None


@contextmanager
def kafka() -> Iterator[Kafka]:
    """Run a Kafka node while the block runs, unless KAFKA_BOOTSTRAP names one. **Errors**: `KafkaNotStarted`."""
    given = Settings.read().kafka_bootstrap
    if given:
        yield Kafka(given)
        return
    with folder() as path, running(path, free_port()) as node:
        yield Kafka(node.bootstrap, node.process.pid)
        node.process.kill()  # its folder goes too: nothing has to be put in order


def loops_per_second(seconds: float = 0.5, *, clock: Callable[[], float] = process_time) -> float:
    """Return how often Python counts to a thousand in a second of CPU: the control loop of what only computes.

    **Shape**: with another clock, beside what waits for other processes, too: in a second by that clock.
    """
    count, begun = 0, clock()
    while clock() - begun < seconds:
        for _ in range(1_000):
            pass
        count += 1
    return count / (clock() - begun)
