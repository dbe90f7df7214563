"""`claimlog backup`: the data folder of one machine in one file, and back.

Owns: the words. Refuses: the files (`apps/embedded/backup.py`).
"""

from pathlib import Path
from typing import Annotated, Final

import typer

from apps.cli.operating import Operated, on_folder
from apps.cli.options import DryRun, Json, Yes, answer, sure
from apps.cli.shown import show_fields

BACKUP: Final = typer.Typer(no_args_is_help=True)
Archive = Annotated[Path, typer.Argument(help="The file.")]


@BACKUP.command(epilog="Example: claimlog backup create /backups/claimlog.zip")
def create(path: Archive, *, yes: Yes = False, as_json: Json = False) -> None:
    """Write databases, keys and journal into one file, also while claimlog runs: all as they were at one moment.

    The file holds the keys that open it: keep it as you keep them.
    """
    if path.exists():
        sure(f"replace {path}?", yes=yes)
    _end(on_folder("backup", str(path), *(("--yes",) if path.exists() else ())), as_json=as_json)


@BACKUP.command(epilog="Example: claimlog backup restore /backups/claimlog.zip --yes")
def restore(path: Archive, *, dry_run: DryRun = False, yes: Yes = False, as_json: Json = False) -> None:
    """Put a backup in the place of the data folder; claimlog must not run on it.

    The whole file is checked first. Without --yes only an empty folder is filled; else what was there is kept aside.
    """
    words = ("unpack", str(path), *(("--yes",) if yes else ()), *(("--dry-run",) if dry_run else ()))
    _end(on_folder(*words), as_json=as_json)


def _end(found: Operated, *, as_json: bool) -> None:
    found.show_errors()
    result = {name: value for name, value in found.results.get("backup", {}).items() if name != "parts"}
    document = found.results.get("backup") or {"error": found.errors.get("backup")}
    answer(document, as_json=as_json, show=lambda console: show_fields({"backup": result}, console))
    raise typer.Exit(found.code)
