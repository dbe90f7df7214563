"""Reading claim files and remittances: claims per second, beside the bare split of the same bytes into elements.

Owns: the measure. `lifecycle.py` hands over the files of its own run, so they are what the product writes and reads.
**Units**: seconds are seconds of CPU.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from time import process_time
from typing import Final

from bench.figures import Figure
from bench.machine import loops_per_second
from shared.x12.sets.t835_x221a1 import read_835
from shared.x12.sets.t837p_x222a1 import read_837p

_SECONDS: Final = 1.0


def readers(exchange: Path) -> dict[str, Figure]:
    """Return how fast the files of an exchange folder are read."""
    claims = [path.read_bytes() for path in sorted((exchange / "outbound").glob("837p-*.edi"))]
    remittances = [path.read_bytes() for path in sorted((exchange / "inbound").glob("835-*.edi"))]
    reader_837p, reader_835 = _figure(_read_837p, claims), _figure(_read_835, remittances)
    split, control = reader_837p.baseline or 0.0, loops_per_second()
    return {
        "bare_split": Figure(value=split, unit="claims/s", baseline=control, beside="control loop of CPU"),
        "x12_837p_reader": reader_837p,
        "x12_835_reader": reader_835,
    }


def _read_837p(content: bytes) -> int:
    return sum(len(batch.claims) for batch in read_837p(content))


def _read_835(content: bytes) -> int:
    return sum(len(remittance.claims) for remittance in read_835(content))


def _split(content: bytes) -> int:
    return sum(segment.split("*")[0] in {"CLM", "CLP"} for segment in content.decode().split("~"))


def _figure(read: Callable[[bytes], int], files: Iterable[bytes]) -> Figure:
    """Return claims per second; reading and splitting take turns, so that both meet the same machine."""
    seconds, counts = {read: 0.0, _split: 0.0}, {read: 0, _split: 0}
    while seconds[read] < _SECONDS:
        for content in files:
            for take in (read, _split):
                begun = process_time()
                counts[take] += take(content)
                seconds[take] += process_time() - begun
    return Figure(
        value=counts[read] / seconds[read],
        unit="claims/s",
        baseline=counts[_split] / seconds[_split],
        beside="bare split",
    )
