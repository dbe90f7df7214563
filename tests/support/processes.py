"""Programs of the tests as processes of their own: started, killed, stopped, continued; none outlives its test.

They are forked from one process that has imported everything: that is most of what a start takes.
"""

import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module, reload
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from runpy import run_module
from subprocess import TimeoutExpired
from typing import IO, Final

from shared.runtime import failpoints
from tests.support.engines import until

KILLED: Final = -9
STOPPED: Final = "T"
_END_SECONDS_MAX: Final = 30
_FORKED: Final = get_context("forkserver")
_FORKED.set_forkserver_preload(
    [
        *("tests.support.asker", "tests.support.restored", "tests.support.writer"),
        *("apps.embedded.demo", "apps.embedded.process", "shared.runtime.worker"),
        *("apps.cli.calling", "apps.cli.importing", "apps.cli.operating"),
    ]
)


@dataclass(slots=True)
class Program:
    """A process. **Shape**: what it says goes to files, for a stopped one would hold up whoever reads a pipe."""

    process: ForkServerProcess
    _out: IO[str] = field(repr=False)
    _err: IO[str] = field(repr=False)

    async def ended(self, *, seconds: float = 400) -> int:
        """Return its exit code. **Errors**: `TimeoutError`."""

        async def gone() -> bool:
            return self.process.exitcode is not None

        await until(gone, seconds=seconds)
        return self.process.exitcode or 0

    @property
    def out(self) -> str:
        """Return what it printed."""
        self._out.seek(0)
        return self._out.read()

    @property
    def complaints(self) -> str:
        """Return what it complained about."""
        self._err.seek(0)
        return self._err.read()

    def send(self, number: signal.Signals) -> None:
        """Send a signal; one that ended already needs none."""
        with suppress(ProcessLookupError):
            os.kill(self.process_id, number)

    async def stopped(self, *, seconds: float = 60) -> None:
        """Return once it stands still. **Errors**: `TimeoutError`, also where it ended instead."""

        async def stands_still() -> bool:
            return _state(self.process_id) == STOPPED

        await until(stands_still, seconds=seconds)

    @property
    def process_id(self) -> int:
        """Return its number, by which the system knows it."""
        return self.process.pid or 0


def _state(process_id: int) -> str:
    """Return how the system lists a process. **Errors**: `FileNotFoundError` once it is gone."""
    return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]


def _run(module: str, arguments: Sequence[str], told: Mapping[str, str], said: Sequence[str]) -> None:
    """Run a module in the new process, which learns here what it is told, and where to fail."""
    _become(told, said)
    import_module(module).main(*arguments)


def _become(told: Mapping[str, str], said: Sequence[str]) -> None:
    """Take on variables and failpoints, and write output and errors to files."""
    for number, file in enumerate(said, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_APPEND), number)
    os.environ.clear()  # noqa: TID251 (of this process)
    os.environ.update(told)  # noqa: TID251 (of this process)
    reload(failpoints)


@contextmanager
def forked(module: str, *arguments: str, told: Mapping[str, str]) -> Iterator[Program]:
    """Run the `main` of a module with an environment; whatever becomes of the block, the process is gone after it."""
    with tempfile.NamedTemporaryFile("w+") as out, tempfile.NamedTemporaryFile("w+") as err:
        process = _FORKED.Process(target=_run, args=(module, arguments, dict(told), (out.name, err.name)))
        process.start()
        try:
            yield Program(process, out, err)
        finally:
            process.kill()
            process.join()


@asynccontextmanager
async def program(module: str, *arguments: str, failpoint: str = "") -> AsyncIterator[Program]:
    """Run the `main` of a module of the tests in this environment, as `forked` does."""
    with forked(module, *arguments, told=os.environ | {"CLAIMLOG_FAILPOINT": failpoint}) as started:  # noqa: TID251 (handed on)
        yield started


@dataclass(frozen=True, slots=True)
class Forked:
    """A program that was forked. **Shape**: `Running` of `tools/processes`."""

    words: Sequence[str]
    process: ForkServerProcess

    @property
    def pid(self) -> int:
        """Return its number."""
        return self.process.pid or 0

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code. **Errors**: `TimeoutExpired`."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise TimeoutExpired(self.words, timeout or 0)
        return self.process.exitcode

    def terminate(self) -> None:
        """Ask it to end."""
        self.process.terminate()

    def kill(self) -> None:
        """Kill it."""
        self.process.kill()


def launched(words: Sequence[str], told: Mapping[str, str], log: IO[bytes]) -> Forked:
    """Start a program of an installation, in hundredths of a second. **Shape**: `Launch` of `tools/processes`."""
    return _command(words, told, (log.name, log.name))


def run_to_its_end(words: Sequence[str], told: Mapping[str, str], said: tuple[str, str], *, seconds: float) -> int:
    """Run `python -m WORDS`; return its exit code. **Shape**: `said` names the files that take its output and errors.

    **Errors**: `TimeoutExpired`; it is ended then, and what it started.
    """
    program = _command(words, told, said)
    try:
        return program.wait(seconds)
    finally:
        if program.poll() is None:
            program.terminate()  # it ends its own programs and its database, while it can
            with suppress(TimeoutExpired):
                program.wait(_END_SECONDS_MAX)
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)


def _command(words: Sequence[str], told: Mapping[str, str], said: tuple[str, str]) -> Forked:
    process = _FORKED.Process(target=_run_as_command, args=(tuple(words), dict(told), said))
    process.start()
    return Forked(words, process)


def _run_as_command(words: Sequence[str], told: Mapping[str, str], said: tuple[str, str]) -> None:
    """Be `python -m WORDS` with these variables in the new process."""
    os.setsid()
    _become(told, said)
    sys.argv = [*words]
    run_module(words[0], run_name="__main__", alter_sys=True)
