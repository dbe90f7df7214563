"""The programs of an installation: the API and the worker of each service, with their replicas, and the simulator.

Owns: what each is told, where it listens, its log, its end; and knowing which ended by itself. A list of them lies in
the data folder: whoever starts after a killed run ends what that left. Refuses: databases, Kafka (`installed.py`).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Protocol

from apps.embedded.settings import REPOSITORY, SERVICES
from tools.kafka.node import free_ports

SIMULATOR: Final = "simulator"
_OF_OTHERS: Final = ("DATABASE_URL", "KAFKA_BOOTSTRAP")
_END_SECONDS_MAX: Final = 30
_LAST_LINES: Final = 5


class Running(Protocol):
    """A program as it runs. **Shape**: what `subprocess.Popen` has."""

    @property
    def pid(self) -> int: ...  # noqa: D102 (a process's, as those below)
    def poll(self) -> int | None: ...  # noqa: D102
    def wait(self, timeout: float | None = None) -> int: ...  # noqa: D102
    def terminate(self) -> None: ...  # noqa: D102
    def kill(self) -> None: ...  # noqa: D102


Launch = Callable[[Sequence[str], Mapping[str, str], IO[bytes]], Running]
"""Starts a module with its arguments, told only these variables; what it says goes to a file."""


class ProgramEnded(Exception):
    """A program that should run has ended. **Shape**: the message shows the last lines of its log."""


def names(replicas: int) -> tuple[str, ...]:
    """Return what makes up an installation: `simulator`, `claims api`, `claims worker`, `claims api 2`, and so on."""
    suffixes = ["", *(f" {n}" for n in range(2, replicas + 1))]
    return (SIMULATOR, *(f"{name} {kind}{n}" for n in suffixes for kind in ("api", "worker") for name in SERVICES))


def launched(words: Sequence[str], told: Mapping[str, str], log: IO[bytes]) -> Running:
    """Start a program as an image does."""
    return subprocess.Popen(  # noqa: S603 (ours)
        [sys.executable, "-m", *words],
        cwd=REPOSITORY,
        env=told,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C is for whoever started it, and ends it in order
    )


@dataclass(slots=True, kw_only=True)
class Programs:
    """Programs by name.

    **Shape**: `told` are the variables of all services; at its port an API answers, and a worker says whether it is
    ready. **Units**: `end_seconds` of an API.
    """

    data: Path
    told: Mapping[str, str]
    ports: Mapping[str, int]
    end_seconds: float
    launch: Launch = launched
    _running: dict[str, Running] = field(default_factory=dict, repr=False)

    @classmethod
    @contextmanager
    def of(
        cls, data: Path, told: Mapping[str, str], *, replicas: int, end_seconds: float, launch: Launch = launched
    ) -> Iterator["Programs"]:
        """Return programs to start; end those that run after the block."""
        (data / "log").mkdir(parents=True, exist_ok=True)
        _end_left_over(data / "log" / "running")
        found = names(replicas)
        ports = dict(zip(found, free_ports(len(found)), strict=True))
        programs = cls(data=data, told=told, ports=ports, end_seconds=end_seconds, launch=launch)
        try:
            yield programs
        finally:
            programs.end_all()

    def start(self, name: str) -> None:
        """Start a program."""
        service, _, kind = name.partition(" ")
        module = f"{'apps' if service == SIMULATOR else 'services'}.{service}.main"
        address, told = f"127.0.0.1:{self.ports[name]}", self._environment(service)
        if kind.startswith("worker"):
            words = ["shared.runtime.worker", module]
            told |= {f"CLAIMLOG_{service.upper()}_METRICS_ADDRESS": address}
        else:
            words = ["shared.runtime.api", module, "--address", address]
            words += ["--end-seconds", str(self.end_seconds if service != SIMULATOR else 0)]
        with self.log(name).open("ab") as log:
            self._running[name] = self.launch(words, told, log)
        self._note()

    def log(self, name: str) -> Path:
        """Return where a program says what it does."""
        return self.data / "log" / f"{name.replace(' ', '-')}.log"

    def running(self) -> tuple[str, ...]:
        """Return what was started and not ended by us."""
        return tuple(self._running)

    def look(self) -> None:
        """Look whether all that was started runs. **Errors**: `ProgramEnded`."""
        for name, process in self._running.items():
            code = process.poll()
            if code is not None:
                said = "\n".join(self.log(name).read_text(errors="replace").splitlines()[-_LAST_LINES:])
                raise ProgramEnded(f"{name} ended with {code}; its log is {self.log(name)} and ends so:\n{said}")

    def kill(self, name: str) -> None:
        """Kill a program at once. **Errors**: `ProgramEnded` where it had ended before."""
        self.look()
        process = self._running.pop(name)
        process.kill()
        process.wait()
        self._note()

    def ask_to_end(self, name: str) -> Running:
        """Ask a program to end; return it, to wait for its end."""
        process = self._running.pop(name)
        process.terminate()
        self._note()
        return process

    def end_all(self) -> None:
        """Ask all to end, workers first and the simulator last, and wait until they have."""
        order = sorted(self._running, key=lambda name: (name == SIMULATOR, "worker" not in name))
        for last in (False, True):
            ending = [self.ask_to_end(name) for name in order if (name == SIMULATOR) is last]
            for process in ending:
                try:
                    process.wait(_END_SECONDS_MAX)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _environment(self, service: str) -> dict[str, str]:
        """Return what one service is told, and what the user says of it, and nothing of the others."""
        own = f"CLAIMLOG_{service.upper()}_"
        ours = {name: value for name, value in os.environ.items() if name not in _OF_OTHERS}  # noqa: TID251 (handed on)
        ours |= self.told
        kept = {name: value for name, value in ours.items() if not name.startswith("CLAIMLOG_") or name.startswith(own)}
        return kept | {"PYTHONUNBUFFERED": "1"}

    def _note(self) -> None:
        note = self.data / "log" / "running"
        note.write_text("".join(f"{each.pid}\n" for each in self._running.values()))


def _end_left_over(note: Path) -> None:
    """End programs of a run that was killed: they would go on working beside the new ones."""
    left = [int(line) for line in note.read_text().split() if _is_ours(int(line))] if note.exists() else []
    for process_id in left:
        with suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGTERM)
    until = time.monotonic() + _END_SECONDS_MAX
    while any(map(_is_ours, left)) and time.monotonic() < until:
        time.sleep(0.1)


def _is_ours(process_id: int) -> bool:
    """Return whether a number is still that of a program of ours."""
    listed = subprocess.run(  # noqa: S603 (a number)
        ["ps", "-o", "args=", "-p", str(process_id)],  # noqa: S607 (ps is where the system has it)
        check=False,
        capture_output=True,
    )
    return b"shared.runtime." in listed.stdout
