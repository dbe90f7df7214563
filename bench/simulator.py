"""The simulator alone, beside reading the same files: claims per second of CPU from bytes to checks, and memory.

`python -m bench.simulator`. Claims of three lines come in ten interchanges, a third of them by prefix: years that move,
denials, rejections, takebacks, late money. They go through the desk, and 46 days pass, until each is decided. The
baseline takes turns with it and only reads the claims. Memory is what the second half of them adds to a process that
does nothing else. **Units**: seconds are seconds of CPU. Next: `x12_files.py` for the claims.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Final

from apps.simulator import desk
from apps.simulator.case import State
from apps.simulator.directory import Directory
from apps.simulator.office import Office
from bench.figures import Figure, reported
from bench.machine import folder, resident_bytes
from bench.x12_files import ENVELOPE, claim_batches
from shared.x12.sets.t837p_x222a1 import ClaimBatch, ProfessionalClaim, read_837p, write_837p

CLAIMS: Final = 10_000
_FILES: Final = 10
_SECONDS: Final = 20.0
_SEED: Final = 7
_AT: Final = datetime(2026, 2, 2, 12, tzinfo=UTC)
_ALL_DECIDED: Final = timedelta(days=46)
_OPEN: Final = frozenset({State.WAITING, State.PENDED})
_PREFIXES: Final = ("DEDU", "DENY27A", "YEAR", "TAKE", "CORR", "PART", "LATE", "PEND", "REJP", "INTR")
_ROOT: Final = Path(__file__).resolve().parents[1]


class NotVerified(Exception):
    """A claim did not come out at the other end."""


def measure(*, number: int = CLAIMS) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`."""
    files = _files(number)
    best = dict.fromkeys((_work, _read), float("inf"))
    until = process_time() + _SECONDS
    while process_time() < until:
        for each in best:
            best[each] = min(best[each], _timed(each, files, number))
    return {
        "simulator": Figure(
            value=number / best[_work], unit="claims/s", baseline=number / best[_read], beside="reading alone"
        ),
        "simulator_memory": Figure(value=_grown(files) / 1e3, unit="kB a claim"),
    }


def _timed(take: Callable[[Sequence[bytes]], int], files: Sequence[bytes], number: int) -> float:
    begun = process_time()
    found = take(files)
    seconds = process_time() - begun
    if found != number:
        raise NotVerified(f"{number} claims went in, and {found} came out")
    return seconds


def _files(number: int) -> tuple[bytes, ...]:
    """Return the claims in interchanges, each a set of its own."""
    batches = claim_batches(number)
    claims = [_marked(at, claim) for at, claim in enumerate(claim for batch in batches for claim in batch.claims)]
    size = -(-number // _FILES)
    return tuple(
        _file(replace(batches[0], reference=f"BATCH{start}", claims=tuple(claims[start : start + size])), start + 1)
        for start in range(0, number, size)
    )


def _marked(at: int, claim: ProfessionalClaim) -> ProfessionalClaim:
    """Return every third claim with a member id that says what it meets; the others meet the mix."""
    if at % 3:
        return claim
    member_id = f"{_PREFIXES[at // 3 % len(_PREFIXES)]}{at % 1_000:04d}"  # members come again, so that years move
    return replace(claim, subscriber=replace(claim.subscriber, member_id=member_id))


def _file(batch: ClaimBatch, number: int) -> bytes:
    envelope = replace(ENVELOPE, interchange_control_number=number, group_control_number=number)
    return write_837p(batch, envelope=envelope, transaction_control_number=1)


def _work(files: Sequence[bytes]) -> int:
    """Take files in, let days pass, and return how many claims were decided or sent back."""
    return _take(Office(Directory(seed=_SEED)), files, _AT)


def _take(office: Office, files: Sequence[bytes], at: datetime) -> int:
    before = len(office.cases)
    for content in files:
        desk.receive(office, f"key-{len(office.receipts)}", content, at)
    desk.advance(office, at + _ALL_DECIDED)
    return sum(case.state not in _OPEN for case in office.cases[before:])


def _read(files: Sequence[bytes]) -> int:
    return sum(len(batch.claims) for content in files for batch in read_837p(content))


def _grown(files: Sequence[bytes]) -> float:
    """Return what a process grows by in the second half of the work. **Units**: bytes a claim."""
    with folder() as path:
        for at, content in enumerate(files):
            (path / f"{at:04d}").write_bytes(content)
        command = [sys.executable, "-m", "bench.simulator", str(path)]
        done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True)  # noqa: S603 (our own program)
    grown: float = json.loads(done.stdout)
    return grown


def _grow(path: Path) -> float:
    files = [each.read_bytes() for each in sorted(path.iterdir())]
    half = len(files) // 2
    office = Office(Directory(seed=_SEED))
    _take(office, files[:half], _AT)
    gc.collect()
    before = resident_bytes(os.getpid())
    found = _take(office, files[half:], _AT + 2 * _ALL_DECIDED)
    gc.collect()
    grown = resident_bytes(os.getpid()) - before
    if found != (number := _read(files[half:])):
        raise NotVerified(f"{number} claims went in, and {found} came out")
    return grown / number


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(_grow(Path(sys.argv[1]))))
    else:
        reported("Simulator", measure())
