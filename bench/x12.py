"""X12 beside the bare split of the same file, and beside other libraries: claims per second of CPU, and memory.

`python -m bench.x12`. Files of 10,000 claims of three lines, which our own writers make. Readers and writer take turns
with the bare split (`for s in text.split("~"): s.split("*")`) in this process; the libraries read the same files, the
same way, in one of their own; a file of 500 MB, one transaction set, is read in a third. **Units**: seconds are seconds
of CPU. Next: `x12_files.py` for the files, `x12_peer.py` for the libraries, `x12_reading.py` for the large file.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import Any, Final

from bench.figures import Figure, reported
from bench.machine import folder, loops_per_second
from bench.x12_files import ENVELOPE, claim_batches, remittance
from shared.x12.interchange import open_sets
from shared.x12.sets.t835_x221a1 import read_835, stream_835, write_835
from shared.x12.sets.t837p_x222a1 import ClaimBatch, claims, read_837p, write_837p_sets

CLAIMS: Final = 10_000
LARGE_BYTES: Final = 500_000_000
_SECONDS: Final = 2.0
_WHOLE_MAX_SECONDS: Final = 600
_ROOT: Final = Path(__file__).resolve().parents[1]
_PEER_PYTHON: Final = _ROOT / ".venv-bench" / "bin" / "python"
_PEERS: Final = {
    "835": ("openx12", "x12-edi-tools", "edi-835-parser", "pyx12"),
    "837p": ("openx12", "x12-edi-tools", "pyx12"),
}


class NotVerified(Exception):
    """A reader did not find the claims that were written."""


class PeerMissing(Exception):
    """The libraries to compare with are not installed."""


def measure(*, number: int = CLAIMS, large_bytes: int = LARGE_BYTES) -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`, `PeerMissing`."""
    batches = claim_batches(number)
    files = {
        "835": write_835([remittance(number)], envelope=ENVELOPE, first_control_number=1),
        "837p": write_837p_sets(batches, envelope=ENVELOPE, first_control_number=1),
    }
    figures = _writing(batches, files["837p"], number)
    del batches  # a million values would slow every collection of garbage below
    figures |= _reading("835", files["835"], number, _stream_835, _read_835)
    figures |= _reading("837p", files["837p"], number, _stream_837p, _read_837p)
    with folder() as path:
        for kind, content in files.items():
            (path / kind).write_bytes(content)
            figures |= _beside_peers(kind, path / kind, figures[f"x12_{kind}_reader"].value, number)
            figures[f"x12_{kind}_memory"] = _memory(kind, path / f"large-{kind}", content, large_bytes)
    return figures


def _writing(batches: tuple[ClaimBatch, ...], content: bytes, number: int) -> dict[str, Figure]:
    def write(_: bytes) -> int:
        return number if write_837p_sets(batches, envelope=ENVELOPE, first_control_number=1) else 0

    return {"x12_837p_writer": _taking_turns(write, content, number)}


def _reading(
    kind: str, content: bytes, number: int, stream: Callable[[bytes], int], whole: Callable[[bytes], int]
) -> dict[str, Figure]:
    """Return how fast the claims of a file come one by one, and all at once."""
    figures = {
        f"x12_{kind}_reader": _taking_turns(stream, content, number),
        f"x12_{kind}_whole": _taking_turns(whole, content, number),
        f"x12_{kind}_loops": _taking_turns(_loops, content, number),
    }
    split = figures[f"x12_{kind}_reader"].baseline or 0.0
    control = Figure(value=split, unit="claims/s", baseline=loops_per_second(), beside="control loop of CPU")
    return {f"bare_split_{kind}": control} | figures


def _stream_835(content: bytes) -> int:
    found = 0
    for coming in stream_835(content):
        for _ in coming.claims():
            found += 1
        coming.remittance()
    return found


def _read_835(content: bytes) -> int:
    return sum(len(found.claims) for found in read_835(content))


def _stream_837p(content: bytes) -> int:
    return sum(1 for opened in open_sets(content) for _ in claims(opened))


def _read_837p(content: bytes) -> int:
    return sum(len(batch.claims) for batch in read_837p(content))


def _loops(content: bytes) -> int:
    """Cut a file into segments and loops, and read nothing of them."""
    starts = frozenset({"CLP", "CLM"})
    return sum(loop.raw[0].startswith(("CLP", "CLM")) for opened in open_sets(content) for loop in opened.loops(starts))


def _split(content: bytes) -> int:
    return sum(segment.split("*")[0] in {"CLM", "CLP"} for segment in content.decode().split("~"))


def _taking_turns(take: Callable[[bytes], int], content: bytes, number: int) -> Figure:
    """Return claims per second, each the best of its turns: both meet the same machine. **Errors**: `NotVerified`."""
    best = dict.fromkeys((take, _split), float("inf"))
    until = process_time() + _SECONDS
    while process_time() < until:
        for each in (take, _split):
            begun = process_time()
            found = each(content)
            best[each] = min(best[each], process_time() - begun)
            if found != number:
                raise NotVerified(f"{number} claims were written, and {found} read")
    return Figure(value=number / best[take], unit="claims/s", baseline=number / best[_split], beside="bare split")


def _beside_peers(kind: str, path: Path, ours: float, number: int) -> dict[str, Figure]:
    """Return how fast each library reads a file, beside its own bare split, and how far ahead of the best we are."""
    if not _PEER_PYTHON.exists():
        raise PeerMissing("the libraries to compare with are not installed: run `make peers`")
    figures = {}
    for peer in _PEERS[kind]:
        found = _ran(str(_PEER_PYTHON), str(_ROOT / "bench" / "x12_peer.py"), peer, kind, str(path))
        figures[f"x12_{kind}_{peer}"] = Figure(
            value=number / found["seconds"],
            unit="claims/s",
            baseline=number / found["split_seconds"],
            beside="bare split",
        )
    best = max(figures, key=lambda name: figures[name].value)
    ahead = Figure(value=ours, unit="claims/s", baseline=figures[best].value, beside=best.rpartition("_")[2])
    return figures | {f"x12_{kind}_ahead": ahead}


def _memory(kind: str, path: Path, content: bytes, large_bytes: int) -> Figure:
    """Return the memory of a process that reads a large file. **Errors**: `NotVerified`."""
    with path.open("wb") as file:
        number = sum(map(_claims_of, map(_counted(file.write), _large(content, large_bytes))))
    found = _ran(sys.executable, "-m", "bench.x12_reading", kind, str(path))
    path.unlink()
    if found["claims"] != number:
        raise NotVerified(f"{number} claims were written, and {found['claims']} read")
    return Figure(value=found["peak_bytes"] / 1e6, unit="MB", beside=f"a file of {large_bytes // 1_000_000} MB")


def _counted(write: Callable[[bytes], int]) -> Callable[[bytes], bytes]:
    def written(part: bytes) -> bytes:
        write(part)
        return part

    return written


def _claims_of(part: bytes) -> int:
    return part.count(b"~CLP*") + part.count(b"~CLM*")


def _large(content: bytes, size: int) -> Iterator[bytes]:
    """Yield one set with the claims of another one again and again, and the count of its segments."""
    first = content.index(b"~ST*")
    begin = min(at for at in (content.find(b"~CLP*"), content.find(b"~HL*2*")) if at >= 0)
    end = content.index(b"~SE*")
    claims_of_set = content[begin:end]
    times = max(1, size // len(claims_of_set))
    yield content[:begin]
    for _ in range(times):
        yield claims_of_set
    segments = content[first:begin].count(b"~") + times * claims_of_set.count(b"~") + 1
    number = content[first:].split(b"~")[1].split(b"*")[2].decode()
    ends = content[content.index(b"~GE*") :].split(b"*")
    yield f"~SE*{segments}*{number}~GE*1*{ends[2].split(b'~')[0].decode()}~IEA*1*{ENVELOPE_NUMBER}~".encode()


ENVELOPE_NUMBER: Final = f"{ENVELOPE.interchange_control_number:09d}"


def _ran(*command: str) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 (our own programs)
        command, cwd=_ROOT, stdout=subprocess.PIPE, timeout=_WHOLE_MAX_SECONDS, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=CLAIMS)
    parser.add_argument("--large-megabytes", type=int, default=LARGE_BYTES // 1_000_000)
    given = parser.parse_args()
    reported("X12", measure(number=given.claims, large_bytes=given.large_megabytes * 1_000_000))
