"""`claimlog status`: where each service stands.

Owns: the words and the tables. Refuses: asking (`shared/runtime/status.py` does, in the service's own program).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import httpx
from rich.console import Console
from rich.table import Table

from apps.cli.operating import operate
from apps.cli.options import Json, Services, chosen
from apps.cli.settings import Settings
from apps.cli.shown import Results, end

_HTTP_SECONDS_MAX: Final = 2.0


def status(*, service: Services = None, as_json: Json = False) -> None:
    """Show how far facts got, who works, what is stuck, and what waits for what since when."""
    found = operate(chosen(service), "status", together=True)
    stopped = asyncio.run(_stopped(tuple(found.results)))
    results = {name: {**each, "stopped": stopped[name]} for name, each in found.results.items()}
    end(replace(found, results=results), as_json=as_json, show=_show)


async def _stopped(services: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Return the jobs that stopped for a person to look at, as far as the process that runs them answers over HTTP."""
    settings = Settings.read()

    async def asked(service: str) -> Mapping[str, str]:
        try:
            answer = await http.get(f"{settings.url_of(service)}/readyz")
            found: Mapping[str, str] = answer.json().get("stopped", {})
        except (httpx.HTTPError, ValueError, AttributeError):  # nobody answers, or somebody else does
            return {}
        return found

    async with httpx.AsyncClient(timeout=_HTTP_SECONDS_MAX) as http:
        return dict(zip(services, await asyncio.gather(*map(asked, services)), strict=True))


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
    lines = [f"stopped: {job}: {why}" for job, why in each["stopped"].items()]
    lines += [f"parked: {cause}: {count:,}" for cause, count in parked["by_cause"].items()]
    if parked["locked_streams"]:
        lines.append(f"locked after a restore: {parked['locked_streams']:,} streams")
    lines += [
        f"broken: read model {model['name']}: {model['broken']}" for model in each["read_models"] if model["broken"]
    ]
    lines += [
        f"rebuilding: read model {model['name']}: {model['rebuilt']:,} facts so far"
        for model in each["read_models"]
        if model["rebuilt"] is not None
    ]
    lines += [f"waiting: {wait['count']:,} for {wait['missing']} since {wait['since']}" for wait in each["waiting"]]
    return lines
