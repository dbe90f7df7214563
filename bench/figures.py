"""A figure and its baseline, and the file and table that they go into.

Owns: `var/bench.json`. Figures of one script replace its own and leave those of the others. Refuses: judging: the bars
are in docs/performance.md.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

FILE: Final = Path(__file__).resolve().parents[1] / "var" / "bench.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured. **Shape**: `baseline` is in the same unit and from the same run; None where there is none."""

    value: float
    unit: str
    baseline: float | None = None

    @property
    def ratio(self) -> float | None:
        """Return how many times the baseline the value is."""
        return round(self.value / self.baseline, 3) if self.baseline else None


def keep(figures: Mapping[str, Figure], path: Path = FILE) -> None:
    """Write figures beside those that other scripts left."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    known |= {
        name: {
            "value": _short(each.value),
            "unit": each.unit,
            "baseline": None if each.baseline is None else _short(each.baseline),
            "ratio": each.ratio,
        }
        for name, each in figures.items()
    }
    path.write_text(json.dumps(known, indent=2) + "\n")


def show(title: str, figures: Mapping[str, Figure]) -> None:
    """Print figures for people."""
    table = Table("what", "value", "unit", "baseline", "ratio", title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, each in figures.items():
        baseline = "" if each.baseline is None else f"{_short(each.baseline):,}"
        table.add_row(
            name, f"{_short(each.value):,}", each.unit, baseline, "" if each.ratio is None else f"{each.ratio}"
        )
    Console().print(table)


def report(title: str, figures: Mapping[str, Figure]) -> None:
    """Write and print figures."""
    keep(figures)
    show(title, figures)


_WHOLE_FROM: Final = 1_000


def _short(value: float) -> float:
    return round(value) if abs(value) >= _WHOLE_FROM else round(value, 2)
