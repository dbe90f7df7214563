"""Named places where a fault test stops the world: nothing happens unless the environment of the process names one.

Owns: `point`, a no-op in production. `CLAIMLOG_FAILPOINT=relay.acknowledged:kill:3` kills the process when the third
passage is reached. Refuses: being switched on when `CLAIMLOG_ENVIRONMENT` is production.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterable
from typing import Final

from shared.runtime.settings import failpoint

_PASSED: Final[Counter[str]] = Counter()
_NAME, _ACTION, _PASSAGE = failpoint()


class Failed(Exception):
    """A failpoint was asked to raise."""


def point(name: str) -> None:
    """Pass a place; the environment may have it kill the process or raise."""
    if name != _NAME:
        return
    _PASSED[name] += 1
    if _PASSED[name] < _PASSAGE:
        return
    if _ACTION == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    raise Failed(name)


def pass_written(types: Iterable[str]) -> None:
    """Pass a place for each fact that is written and not committed: `written.RemittancePosted`, and `flush.written`."""
    if _NAME.startswith("written."):
        for each in types:
            point(f"written.{each}")
    point("flush.written")
