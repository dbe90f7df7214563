"""`claimlog findings`: what rules found and nobody mended or let pass yet, listed and counted.

Owns: the words. Refuses: letting a finding pass: a person does that where the encounter is seen.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, TypeAlias

import typer
from rich.console import Console
from rich.table import Table

from apps.cli.calling import calling
from apps.cli.options import Json, answer
from shared.clients.validation import CountedBy, FindingsAsked, Outcome, Owner, Severity, ValidationClient

FINDINGS: Final = typer.Typer(no_args_is_help=True)
_READS: Final = ("validation.read",)
_INPUTS_SHOWN_MAX: Final = 4
_ID_CHARACTERS: Final = 36


Rule: TypeAlias = Annotated[str | None, typer.Option("--rule", help="The rule that found it.")]
Whose: TypeAlias = Annotated[Owner | None, typer.Option("--owner", help="Who mends it: coder, biller, front-desk.")]
Weight: TypeAlias = Annotated[Severity | None, typer.Option("--severity", help="error (stops the claim) or warning.")]
Said: TypeAlias = Annotated[Outcome | None, typer.Option("--outcome", help="fail, or no-data: not judged.")]
Payer: TypeAlias = Annotated[str | None, typer.Option("--payer", help="Id of the payer who would be asked first.")]
Encounter: TypeAlias = Annotated[str | None, typer.Option("--encounter", help="Id of the encounter.")]
Age: TypeAlias = Annotated[int | None, typer.Option("--older-than", min=0, help="Days since it was found, at least.")]
By: TypeAlias = Annotated[
    CountedBy,
    typer.Option("--by", help="rule_id, payer_id, owner, severity or outcome."),
]


@FINDINGS.command("list", epilog="Example: claimlog findings list --owner coder --severity error")
def findings_list(  # noqa: PLR0913 (each is an option of the command)
    *,
    rule: Rule = None,
    owner: Whose = None,
    severity: Weight = None,
    outcome: Said = None,
    payer: Payer = None,
    encounter: Encounter = None,
    older_than: Age = None,
    rows_max: Annotated[int, typer.Option("--rows", min=1, max=10_000, help="Findings that are listed.")] = 50,
    as_json: Json = False,
) -> None:
    """List what rules found, by encounter and rule. Exit code 3: there is more than was listed."""
    asked = FindingsAsked(
        rule_id=rule,
        owner=owner,
        severity=severity,
        outcome=outcome,
        payer_id=payer,
        encounter_id=encounter,
        age_days_min=older_than,
    )
    found = asyncio.run(_listed(asked, rows_max + 1))
    more = len(found) > rows_max
    document = {"findings": found[:rows_max], "more": more}
    answer(document, as_json=as_json, show=lambda console: _show_findings(found[:rows_max], console, more=more))
    if more:
        raise typer.Exit(3)


async def _listed(asked: FindingsAsked, rows_max: int) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    async with calling("validation", _READS) as http:
        client = ValidationClient(http)
        async for each in client.findings(asked, page_size=min(rows_max, 500)):
            found.append(each)
            if len(found) == rows_max:
                break
        if not found:
            await _refuse_unknown_rule(asked, client)
    return found


async def _refuse_unknown_rule(asked: FindingsAsked, client: ValidationClient) -> None:
    """Tell a rule that found nothing from one that does not exist. **Errors**: `ProblemAnswered`: `rule-not-found`."""
    if asked.rule_id is not None:
        await client.rule_statistics(asked.rule_id)


def _show_findings(found: Sequence[Mapping[str, Any]], console: Console, *, more: bool) -> None:
    table = Table()
    table.add_column("encounter", no_wrap=True, min_width=_ID_CHARACTERS)  # to be copied
    for heading in ("rule", "severity", "mended by", "since", "about"):
        table.add_column(heading, overflow="fold")
    for each in found:
        about = "; ".join(f"{place['field']}: {_inputs(place)}" for place in each["places"])
        table.add_row(each["encounter_id"], each["rule_id"], each["severity"], each["owner"], each["raised_on"], about)
    console.print(table)
    console.print(f"{len(found):,} findings" + (", and more: --rows lists them" if more else ""))


def _inputs(place: Mapping[str, Any]) -> str:
    inputs = place["inputs"]
    return ", ".join(inputs[:_INPUTS_SHOWN_MAX]) + (" …" if len(inputs) > _INPUTS_SHOWN_MAX else "")


@FINDINGS.command("counts", epilog="Example: claimlog findings counts --by payer_id --severity error")
def findings_counts(  # noqa: PLR0913 (each is an option of the command)
    *,
    by: By = "rule_id",
    rule: Rule = None,
    owner: Whose = None,
    severity: Weight = None,
    outcome: Said = None,
    payer: Payer = None,
    older_than: Age = None,
    as_json: Json = False,
) -> None:
    """Count what rules found by rule, payer, owner, severity or outcome: the most first."""
    asked = FindingsAsked(
        rule_id=rule, owner=owner, severity=severity, outcome=outcome, payer_id=payer, age_days_min=older_than
    )
    counts = asyncio.run(_counted(by, asked))
    answer({"by": by, "counts": counts}, as_json=as_json, show=lambda console: _show_counts(by, counts, console))


async def _counted(by: CountedBy, asked: FindingsAsked) -> Mapping[str, int]:
    async with calling("validation", _READS) as http:
        client = ValidationClient(http)
        counts = await client.finding_counts(by, asked)
        if not counts:
            await _refuse_unknown_rule(asked, client)
    return counts


def _show_counts(by: str, counts: Mapping[str, int], console: Console) -> None:
    table = Table(by, "findings")
    for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        table.add_row(value, f"{count:,}")
    console.print(table)
