"""`claimlog rules`: which rules judge codes, where each comes from, and what came of it.

Owns: the words. Refuses: judging (validation does), and the rules themselves (`docs/rules.md`).
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from apps.cli.calling import calling
from apps.cli.options import Json, answer
from shared.clients.validation import Owner, Severity, ValidationClient

RULES: Final = typer.Typer(no_args_is_help=True)
_READS: Final = ("validation.read",)
_COUNTED: Final = ("raised", "mended", "overridden", "withdrawn", "open")
RuleId = Annotated[str, typer.Argument(help="The rule; `claimlog rules list` names them.")]


@RULES.command("list", epilog="Example: claimlog rules list --owner coder")
def rules_list(
    *,
    owner: Annotated[Owner | None, typer.Option(help="Who mends what they find.")] = None,
    severity: Annotated[Severity | None, typer.Option(help="An error stops the claim.")] = None,
    as_json: Json = False,
) -> None:
    """List the rules that judge now, those of payers too, in the order in which findings list them."""
    found = asyncio.run(_catalogue())
    rules = [each for each in found if owner in {None, each["owner"]} and severity in {None, each["severity"]}]
    answer({"rules": rules}, as_json=as_json, show=lambda console: _show_rules(rules, console))


async def _catalogue() -> Sequence[Mapping[str, Any]]:
    async with calling("validation", _READS) as http:
        return await ValidationClient(http).rules()


def _show_rules(rules: Sequence[Mapping[str, Any]], console: Console) -> None:
    table = Table("rule", "version", "by", "severity", "mended by", "dates of service")
    for each in rules:
        severity = each["severity"] if each["mode"] is None else f"{each['severity']} ({each['mode']})"
        table.add_row(each["rule_id"], str(each["version"]), each["authority"], severity, each["owner"], _days(each))
    console.print(table)
    console.print(f"{len(rules)} rules")


def _days(rule: Mapping[str, Any]) -> str:
    first, last = rule["effective_from_on"], rule["effective_to_on"]
    return "all" if first is None and last is None else f"{first or 'open'} to {last or 'open'}"


@RULES.command("show", epilog="Example: claimlog rules show ncci_pair_edit")
def rules_show(rule_id: RuleId, *, as_json: Json = False) -> None:
    """Show one rule: what it asks, the text that it follows, and how what it finds is mended."""
    rule = asyncio.run(_rule(rule_id))
    answer(rule, as_json=as_json, show=lambda console: _show_rule(rule, console))


async def _rule(rule_id: str) -> Mapping[str, Any]:
    async with calling("validation", _READS) as http:
        return await ValidationClient(http).rule(rule_id)


def _show_rule(rule: Mapping[str, Any], console: Console) -> None:
    console.print(f"{rule['rule_id']}, version {rule['version']}", style="bold", highlight=False)
    said = {
        "asks": rule["about"],
        "by": rule["authority"],
        "severity": rule["severity"] + ("" if rule["overridable"] else ", nobody may let it pass"),
        "citation": rule["citation"],
        "source": rule["source"],
        "dates of service": _days(rule),
        "mended by": rule["owner"],
        "how": rule["mend"],
        "documentation": rule["documentation"],
    }
    for name, value in said.items():
        console.print(f"{name}: {value}", highlight=False, soft_wrap=True)


@RULES.command("statistics", epilog="Example: claimlog rules statistics diagnosis_billable --json")
def rules_statistics(
    rule_id: Annotated[str | None, typer.Argument(help="The rule; all that found something without it.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Say how often a rule found something in an encounter, and what became of it: mended, let pass, open."""
    found = asyncio.run(_statistics(rule_id))
    answer({"statistics": found}, as_json=as_json, show=lambda console: _show_statistics(found, rule_id, console))


async def _statistics(rule_id: str | None) -> list[Mapping[str, Any]]:
    async with calling("validation", _READS) as http:
        client = ValidationClient(http)
        if rule_id is not None:
            return [await client.rule_statistics(rule_id)]
        every = [await client.rule_statistics(each["rule_id"]) for each in await client.rules()]
    return [each for each in every if any(each[name] for name in _COUNTED)]


def _show_statistics(found: Sequence[Mapping[str, Any]], rule_id: str | None, console: Console) -> None:
    table = Table("rule", "month", *_COUNTED)
    for each in found:
        table.add_row(each["rule_id"], "all", *(f"{each[name]:,}" for name in _COUNTED))
        for month in each["months"] if rule_id is not None else ():
            table.add_row("", month["month"], *(f"{month[name]:,}" for name in _COUNTED[:-1]), "")
    console.print(table)
