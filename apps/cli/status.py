"""`claimlog status`: where each service stands.

Owns: the words and the tables. Refuses: asking (`shared/runtime/status.py` does, in the service's own program).
"""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from apps.cli.operating import operate
from apps.cli.options import Json, Services, chosen
from apps.cli.shown import Results, end


def status(*, service: Services = None, as_json: Json = False) -> None:
    """Show how far facts got, who works, what is stuck, and what waits for what since when."""
    end(operate(chosen(service), "status", together=True), as_json=as_json, show=_show)


def _show(results: Results, console: Console) -> None:
    if not results:
        return
    table = Table("service", "facts", "a second", "to relay", "to read", "own to do", "jobs", "parked", "effects")
    for column in table.columns[1:6]:
        column.justify = "right"
    for name, each in results.items():
        table.add_row(
            name,
            f"{each['position']:,}",
            f"{each['facts_per_second']['last_minute']:,.1f}",
            _behind(each["relay"]),
            _behind(each["topics"]),
            _behind(each["own_facts"]),
            _jobs(each),
            f"{each['parked']['count']:,}",
            _effects(each["effects"]),
        )
    console.print(table)
    for name, each in results.items():
        for line in _remarks(each):
            console.print(f"{name}: {line}", highlight=False)


def _behind(lag: Mapping[str, Any]) -> str:
    if lag["behind"] is None:
        return "log away"
    return f"{lag['behind']:,} for {lag['seconds']:,.0f} s" if lag["behind"] else "0"


def _jobs(each: Mapping[str, Any]) -> str:
    idle = [name for name, is_led in each["jobs"].items() if not is_led]
    return "work" if not idle else "nobody works" if len(idle) == len(each["jobs"]) else f"no {', '.join(idle)}"


def _effects(effects: Mapping[str, Any]) -> str:
    return (
        "held" if effects["held"] else f"{effects['without_result']:,} unclear" if effects["without_result"] else "act"
    )


def _remarks(each: Mapping[str, Any]) -> list[str]:
    """Return what does not fit into a table."""
    parked = each["parked"]
    lines = [f"parked: {cause}: {count:,}" for cause, count in parked["by_cause"].items()]
    if parked["locked_streams"]:
        lines.append(f"locked after a restore: {parked['locked_streams']:,} streams")
    lines += [
        f"broken: read model {model['name']}: {model['broken']}" for model in each["read_models"] if model["broken"]
    ]
    lines += [f"waiting: {wait['count']:,} for {wait['missing']} since {wait['since']}" for wait in each["waiting"]]
    return lines
