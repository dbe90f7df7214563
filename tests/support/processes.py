"""Programs of the tests as processes of their own: started, killed, stopped, continued; none outlives its test."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from tests.support.engines import until

KILLED: Final = -9
STOPPED: Final = "T"


@dataclass(slots=True)
class Program:
    """A process. **Shape**: what it says goes to files, for a stopped one would hold up whoever reads a pipe."""

    process: asyncio.subprocess.Process
    _out: IO[str] = field(repr=False)
    _err: IO[str] = field(repr=False)

    async def ended(self, *, seconds: float = 150) -> int:
        """Return its exit code. **Errors**: `TimeoutError`."""
        async with asyncio.timeout(seconds):
            return await self.process.wait()

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
            self.process.send_signal(number)

    async def stopped(self, *, seconds: float = 60) -> None:
        """Return once it stands still. **Errors**: `TimeoutError`, also where it ended instead."""

        async def stands_still() -> bool:
            return _state(self.process.pid) == STOPPED

        await until(stands_still, seconds=seconds)


def _state(process_id: int) -> str:
    """Return how the system lists a process. **Errors**: `FileNotFoundError` once it is gone."""
    return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]


@asynccontextmanager
async def program(module: str, *arguments: str, failpoint: str = "") -> AsyncIterator[Program]:
    """Run a module of the tests; whatever becomes of the block, the process is gone after it."""
    environment = {**os.environ, "CLAIMLOG_FAILPOINT": failpoint}  # noqa: TID251 (of the child)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments, env=environment, stdout=out, stderr=err
        )
        try:
            yield Program(process, out, err)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
