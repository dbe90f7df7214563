"""docs/performance.md names every bar of the measurements, and no other."""

import re
from pathlib import Path

from bench.bars import BARS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"


def test_the_page_has_every_bar_as_it_is() -> None:
    section = PAGE.read_text().split("## What is measured")[1].split("\n## ")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, flags=re.MULTILINE))

    assert told == {name: str(bar) for name, bar in BARS.items()}
