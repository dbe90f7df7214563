"""A figure and what it stands beside, the file and the table that they go into, and the end of a run that cannot count.

Owns: `var/bench.json`. Figures of one script replace its own and leave those of the others. Refuses: hiding a bar that
is not met. Next: `bars.py` has the bars, and what is known of the baselines.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.bars import BARS, weak

FILE: Final = Path(__file__).resolve().parents[1] / "var" / "bench.json"
_WHOLE_FROM: Final = 1_000
_WIDTH: Final = 150  # of a table that goes into a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured.

    **Shape**: `baseline` is in the same unit and from the same run, `beside` says what did it; None where there is
    none. A baseline is a figure too, beside its control loop.
    """

    value: float
    unit: str
    baseline: float | None = None
    beside: str = ""

    @property
    def ratio(self) -> float | None:
        """Return how many times the baseline the value is."""
        return round(self.value / self.baseline, 3) if self.baseline else None


def keep(figures: Mapping[str, Figure], path: Path | None = None) -> None:
    """Write figures beside those that other scripts left."""
    path = path or FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    known |= {name: _kept(name, each) for name, each in figures.items()}
    path.write_text(json.dumps(known, indent=2) + "\n")


def _kept(name: str, figure: Figure) -> dict[str, object]:
    bar = BARS.get(name)
    return {
        "value": _short(figure.value),
        "unit": figure.unit,
        "beside": figure.beside or None,
        "baseline": None if figure.baseline is None else _short(figure.baseline),
        "ratio": figure.ratio,
        "bar": str(bar) if bar else None,
        "met": bar.is_met(figure.value, figure.ratio) if bar else None,
    }


def show(title: str, figures: Mapping[str, Figure]) -> None:
    """Print figures for people, each with its bar."""
    table = Table("figure", "value", "unit", "beside", "baseline", "ratio", "bar", "met", title=title)
    for number in (1, 4, 5):
        table.columns[number].justify = "right"
    for name, each in figures.items():
        table.add_row(name, *_cells(name, each))
    console = Console()
    Console(width=None if console.is_terminal else _WIDTH).print(table)


def _cells(name: str, figure: Figure) -> Iterator[str]:
    yield f"{_short(figure.value):,}"
    yield figure.unit
    yield figure.beside
    yield "" if figure.baseline is None else f"{_short(figure.baseline):,}"
    yield "" if figure.ratio is None else f"{figure.ratio:.3g}"
    bar = BARS.get(name)
    yield str(bar) if bar else ""
    yield "" if bar is None else "yes" if bar.is_met(figure.value, figure.ratio) else "NO"


def report(title: str, figures: Mapping[str, Figure]) -> bool:
    """Write and print figures; return whether they count: no baseline is far below what is known of it."""
    keep(figures)
    show(title, figures)
    found = list(weak({name: each.ratio for name, each in figures.items() if each.ratio is not None}))
    for line in found:
        print(f"does not count: {line}")
    return not found


def reported(title: str, figures: Mapping[str, Figure]) -> None:
    """Report figures, and end the program with 1 where they do not count."""
    if not report(title, figures):
        raise SystemExit(1)


def _short(value: float) -> float:
    return round(value) if abs(value) >= _WHOLE_FROM else round(value, 2)
