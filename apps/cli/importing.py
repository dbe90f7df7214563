"""An import as a person runs it: a token, a progress bar, a report.

Owns: the command, and what is shown. Refuses: reading FHIR (`fhir/`). The embedded demo runs the same function.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table
from stamina.instrumentation import set_on_retry_hooks

from apps.cli.fhir.importing import import_fhir
from apps.cli.fhir.over_http import HttpServices
from apps.cli.fhir.records import ImportReport
from apps.cli.options import SAYS, Json
from apps.cli.settings import Settings
from shared.clients.coding import CodingClient
from shared.clients.registration import RegistrationClient
from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.tokens import DevelopmentIssuer

IMPORT: Final = typer.Typer(no_args_is_help=True)
_FAILURES_SHOWN_MAX = 50
_SCOPES = ("registration.read", "registration.write", "coding.read", "coding.write")


@IMPORT.command("fhir", epilog="Example: claimlog import fhir samples/practice")
def fhir(
    path: Annotated[Path, typer.Argument(help="File, folder or archive: R4 bundles, NDJSON, .tgz.")],
    *,
    as_json: Json = False,
) -> None:
    """Import FHIR R4. A bad resource is reported and the rest goes on; a second import of the same adds nothing."""
    settings = Settings.read()
    options = ImportOptions(
        urls={name: f"{settings.url}/{name}" for name in ("registration", "coding")},
        data=settings.data,
        token_issuer=settings.token_issuer,
    )
    report = asyncio.run(import_from(path, options, console=SAYS))
    if as_json:
        typer.echo(json.dumps(report.as_json()))
    else:
        report.show(Console())
    raise typer.Exit(3 if report.failed else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """Where to, and as whom. **Shape**: `urls` of registration and coding, by name."""

    urls: Mapping[str, str]
    data: Path
    token_issuer: str
    tenant_id: str = "demo"


@dataclass(frozen=True, slots=True)
class Shown:
    """A report that can be shown."""

    report: ImportReport

    @property
    def failed(self) -> int:
        """Return how many resources were refused."""
        return len(self.report.failed)

    def as_json(self) -> Mapping[str, Any]:
        """Return the report for programs."""
        return {
            "read": dict(self.report.read),
            "created": dict(self.report.created),
            "existing": dict(self.report.existing),
            "left_out": dict(self.report.left_out),
            "failed": [
                {"file": each.place.file, "place": each.place.number, "type": each.resource_type, "reason": each.reason}
                for each in self.report.failed
            ],
        }

    def show(self, console: Console) -> None:
        """Print the report for people."""
        table = Table("resource", "read", "new", "known", "left out", title="Import")
        for name in sorted(self.report.read):
            counts = (self.report.read, self.report.created, self.report.existing, self.report.left_out)
            table.add_row(name, *(str(count.get(name, 0)) for count in counts))
        console.print(table)
        for each in self.report.failed[:_FAILURES_SHOWN_MAX]:
            console.print(
                f"  {each.place.file}:{each.place.number} {each.resource_type}: {each.reason}", style="yellow"
            )
        if self.failed > _FAILURES_SHOWN_MAX:
            console.print(f"  … and {self.failed - _FAILURES_SHOWN_MAX} more; --json lists all", style="yellow")


async def import_from(path: Path, options: ImportOptions, *, console: Console) -> Shown:
    """Import everything below a path. **Errors**: those of `import_fhir`."""
    set_on_retry_hooks([])  # the person sees a bar that waits, not a line for each of many tries
    issuer = DevelopmentIssuer.from_folder(options.data / "keys", options.token_issuer)
    signed = issuer.token(
        tenant_id=options.tenant_id,
        actor=Actor(kind="service", id="importer"),
        scopes=_SCOPES,
        now=now(),
        lifetime=timedelta(hours=4),
    )
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    common: dict[str, Any] = {
        "headers": {"Authorization": f"Bearer {signed}"},
        "timeout": httpx.Timeout(30.0),
        "limits": limits,
    }
    bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True)
    with bar:
        async with (
            httpx.AsyncClient(base_url=options.urls["registration"], **common) as registration,
            httpx.AsyncClient(base_url=options.urls["coding"], **common) as coding,
        ):
            services = HttpServices(RegistrationClient(registration), CodingClient(coding))
            return Shown(await import_fhir(path, services, progress=_stages(bar)))


def _stages(bar: Progress) -> Any:  # noqa: ANN401 (a callback)
    tasks: dict[str, TaskID] = {}

    def progress(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = bar.add_task(stage, total=total or None)
        bar.update(tasks[stage], completed=done, total=total or None)

    return progress
