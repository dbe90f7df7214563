"""`claimlog verify`: what is there is proved.

Owns: the words, and how answers are shown. Refuses: the work, which runs in the service's own program.
"""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from apps.cli.operating import operate
from apps.cli.options import Json, Services, chosen
from apps.cli.shown import Results, end


def verify(
    *,
    service: Services = None,
    quick: Annotated[bool, typer.Option("--quick", help="The facts alone: chain, versions, names.")] = False,
    projection: Annotated[list[str] | None, typer.Option(help="Of the read models, this one only; repeatable.")] = None,
    as_json: Json = False,
) -> None:
    """Prove that nothing is lost, doubled or altered, while the service runs.

    Exit code 1: an invariant is broken, and its first counter-example is shown; 3: not all could be looked at.
    """
    words = [*(["--quick"] if quick else []), *(word for name in projection or () for word in ("--projection", name))]
    found = operate(chosen(service), "verify", *words)
    end(found, as_json=as_json, show=_show_invariants)


def _show_invariants(results: Results, console: Console) -> None:
    table = Table("service", "invariant", "holds", "looked at", "left out", "counter-example or note")
    table.columns[3].justify = table.columns[4].justify = "right"
    for name, each in results.items():
        for one in each["invariants"]:
            holds = {True: "yes", False: "NO", None: "unknown"}[one["holds"]]
            said = one["counter_example"] or one["note"] or ""
            table.add_row(name, one["name"], holds, f"{one['checked']:,}", f"{one['left_out']:,}", said)
    if results:
        console.print(table)
    for name, each in results.items():
        rate = f"{each['events_per_second']:,} facts a second"
        console.print(f"{name}: {each['position']:,} facts in {each['seconds']:.1f} s, {rate}", highlight=False)
