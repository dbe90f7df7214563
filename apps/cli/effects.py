"""`claimlog effects`: what was meant for the outside and has no result, and whether it may act after a restore.

Owns: the words. Refuses: acting (`shared/runtime/acting.py`).
"""

from typing import Final

import typer
from rich.console import Console
from rich.table import Table

from apps.cli.operating import operate
from apps.cli.options import DryRun, Json, OneService, Services, Yes, chosen, sure
from apps.cli.shown import SHOWN_MAX, Results, end

EFFECTS: Final = typer.Typer(no_args_is_help=True)


@EFFECTS.command("list", epilog="Example: claimlog effects list --service claims")
def effects_list(*, service: Services = None, as_json: Json = False) -> None:
    """List what was meant for the outside and has no result yet, and whether effects are held after a restore."""
    end(operate(chosen(service), "effects", "list", together=True), as_json=as_json, show=_show_effects)


@EFFECTS.command("resume", epilog="Example: claimlog effects resume --service claims --yes")
def effects_resume(*, service: OneService, dry_run: DryRun = False, yes: Yes = False, as_json: Json = False) -> None:
    """Let effects act again after a restore, once somebody asked the other side what it has seen."""
    if not dry_run:
        sure("was the other side asked what it has seen, and may effects act again?", yes=yes)
    words = ("effects", "resume", *(("--dry-run",) if dry_run else ("--yes",)))
    end(operate([service.value], *words), as_json=as_json, show=_show_effects)


def _show_effects(results: Results, console: Console) -> None:
    table = Table("service", "effect", "stream", "since", "state")
    for name, each in results.items():
        for intent in each["intents"][:SHOWN_MAX]:
            table.add_row(name, intent["effect"], intent["stream"], intent["recorded_at"][:19], intent["state"])
    if table.row_count:
        console.print(table)
    for name, each in results.items():
        state = "effects are held" if each["held"] else "effects act"
        console.print(f"{name}: {state}, {len(each['intents']):,} without a result", highlight=False)
