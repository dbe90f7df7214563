"""The command line `claimlog`.

Owns: the list of commands, those that start everything, and exit codes (0 ok, 1 failure, 2 usage, 3 partial). Refuses:
importing a service; it speaks HTTP (`calling.py`), or starts a program of its own (`operating.py`). Next: a module for
each family of commands.
"""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from apps.cli.backup import BACKUP
from apps.cli.codesets import CODESETS
from apps.cli.configuring import config
from apps.cli.doctor import doctor
from apps.cli.effects import EFFECTS
from apps.cli.findings import FINDINGS
from apps.cli.importing import ImportOptions, import_from
from apps.cli.locks import LOCKS
from apps.cli.mailbox import MAILBOX
from apps.cli.options import SAYS, Json
from apps.cli.parking import PARK
from apps.cli.recovering import replay, restore
from apps.cli.rules import RULES
from apps.cli.settings import Settings
from apps.cli.showing import SHOW
from apps.cli.simulator import SIMULATOR
from apps.cli.status import status
from apps.cli.topics import TOPICS
from apps.cli.verify import verify
from apps.cli.x12 import X12
from shared.events.envelope import Actor
from shared.kernel.errors import KnownError
from shared.runtime.clock import now
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer

APP: Final = typer.Typer(no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, help="claimlog")
IMPORT: Final = typer.Typer(no_args_is_help=True, help="Bring data in through the HTTP APIs.")
_FAMILIES: Final = {
    "backup": BACKUP,
    "codesets": CODESETS,
    "effects": EFFECTS,
    "findings": FINDINGS,
    "import": IMPORT,
    "locks": LOCKS,
    "mailbox": MAILBOX,
    "park": PARK,
    "rules": RULES,
    "show": SHOW,
    "simulator": SIMULATOR,
    "topics": TOPICS,
    "x12": X12,
}
for _name, _words in _FAMILIES.items():
    APP.add_typer(_words, name=_name)
APP.command(epilog="Example: claimlog doctor")(doctor)
APP.command(epilog="Example: claimlog status --service claims --json")(status)
APP.command(epilog="Example: claimlog config --service claims")(config)
APP.command(epilog="Example: claimlog verify --service claims --quick")(verify)
APP.command(epilog="Example: claimlog replay --service claims --projection claims --dry-run")(replay)
APP.command(epilog="Example: claimlog restore --service claims --dry-run")(restore)


@APP.command(epilog="Example: claimlog demo --json")
def demo(
    *,
    as_json: Json = False,
    path: Annotated[Path | None, typer.Option(help="FHIR to import instead of the sample practice.")] = None,
) -> None:
    """Run the sample practice through all five services, from registration to the ledger, and check every cent."""
    options = [*(["--json"] if as_json else []), *(["--path", str(path)] if path else [])]
    raise typer.Exit(_embedded("demo", *options))


@APP.command(epilog="Example: CLAIMLOG_PORT=8001 claimlog run")
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


@APP.command(epilog="Example: claimlog token --scope claims.read --hours 1")
def token(
    *,
    tenant: Annotated[str, typer.Option(help="Whose data the token opens.")] = "demo",
    actor: Annotated[str, typer.Option(help="Who it speaks for; an account, never a name.")] = "operator-1",
    scope: Annotated[list[str] | None, typer.Option(help="May be given several times; all scopes without it.")] = None,
    hours: Annotated[int, typer.Option(min=1, max=24, help="How long it lives.")] = 8,
    as_json: Json = False,
) -> None:
    """Print a bearer token of the development issuer, for `curl -H "Authorization: Bearer $(claimlog token)"`."""
    settings = Settings.read()
    issuer = DevelopmentIssuer.from_folder(settings.data / "keys", settings.token_issuer)
    signed = issuer.token(
        tenant_id=tenant,
        actor=Actor(kind="human", id=actor),
        scopes=scope or ALL_SCOPES,
        now=now(),
        lifetime=timedelta(hours=hours),
    )
    typer.echo(json.dumps({"token": signed, "tenant_id": tenant, "hours": hours}) if as_json else signed)


@IMPORT.command("fhir", epilog="Example: claimlog import fhir samples/practice")
def import_fhir(
    path: Annotated[Path, typer.Argument(help="File, folder or archive: R4 bundles, NDJSON, .tgz.")],
    *,
    as_json: Json = False,
) -> None:
    """Import FHIR R4. A bad resource is reported and the rest goes on; a second import of the same adds nothing."""
    settings = Settings.read()
    options = ImportOptions(base_url=settings.url, data=settings.data, token_issuer=settings.token_issuer)
    report = _awaited(import_from(path, options, console=SAYS))
    if as_json:
        typer.echo(json.dumps(report.as_json()))
    else:
        report.show(Console())
    raise typer.Exit(3 if report.failed else 0)


def _awaited(work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 (each command knows its own)
    return asyncio.run(work)


def main() -> None:
    """Run the command line; an expected failure is one line that says what to do, and exit code 1."""
    try:
        APP()
    except KnownError as error:
        SAYS.print(f"claimlog: {error}", style="red", highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
