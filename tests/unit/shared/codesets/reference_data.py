"""Where the sample files lie beside the repository; tests that compare with them skip where they are absent."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[4]
FOLDER: Final = ROOT.parent / "shared" / "data" / "reference"


def rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file, packed or not; skip the test where the file is absent."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the repository")
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)
