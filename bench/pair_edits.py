"""2.5 million pair edits in the layout of CMS: read into a table, opened, asked; in a process of its own, for memory.

    python -m bench.pair_edits

The baseline of reading is splitting the same lines into their columns, that of asking a dictionary of the same pairs.
**Units**: seconds of CPU; memory is the most that was in use while the table was built.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from time import process_time
from typing import Final

from bench.figures import Figure, reported
from bench.machine import loops_per_second
from shared.codesets.loaders.ncci_ptp import LAYOUTS
from shared.codesets.ncci_ptp import PRACTITIONER
from shared.codesets.official import Built, Member, Stated
from shared.codesets.packed import plain

ROWS: Final = 2_500_000
_CODES: Final = tuple(f"{number:05d}" for number in range(10_000, 22_000))
_QUESTIONS: Final = 200_000
_SEED: Final = 7
_ON: Final = date(2026, 11, 2)
_SINCE: Final = date(2026, 10, 1)
_HEADINGS: Final = (
    b"synthetic\t\t\t\t\t\t\r\n",
    b"Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n",
)
_KILOBYTE: Final = 1_024
_SAMPLE: Final = 10
_ROOT: Final = Path(__file__).resolve().parents[1]


class NotVerified(Exception):
    """The table does not answer as its rows do."""


def table(rows: int = ROWS, since: date = _SINCE) -> Built:
    """Return the table of so many rows, which answers from a day on."""
    stated = Stated(release="synthetic", effective_from=since)
    return LAYOUTS[0].build([Member(name="ccipra.txt", lines=_lines(rows))], stated)


def pair(number: int) -> tuple[str, str]:
    """Return the two codes of a row."""
    many = len(_CODES)
    return _CODES[number % many], _CODES[(number * 7_919 + number // many) % many]


def measure() -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`."""
    words = [sys.executable, "-m", "bench.pair_edits", "--alone"]
    found = json.loads(subprocess.run(words, cwd=_ROOT, check=True, capture_output=True, text=True).stdout)  # noqa: S603 (ours)
    loops = loops_per_second()
    return {
        "bare_columns": Figure(
            value=ROWS / found["split"], unit="rows/s", baseline=loops, beside="control loop of CPU"
        ),
        "ptp_build": Figure(
            value=found["build"], unit="s of 2,500,000 rows", baseline=found["split"], beside="bare_columns"
        ),
        "ptp_build_memory": Figure(value=found["peak_bytes"] / 1_000_000, unit="MB"),
        "ptp_open": Figure(value=found["open"], unit="s"),
        "ptp_look_ups": Figure(
            value=_QUESTIONS / found["ask"],
            unit="look-ups/s",
            baseline=_QUESTIONS / found["dictionary"],
            beside="a dictionary of the pairs that are asked for",
        ),
    }


def _lines(rows: int) -> Iterator[bytes]:
    yield from _HEADINGS
    for number in range(rows):
        column1, column2 = pair(number)
        since = 2000 + number % 26
        yield f"{column1}\t{column2}\t\t{since}0101\t*\t{number % 2}\tMore extensive procedure\r\n".encode()


def _alone() -> dict[str, float]:
    begun = process_time()
    made = table()
    build = process_time() - begun
    peak = _peak_bytes()
    begun = process_time()
    for _ in _lines(ROWS):
        pass
    making = process_time() - begun
    sample = list(_lines(ROWS // _SAMPLE))
    begun = process_time()
    for line in sample:
        line.rstrip(b"\r\n").split(b"\t")
    split = (process_time() - begun) * _SAMPLE
    mapped = plain(made.table)
    begun = process_time()
    edits = PRACTITIONER.read(mapped)
    opened = process_time() - begun
    random = Random(_SEED)  # noqa: S311 (which pairs are asked for, no secret)
    asked = [pair(random.randrange(ROWS))[:: random.choice((1, -1))] for _ in range(_QUESTIONS)]
    begun = process_time()
    answers = [edits.edit(column1, column2, _ON) for column1, column2 in asked]
    ask = process_time() - begun
    known = {each: True for each, answer in zip(asked, answers, strict=True) if answer is not None}
    begun = process_time()
    plain_answers = [known.get(each, False) for each in asked]
    dictionary = process_time() - begun
    if len(edits) != ROWS or sum(plain_answers) < _QUESTIONS // 3:
        raise NotVerified("rows are missing, or pairs of rows were not found")
    return {
        "build": build - making,
        "split": split,
        "peak_bytes": peak,
        "open": opened,
        "ask": ask,
        "dictionary": dictionary,
    }


def _peak_bytes() -> int:
    (line,) = (each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM:"))
    return int(line.split()[1]) * _KILOBYTE


if __name__ == "__main__":
    if "--alone" in sys.argv:
        print(json.dumps(_alone()))
    else:
        reported("Pair edits", measure())
