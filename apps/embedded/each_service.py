"""An operator's command on some services, in a process for each.

Owns: those processes, forked from one which loads what all services share, for that is most of what an answer takes:
this program finds the databases meanwhile, and then tells it. Each process writes its lines to a pipe of its own, for
several that wrote to one would cut long lines into each other. Refuses: the work itself (`shared/runtime/operate.py`).
"""

import gc
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import Final

from apps.cli.operating import gravity

_FORK: Final = get_context("fork")


@dataclass(frozen=True, slots=True, kw_only=True)
class EachService:
    """The processes, which have not begun. **Shape**: `pipes` are the ends to read their lines from, a descriptor each.

    They begin with the variables that `settings` sends.
    """

    process: ForkProcess
    settings: "Connection[Mapping[str, str], None]"
    pipes: Sequence[int]

    def end(self) -> None:
        """End the processes, and return once they are gone."""
        self.process.terminate()
        self.process.join()


@contextmanager
def each_service(services: Sequence[str], words: Sequence[str], *, together: bool) -> Iterator[EachService]:
    """Run a command on services, one after the other or together; at the end of the block they are ended."""
    pipes = {name: os.pipe() for name in services}
    told, settings = _FORK.Pipe(duplex=False)

    def run() -> None:
        settings.close()  # else this process would never see that the other one is gone
        for read, _ in pipes.values():
            os.close(read)
        sys.exit(_run(told, {name: end for name, (_, end) in pipes.items()}, words, together=together))

    process = _FORK.Process(target=run)
    process.start()
    told.close()
    for _, end in pipes.values():
        os.close(end)
    each = EachService(process=process, settings=settings, pipes=[read for read, _ in pipes.values()])
    try:
        yield each
    finally:
        each.end()


def _run(
    told: "Connection[None, Mapping[str, str]]", ends: Mapping[str, int], words: Sequence[str], *, together: bool
) -> int:
    """Load what services share, wait for their settings, and run the command to its end; return the gravest exit code.

    Who ends this process ends those of the services too, and Ctrl-C reaches them by itself.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # until each has loaded its service
    from shared.runtime import operate  # noqa: PLC0415 (in this process alone, while the other one finds the databases)

    def operated(name: str) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(ends[name], sys.stdout.fileno())
        sys.argv[1:] = [f"services.{name}.main", *words]
        operate.main()

    try:
        os.environ.update(told.recv())
    except EOFError:  # there is nothing to work on, as the other one says
        return 0
    processes = [_FORK.Process(target=operated, args=(name,), daemon=True) for name in ends]
    if together:
        for process in processes:
            process.start()
    for process in processes:
        if not together:
            process.start()
        process.join()
    return max((process.exitcode or 0 for process in processes), key=gravity, default=0)
