"""`claimlog doctor`: what is wrong, and the command that mends it.

Owns: the words, one line for each look. Refuses: looking (`shared/runtime/doctor.py`, `apps/embedded/doctor.py`).
"""

from collections.abc import Mapping
from typing import Any, Final

import typer
from rich.console import Console

from apps.cli.operating import FAILED, OK, Operated, operate
from apps.cli.options import Json, Services, answer, chosen

_STYLES: Final = {"ok": "green", "warn": "yellow", "fail": "red"}
_MACHINE: Final = "machine"


def doctor(*, service: Services = None, as_json: Json = False) -> None:
    """Look for the faults that happen most, and say what mends each. Exit code 1: something is broken.

    Looks at port, disk, database server, databases, clocks, log, topics, checkpoints, read models and code sets.
    """
    looks = _looks(operate(chosen(service), "doctor", together=True))
    answer({"checks": looks}, as_json=as_json, show=lambda console: _show(looks, console))
    raise typer.Exit(FAILED if any(look["level"] == "fail" for look in looks) else OK)


def _looks(found: Operated) -> list[Mapping[str, Any]]:
    """Return every look, those at the machine first; a program that said nothing is a finding, too."""
    names = sorted(found.results, key=lambda name: name != _MACHINE)
    looks: list[Mapping[str, Any]] = [{"of": name, **look} for name in names for look in found.results[name]["checks"]]
    is_told = any(look["check"] in {"data", "database-server"} and look["level"] != "ok" for look in looks)
    if not is_told:
        looks += [
            {"of": name, "check": error["slug"], "level": "fail", "said": error["message"], "mend": "claimlog config"}
            for name, error in found.errors.items()
        ]
    return looks


def _show(looks: list[Mapping[str, Any]], console: Console) -> None:
    for look in looks:
        console.print(f"{look['level']:4}", style=_STYLES[look["level"]], end=" ")
        console.print(f"{look['of']}: {look['check']}: {look['said']}", highlight=False, soft_wrap=True)
        if look["mend"]:
            console.print(f"     mend: {look['mend']}", highlight=False, soft_wrap=True)
