"""Named places where a fault test stops the world: nothing happens unless the environment of the process names one.

Owns: `POINTS`, the places between the steps of each protocol, and `point`, a no-op in production.
`CLAIMLOG_FAILPOINT=relay.acknowledged:kill:3` kills the process when the third passage is reached; `stop` stops it
there until somebody sends SIGCONT, `raise` raises. Refuses: being switched on when `CLAIMLOG_ENVIRONMENT` is
production. Next: tests/fault/test_killed_process.py kills a process at every one of them.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from shared.runtime.settings import failpoint

POINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "flush.taken": "a batch is chosen; the lock is not asked for",
        "flush.locked": "the head is locked, checkpoints and parked keys are read; nothing is loaded or decided",
        "flush.parked": "a record's key is parked in memory; nothing is written",
        "flush.decided": "all is decided and folded; nothing is written",
        "flush.written": "everything is written; COMMIT is not sent",
        "store.unknown": "the connection broke around COMMIT; nobody has asked yet whether it took place",
        "flush.committed": "COMMIT is answered; no caller is",
        "relay.proved": "store and topics agree; the first facts are not read",
        "relay.read": "facts are read; nothing is sent",
        "log.sent": "a batch of a partition is on its way; it is not acknowledged",
        "log.between": "a batch of a partition is acknowledged; the next one of that partition is not sent (Kafka)",
        "relay.acknowledged": "all batches are acknowledged; the checkpoint is not moved",
        "relay.remembered": "the checkpoint is moved; the next facts are not read",
        "consumer.read": "records are read and the try is counted; none is handed over",
        "consumer.fenced": "somebody else moved the checkpoint; the partition is not sought anew",
        "consumer.taken": "records are in; the next ones are not read",
        "own.read": "own facts are read and the try is counted; none is handed over",
        "release.read": "a parked record is read again; it is not handed over",
        "release.ended": "a parked record is handled after all; the next one of its key is not",
        "effect.read": "an intent is read; no attempt is recorded",
        "effect.prepared": "what an attempt needs is there (a file is uploaded); no attempt is recorded",
        "effect.attempted": "the attempt is recorded; the world was not told",
        "effect.called": "the world was told; the result is not recorded",
        "effect.recorded": "the result is recorded; the checkpoint of the effect is not moved",
        "operation.taken": "the lines of a part are taken; their results are not kept",
        "rebuild.chunk": "a chunk of rows is committed; the next one is not",
        "rebuild.swap": "the pointer to a rebuilt read model is moved; COMMIT is not sent",
        "restore.begun": "nobody else writes any more; no published fact is written back",
        "restore.chunk": "a chunk of published facts is back; the next one is not",
        "restore.ended": "everything is back and others may write; the operator was not told",
    }
)
"""What is done and what is not at each place. A new step of a protocol comes with a place of its own."""

_PASSED: Final[Counter[str]] = Counter()
_NAME, _ACTION, _PASSAGE = failpoint()
if _NAME and _NAME not in POINTS and not _NAME.startswith("written."):
    raise ValueError(f"CLAIMLOG_FAILPOINT names no place: {_NAME}")


class Failed(Exception):
    """A failpoint was asked to raise."""


def point(name: str) -> None:
    """Pass a place; the environment may have it kill or stop the process, or raise."""
    if name != _NAME:
        return
    _PASSED[name] += 1
    if _PASSED[name] < _PASSAGE:
        return
    if _ACTION == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif _ACTION == "stop":
        if _PASSED[name] == _PASSAGE:
            os.kill(os.getpid(), signal.SIGSTOP)
    else:
        raise Failed(name)


def pass_written(types: Iterable[str]) -> None:
    """Pass a place for each fact that is written and not committed: `written.RemittancePosted`, and `flush.written`."""
    if _NAME.startswith("written."):
        for each in types:
            point(f"written.{each}")
    point("flush.written")
