"""`claimlog replay` and `claimlog restore`: read models built anew, a lost store brought back from its topics.

Owns: the words. Refuses: the work, which runs in the service's own program.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from apps.cli.operating import operate
from apps.cli.options import DryRun, Json, OneService, Yes
from apps.cli.shown import Results, end, show_fields


def replay(  # noqa: PLR0913 (each is an option of the command line)
    *,
    service: OneService,
    projection: Annotated[
        list[str] | None, typer.Option(help="Which read model; may be repeated. All without it.")
    ] = None,
    source: Annotated[
        Literal["store", "topics"], typer.Option("--from", help="Own facts from the store, or from the topics.")
    ] = "store",
    to_position: Annotated[int | None, typer.Option(min=0, help="Fill a side table up to this fact.")] = None,
    as_of: Annotated[datetime | None, typer.Option(help="Fill a side table as of this instant.")] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Build read models anew from the facts while the service serves, and swap them in.

    With --dry-run they are compared row by row, and nothing is swapped; exit code 3: a row differs. No reaction and no
    effect runs.
    """
    if (to_position is not None) + (as_of is not None) + dry_run > 1:
        raise typer.BadParameter("one of --to-position, --as-of and --dry-run")
    words = ["replay", *(word for name in projection or () for word in ("--projection", name))]
    words += ["--from", "topics"] if source == "topics" else []
    words += ["--to-position", str(to_position)] if to_position is not None else []
    words += ["--as-of", as_of.isoformat()] if as_of is not None else []
    words += ["--dry-run"] if dry_run else []
    end(operate([service.value], *words), as_json=as_json, show=_show_read_models)


def restore(*, service: OneService, dry_run: DryRun = False, yes: Yes = False, as_json: Json = False) -> None:
    """Bring a lost or rewound store back from its topics; the service must not run meanwhile. Effects are held.

    Positions that no topic has are lost for good: without --yes they are listed, and nothing is written.
    """
    words = ("restore", *(("--dry-run",) if dry_run else ()), *(("--yes",) if yes else ()))
    end(operate([service.value], *words), as_json=as_json, show=show_fields)


def _show_read_models(results: Results, console: Console) -> None:
    table = Table("service", "read model", "facts", "rows", "a second", "differ", "in service")
    for column in table.columns[2:6]:
        column.justify = "right"
    for name, each in results.items():
        for one in each["projections"]:
            differ = "" if one.get("differences") is None else f"{one['differences']:,}"
            table.add_row(
                name,
                f"{one['name']} v{one['version']}",
                f"{one['events']:,}",
                f"{one['rows']:,}",
                f"{one['events_per_second']:,}",
                differ,
                _place(one),
            )
    if table.row_count:
        console.print(table)


def _place(one: Mapping[str, Any]) -> str:
    if one.get("swap_seconds") is not None:
        return f"{one['table']}, after {one['swap_seconds']:.3f} s"
    return f"no: {one['table']} stands aside" if one.get("table") else "as it was"
