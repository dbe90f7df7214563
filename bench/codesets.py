"""Big tables of codes: how long one takes to open, and look-ups as of a day beside a look into a plain dictionary.

`python -m bench.codesets`. The diagnosis codes are the starter's, the rest is made up (`codeset_files.py`). Half of
what is asked for does not exist. A table is opened from the form in which it is mapped, as services do. **Units**:
seconds are seconds of CPU, so that other programs on the machine do not count. Next: `pair_edits.py`, for the largest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from time import process_time
from typing import Any, Final

from bench import codeset_files
from bench.figures import Figure, reported
from bench.machine import loops_per_second
from shared.codesets import coverage_articles, hcpcs, icd10cm, mpfs, mue, nppes
from shared.codesets.edition import UnknownCode
from shared.codesets.library import System
from shared.codesets.packed import plain

TABLE: Final = Path(__file__).resolve().parents[1] / "reference" / "icd10cm.table"
ON: Final = date(2026, 11, 2)
_QUESTIONS: Final = 200_000
_TURNS: Final = 3
_SEED: Final = 7
_POINTED_TO: Final = ("A012", "I10")


class NotVerified(Exception):
    """The answers of the measured look-ups are wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A table, and how it is asked. **Shape**: no code of the table begins as `absent` does."""

    figure: str
    system: System[Any]
    packed: bytes
    codes: Sequence[str]
    ask: Callable[[Any], Callable[[str], object]]
    absent: str = "ZZZZZ"


def measure() -> dict[str, Figure]:
    """Return the figures. **Errors**: `NotVerified`."""
    figures: dict[str, Figure] = {}
    slowest = 0.0
    for each in _tables():
        opened, bare, asked = _taken(each)
        slowest = max(slowest, opened)
        if not figures:
            figures["bare_dictionary"] = Figure(
                value=bare, unit="look-ups/s", baseline=loops_per_second(), beside="control loop of CPU"
            )
        figures[each.figure] = Figure(value=asked, unit="look-ups/s", baseline=bare, beside="a dictionary of its codes")
    return {**figures, "codeset_open": Figure(value=slowest, unit="s, the slowest of them")}


def _tables() -> tuple[_Asked, ...]:
    starter = TABLE.read_bytes()
    return (
        _Asked(
            figure="codeset_look_ups",
            system=icd10cm.SYSTEM,
            packed=starter,
            codes=list(icd10cm.SYSTEM.read(starter)),
            ask=lambda table: lambda code: table.look_up(code, ON),
        ),
        _Asked(
            figure="hcpcs_look_ups",
            system=hcpcs.SYSTEM,
            packed=codeset_files.hcpcs_codes().table,
            codes=codeset_files.LEVEL_2,
            ask=lambda table: lambda code: table.look_up(code, ON),
        ),
        _Asked(
            figure="mue_look_ups",
            system=mue.PRACTITIONER,
            packed=codeset_files.unit_limits().table,
            codes=codeset_files.PROCEDURES,
            ask=lambda table: lambda code: table.limit(code, ON),
        ),
        _Asked(
            figure="mpfs_look_ups",
            system=mpfs.SYSTEM,
            packed=codeset_files.fee_schedule().table,
            codes=codeset_files.PROCEDURES,
            ask=lambda table: lambda code: table.values(code, ON),
        ),
        _Asked(
            figure="nppes_look_ups",
            system=nppes.SYSTEM,
            packed=codeset_files.providers().table,
            codes=codeset_files.NPIS,
            ask=lambda table: lambda npi: table.look_up(npi, ON),
            absent="2999999999",
        ),
        _Asked(
            figure="article_look_ups",
            system=coverage_articles.SYSTEM,
            packed=codeset_files.articles().table,
            codes=codeset_files.LISTED,
            ask=lambda table: lambda code: table.necessity(code, _POINTED_TO, ON),
        ),
    )


def _taken(each: _Asked) -> tuple[float, float, float]:
    """Return the seconds until a table is open, and look-ups a second of a dictionary and of it."""
    mapped = plain(each.packed)
    begun = process_time()
    table = each.system.read(mapped)
    opened = process_time() - begun
    random = Random(_SEED)  # noqa: S311 (which codes are asked for, no secret)
    asked = [random.choice(each.codes) if random.random() < 1 / 2 else each.absent for _ in range(_QUESTIONS)]
    known = dict.fromkeys(each.codes, True)
    bare, there = _best(lambda code: known.get(code, False), asked)
    took, answers = _best(each.ask(table), asked)
    found = [bool(answer) and not isinstance(answer, UnknownCode) for answer in answers]
    if found != there:
        raise NotVerified(f"{each.figure}: a code that exists was not found, or one that does not exist was")
    return opened, bare, took


def _best(ask: Callable[[str], object], asked: Sequence[str]) -> tuple[float, list[Any]]:
    """Return the look-ups a second of the best turn, and the answers."""
    best, answers = float("inf"), []
    for _ in range(_TURNS):
        begun = process_time()
        answers = [ask(code) for code in asked]
        best = min(best, process_time() - begun)
    return len(asked) / best, answers


if __name__ == "__main__":
    reported("Code sets", measure())
