"""The command line `claimlog`.

Owns: the list of commands, and exit codes (0 ok, 1 failure, 2 usage, 3 partial). Refuses: importing a service; it
speaks HTTP (`calling.py`), or starts a program of its own (`operating.py`). A command is loaded when somebody asks for
it, so that none waits for what another one needs, and the list of all for none. Next: a module for each.
"""

import sys
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup

from apps.cli.options import SAYS
from shared.kernel.errors import KnownError

_COMMANDS: Final = {
    "demo": (
        "apps.cli.starting",
        "Run the sample practice through all five services, from registration to the ledger, and check every cent.",
        "claimlog demo --json",
    ),
    "run": (
        "apps.cli.starting",
        "Run everything in one process and keep the HTTP APIs open until Ctrl-C.",
        "CLAIMLOG_PORT=8001 claimlog run",
    ),
    "doctor": (
        "apps.cli.doctor",
        "Look for the faults that happen most, and say what mends each. Exit code 1: something is broken.",
        "claimlog doctor",
    ),
    "status": (
        "apps.cli.status",
        "Show how far facts got, who works, what is stuck, and what waits for what since when.",
        "claimlog status --service claims --json",
    ),
    "config": (
        "apps.cli.configuring",
        "Show each setting with its value and where it came from: default, environment, or the embedded process.",
        "claimlog config --service claims",
    ),
    "verify": (
        "apps.cli.verify",
        "Prove that nothing is lost, doubled or altered, while the service runs.",
        "claimlog verify --service claims --quick",
    ),
    "replay": (
        "apps.cli.recovering",
        "Build read models anew from the facts while the service serves, and swap them in.",
        "claimlog replay --service claims --projection claims --dry-run",
    ),
    "restore": (
        "apps.cli.recovering",
        "Bring a lost or rewound store back from its topics; the service must not run meanwhile. Effects are held.",
        "claimlog restore --service claims --dry-run",
    ),
    "token": (
        "apps.cli.token",
        'Print a bearer token of the development issuer, for `curl -H "Authorization: Bearer $(claimlog token)"`.',
        "claimlog token --scope claims.read --hours 1",
    ),
}
"""Modules, each with a function of the command's name; how its docstring begins; an example."""
_FAMILIES: Final = {
    "backup": ("apps.cli.backup", "The data folder in one file, and back."),
    "codesets": ("apps.cli.codesets", "Official code sets and edits, by date of service."),
    "effects": ("apps.cli.effects", "What touches the world: files to send, mailboxes."),
    "findings": ("apps.cli.findings", "What rules found and nobody mended or let pass yet."),
    "import": ("apps.cli.importing", "Bring data in through the HTTP APIs."),
    "locks": ("apps.cli.locks", "Streams of which a restore found facts missing."),
    "mailbox": ("apps.cli.mailbox", "What lies at the clearinghouse: folders and mailboxes."),
    "park": ("apps.cli.parking", "Records that could not be handled: look, try again, give up."),
    "rules": ("apps.cli.rules", "Rules that judge codes, and what came of each."),
    "show": ("apps.cli.showing", "One thing, as all services know it, now or at an instant."),
    "simulator": ("apps.cli.simulator", "The simulated payers: their time, members and book."),
    "topics": ("apps.cli.topics", "The topics that services publish to."),
    "x12": ("apps.cli.x12", "Look into X12 files."),
}
"""Modules, each with an application that has the family's name in capitals, and what it is about."""
NAMES: Final = (*_COMMANDS, *_FAMILIES)


class _OnDemand(TyperGroup):
    """Commands that are listed, and loaded once somebody names one, which completion in a shell does too."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 (typer's own click)
        """Return the command that the first word names."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed if name is None else loaded(name), rest


def application() -> typer.Typer:
    """Return the command line, of which nothing but the list is loaded."""
    app = typer.Typer(
        cls=_OnDemand, no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, help="claimlog"
    )
    for name, (_, about, *_) in (*_COMMANDS.items(), *_FAMILIES.items()):
        app.command(name, help=about)(_listed)
    return app


def _listed() -> None:
    """Stand in the list."""


def loaded(name: str) -> Any:  # noqa: ANN401 (typer's own click)
    """Return a command, or a family of commands."""
    app = typer.Typer()
    if name in _FAMILIES:
        module, about = _FAMILIES[name]
        app.add_typer(getattr(import_module(module), name.upper()), name=name, help=about)
    else:
        module, _, example = _COMMANDS[name]
        app.command(name, epilog=f"Example: {example}")(getattr(import_module(module), name))
    return typer.main.get_group(app).commands[name]


def main() -> None:
    """Run the command line; an expected failure is one line that says what to do, and exit code 1."""
    try:
        application()()
    except KnownError as error:
        SAYS.print(f"claimlog: {error}", style="red", highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
