"""Options that many commands share, and how an answer is shown: a table for people, one JSON document for programs."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

import typer
from rich.console import Console


class ServiceName(StrEnum):
    """The five services, in the order of the line."""

    REGISTRATION = "registration"
    CODING = "coding"
    VALIDATION = "validation"
    CLAIMS = "claims"
    PAYMENTS = "payments"


Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Services = Annotated[
    list[ServiceName] | None, typer.Option("--service", help="Which service; may be repeated. All five without it.")
]
OneService = Annotated[ServiceName, typer.Option("--service", help="Which service.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]

SAYS: Final = Console(stderr=True)
"""Progress, questions and what is in the way."""
_WIDTH_OF_A_PIPE: Final = 120


def chosen(services: list[ServiceName] | None) -> tuple[str, ...]:
    """Return the services that were asked for, in the order of the line."""
    return tuple(name.value for name in ServiceName if not services or name in services)


def out() -> Console:
    """Return where answers go; what is no terminal is as wide as a page."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_OF_A_PIPE)


def answer(document: Mapping[str, Any], *, as_json: bool, show: Callable[[Console], None]) -> None:
    """Show an answer: the document for programs, or what `show` prints for people."""
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        show(out())


def sure(question: str, *, yes: bool) -> None:
    """Go on where a person says so, or said so with `--yes`; else end with code 1, and nothing is done."""
    try:
        if yes or typer.confirm(question, err=True):
            return
    except typer.Abort:
        SAYS.print("\nnobody answered; --yes says so beforehand", highlight=False)
    SAYS.print("nothing was done")
    raise typer.Exit(1)
