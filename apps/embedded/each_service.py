"""`python -m apps.embedded.each_service 5:claims 7:payments -- status`: an operator's command on some services.

Owns: a process for each, forked once what all services share is imported, for that is most of what an answer takes.
It writes its lines to the descriptor before the service's name. One begins when the last one has ended; with
`--together` first, all at once. Refuses: the work itself (`shared/runtime/operate.py`).
"""

import gc

if __name__ == "__main__":
    gc.disable()  # while it loads: `shared/runtime/garbage.py`

import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from typing import Final

from apps.cli.operating import gravity
from shared.runtime import operate

_TOGETHER: Final = "--together"
_FORK: Final = get_context("fork")


def _operated(written_to: int, service: str, words: Sequence[str]) -> None:
    """Run the command on one service, in its own process."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(written_to, sys.stdout.fileno())
    sys.argv[1:] = [f"services.{service}.main", *words]
    operate.main()


def _run(processes: Sequence[ForkProcess], *, together: bool) -> int:
    """Run them to their end; return the gravest exit code."""
    if together:
        for process in processes:
            process.start()
    for process in processes:
        if not together:
            process.start()
        process.join()
    return max((process.exitcode or 0 for process in processes), key=gravity, default=0)


def main() -> None:
    """Run a command; who ends this program ends the processes too, and Ctrl-C reaches them by itself."""
    place = sys.argv.index("--")
    together = _TOGETHER in sys.argv[:place]
    services, words = sys.argv[1 + together : place], sys.argv[place + 1 :]
    processes = [
        _FORK.Process(target=_operated, args=(int(number), name, words), daemon=True)
        for number, _, name in (each.partition(":") for each in services)
    ]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(_run(processes, together=together))


if __name__ == "__main__":
    main()
