"""Files of a million segments, in the short dose some a tenth: looking into them takes no more memory than a tenth."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.dose import dose

ROOT: Final = Path(__file__).resolve().parents[2]
PROGRAM: Final = """
import resource, sys
from collections import deque
from shared.x12.checks import check
from shared.x12.checks.masking import Masker, mask
from shared.x12.checks.tree import tree
from tests.unit.shared.x12.checks.bases import PROFESSIONAL

def blocks(claims):
    yield ("~".join(PROFESSIONAL[:20]) + "~").encode()
    for number in range(claims):
        claim = [f"CLM*C{number}*150***11:B:1*Y*A*Y*Y", f"REF*EA*R{number}", *PROFESSIONAL[21:35]]
        yield ("~".join(claim) + "~").encode()
    yield ("~".join(PROFESSIONAL[-3:]) + "~").encode()

LOOKS = {
    "check": check,
    "mask": lambda source: mask(source, key=b"key"),
    "show": lambda source: tree(source, masker=Masker(b"key")),
}
deque(LOOKS[sys.argv[1]](blocks(int(sys.argv[2]) // 16)), maxlen=0)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
"""A process of its own, so that its peak is that of this file alone. **Units**: it prints KiB."""
GROWTH_MAX_KIB: Final = 24_000
"""The numbers of 62,500 claims by which duplicates are found, and the texts that masking remembers."""


def _peak_kib(look: str, segments: int) -> int:
    done = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", PROGRAM, look, str(segments)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.parametrize(("look", "short"), [("check", 100_000), ("mask", 1_000_000), ("show", 100_000)])
def test_memory_does_not_grow_with_a_file(look: str, short: int) -> None:
    segments = dose(short, 1_000_000)

    assert _peak_kib(look, segments) < _peak_kib(look, segments // 10) + GROWTH_MAX_KIB
