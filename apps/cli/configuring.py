"""`claimlog config`: what every program is told, and by whom.

Owns: putting together what the programs say. Refuses: reading their settings; each has its own reader.
"""

from collections.abc import Mapping
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from apps.cli.operating import operate
from apps.cli.options import Json, Services, answer, chosen

_WHOLE = "embedded"


def config(*, service: Services = None, as_json: Json = False) -> None:
    """Show each setting with its value and where it came from: default, environment, or the embedded process.

    Passwords within addresses are masked. Exit code 1: a variable names no setting, or has a value that it cannot have.
    """
    found = operate(chosen(service), "config", together=True)
    found.show_errors()
    told_by_us = frozenset(found.results.get(_WHOLE, {}).get("tells", ()))
    programs = {name: _told(each, told_by_us) for name, each in found.results.items()}
    answer(
        {"programs": programs, "errors": found.errors},
        as_json=as_json,
        show=lambda console: _show(programs, console),
    )
    raise typer.Exit(found.code or int(any(each["unknown"] for each in programs.values())))


def _told(said: Mapping[str, Any], told_by_us: frozenset[str]) -> Mapping[str, Any]:
    settings = [
        {**each, "source": _WHOLE if each["variable"] in told_by_us else each["source"]} for each in said["settings"]
    ]
    return {"settings": settings, "unknown": said["unknown"]}


def _show(programs: Mapping[str, Mapping[str, Any]], console: Console) -> None:
    """Show what was set, and say how much was not; `--json` has all of it."""
    table = Table("program", "variable", "value", "from")
    table.columns[1].overflow = table.columns[2].overflow = "fold"
    for name, each in programs.items():
        for setting in each["settings"]:
            if setting["source"] != "default" or name == _WHOLE:
                value = f"{setting['value']} (cannot be)" if setting["is_wrong"] else setting["value"]
                table.add_row(name, setting["variable"], value, setting["source"])
    console.print(table)
    for name, each in programs.items():
        left = sum(setting["source"] == "default" for setting in each["settings"])
        if name != _WHOLE:
            console.print(f"{name}: {left} more have their default; --json shows them", highlight=False)
        for variable in each["unknown"]:
            console.print(f"{name}: {variable} names no setting", style="red", highlight=False)
