"""`claimlog locks`: streams on which nothing is decided, because a restore found facts of theirs missing.

Owns: the words. Refuses: judging what is missing; a person looked.
"""

from typing import Annotated, Final

import typer
from rich.console import Console

from apps.cli.operating import operate
from apps.cli.options import Json, OneService, Services, Yes, chosen, sure
from apps.cli.shown import SHOWN_MAX, Results, end, show_fields

LOCKS: Final = typer.Typer(no_args_is_help=True)


@LOCKS.command("list", epilog="Example: claimlog locks list")
def locks_list(*, service: Services = None, as_json: Json = False) -> None:
    """List the streams on which nothing is decided, because a restore found facts missing."""
    end(operate(chosen(service), "locks", "list", together=True), as_json=as_json, show=_show_locks)


@LOCKS.command("release", epilog="Example: claimlog locks release claim-1 --service claims --reason nothing-missing")
def locks_release(  # noqa: PLR0913 (each is an option of the command line)
    stream: Annotated[str, typer.Argument(help="The stream; `claimlog locks list` shows it.")],
    *,
    service: OneService,
    reason: Annotated[str, typer.Option(help="Why it may go on, a slug: nothing-missing.")],
    tenant: Annotated[str, typer.Option(help="Whose it is.")] = "demo",
    operator: Annotated[str, typer.Option(help="Who looked: an account, never a name.")] = "operator-1",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Let a stream go on after a person looked at what is missing."""
    sure(f"let {stream} go on?", yes=yes)
    words = ("locks", "release", stream, "--tenant", tenant, "--reason", reason, "--operator", operator)
    end(operate([service.value], *words), as_json=as_json, show=show_fields)


def _show_locks(results: Results, console: Console) -> None:
    for name, each in results.items():
        for one in each["streams"][:SHOWN_MAX]:
            console.print(f"{name}: {one['stream']} of {one['tenant_id']}", highlight=False)
        console.print(f"{name}: {len(each['streams']):,} streams are locked", highlight=False)
