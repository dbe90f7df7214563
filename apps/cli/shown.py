"""An operator's answer shown: what was in the way, a report line by line, the exit code.

Owns: the plain form of a report. Refuses: tables; each command has its own.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, TypeAlias

import typer
from rich.console import Console

from apps.cli.operating import Operated
from apps.cli.options import answer

SHOWN_MAX: Final = 20
"""Entries of a long list that people are shown; `--json` has all."""
Results: TypeAlias = Mapping[str, Mapping[str, Any]]


def end(found: Operated, *, as_json: bool, show: Callable[[Results, Console], None]) -> NoReturn:
    """Show what a command came to, and end with its code."""
    found.show_errors()
    answer(found.as_json(), as_json=as_json, show=lambda console: show(found.results, console))
    raise typer.Exit(found.code)


def show_fields(results: Results, console: Console) -> None:
    """Show a report line by line; of a long list the beginning."""
    for name, each in results.items():
        for field, value in each.items():
            if isinstance(value, list):
                for entry in value[:SHOWN_MAX]:
                    console.print(f"{name}: {field}: {_plain(entry)}", highlight=False)
            elif value not in ("", None):
                console.print(f"{name}: {field}: {_plain(value)}", highlight=False)


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items() if each not in (None, "", []))
    if isinstance(value, list):
        return " ".join(map(_plain, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
