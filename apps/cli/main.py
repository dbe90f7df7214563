"""The command line `claimlog`.

Owns: the list of commands, those that start everything, and exit codes (0 ok, 1 failure, 2 usage, 3 partial). Refuses:
importing a service; it speaks HTTP (`calling.py`), or starts a program of its own (`operating.py`). A family of
commands is imported when it is asked for, so that none waits for what another one needs. Next: a module for each.
"""

import signal
import subprocess
import sys
from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import Annotated, Final

import typer

from apps.cli.options import SAYS, Json
from shared.kernel.errors import KnownError

_FAMILIES: Final = {
    "backup": "apps.cli.backup",
    "codesets": "apps.cli.codesets",
    "effects": "apps.cli.effects",
    "findings": "apps.cli.findings",
    "import": "apps.cli.importing",
    "locks": "apps.cli.locks",
    "mailbox": "apps.cli.mailbox",
    "park": "apps.cli.parking",
    "rules": "apps.cli.rules",
    "show": "apps.cli.showing",
    "simulator": "apps.cli.simulator",
    "topics": "apps.cli.topics",
    "x12": "apps.cli.x12",
}
"""Modules, each with an application that has the family's name in capitals."""
_COMMANDS: Final = {
    "doctor": ("apps.cli.doctor", "claimlog doctor"),
    "status": ("apps.cli.status", "claimlog status --service claims --json"),
    "config": ("apps.cli.configuring", "claimlog config --service claims"),
    "verify": ("apps.cli.verify", "claimlog verify --service claims --quick"),
    "replay": ("apps.cli.recovering", "claimlog replay --service claims --projection claims --dry-run"),
    "restore": ("apps.cli.recovering", "claimlog restore --service claims --dry-run"),
    "token": ("apps.cli.token", "claimlog token --scope claims.read --hours 1"),
}
"""Modules, each with a function of the command's name, and an example."""
NAMES: Final = frozenset({*_FAMILIES, *_COMMANDS})


def application(asked: Collection[str] = NAMES) -> typer.Typer:
    """Return the command line with these families and commands, and those that start everything."""
    app = typer.Typer(no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, help="claimlog")
    app.command(epilog="Example: claimlog demo --json")(demo)
    app.command(epilog="Example: CLAIMLOG_PORT=8001 claimlog run")(run)
    for name, (module, example) in _COMMANDS.items():
        if name in asked:
            app.command(name, epilog=f"Example: {example}")(getattr(import_module(module), name))
    for name, module in _FAMILIES.items():
        if name in asked:
            app.add_typer(getattr(import_module(module), name.upper()), name=name)
    return app


def demo(
    *,
    as_json: Json = False,
    path: Annotated[Path | None, typer.Option(help="FHIR to import instead of the sample practice.")] = None,
) -> None:
    """Run the sample practice through all five services, from registration to the ledger, and check every cent."""
    options = [*(["--json"] if as_json else []), *(["--path", str(path)] if path else [])]
    raise typer.Exit(_embedded("demo", *options))


def run() -> None:
    """Run everything in one process and keep the HTTP APIs open until Ctrl-C."""
    raise typer.Exit(_embedded("run"))


def _embedded(*arguments: str) -> int:
    with subprocess.Popen([sys.executable, "-m", "apps.embedded.main", *arguments]) as process:  # noqa: S603 (ours)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())  # nobody told the child
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the terminal told the child too: let it close its database
                continue


def main() -> None:
    """Run the command line; an expected failure is one line that says what to do, and exit code 1."""
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    app = application({first} if first in NAMES else NAMES)
    try:
        app()
    except KnownError as error:
        SAYS.print(f"claimlog: {error}", style="red", highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
