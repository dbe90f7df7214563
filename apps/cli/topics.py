"""`claimlog topics`: whether the topics are as they must be, made, and facts sent again.

Owns: the words. Refuses: the log (`shared/runtime/republishing.py`, in the service's own program).
"""

from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from apps.cli.operating import operate
from apps.cli.options import DryRun, Json, OneService, Services, Yes, chosen, sure
from apps.cli.shown import Results, end

TOPICS: Final = typer.Typer(no_args_is_help=True)


@TOPICS.command(epilog="Example: claimlog topics check")
def check(*, service: Services = None, as_json: Json = False) -> None:
    """Say whether topics exist with the partitions and the retention that they must have. Exit code 1: they do not."""
    end(operate(chosen(service), "topics", "check", together=True), as_json=as_json, show=_show)


@TOPICS.command(epilog="Example: claimlog topics create --service claims --dry-run")
def create(*, service: Services = None, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Make the topics that are missing; a second time changes nothing. One that differs is never altered."""
    words = ("topics", "create", *(("--dry-run",) if dry_run else ()))
    end(operate(chosen(service), *words, together=True), as_json=as_json, show=_show)


@TOPICS.command(epilog="Example: claimlog topics republish --service claims --from 120 --yes")
def republish(
    *,
    service: OneService,
    first: Annotated[int, typer.Option("--from", min=1, help="The position of the first fact that is sent again.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Send every published fact from a position on again: it closes a gap, and who has a fact already drops it."""
    if not dry_run:
        sure(f"send the facts of {service.value} from {first:,} on again?", yes=yes)
    words = ("topics", "republish", "--from", str(first), *(("--dry-run",) if dry_run else ()))
    end(operate([service.value], *words), as_json=as_json, show=_show_sent)


def _show(results: Results, console: Console) -> None:
    table = Table("service", "topic", "state")
    for name, each in results.items():
        for topic in each["topics"]:
            table.add_row(name, topic, each["wrong"].get(topic, "as it must be"))
    if results:
        console.print(table)


def _show_sent(results: Results, console: Console) -> None:
    for each in results.values():
        word = "would be sent again" if each["dry_run"] else "sent again"
        for topic, count in each["sent"].items():
            console.print(f"{topic}: {count:,} facts {word}", highlight=False)
