"""`claimlog simulator`: drive the simulated payers, and compare their book with what payments posted.

Owns: the words. Refuses: deciding what a payer does (`apps/simulator`), and comparing (`reconciling.py`).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Final

import httpx
import typer
from rich.console import Console

from apps.cli.calling import calling
from apps.cli.options import Json, answer
from apps.cli.reconciling import Reconciled, reconcile
from apps.cli.shown import SHOWN_MAX
from shared.clients.payments import PaymentsClient
from shared.clients.problem import body_of

SIMULATOR: Final = typer.Typer(no_args_is_help=True)
_READ: Final = ("payments.read",)


@SIMULATOR.command("clock", epilog="Example: claimlog simulator clock")
def clock(*, as_json: Json = False) -> None:
    """Say what time it is for the payers."""
    _show_time(asyncio.run(_asked("GET", "/clock")), as_json=as_json)


@SIMULATOR.command("advance", epilog="Example: claimlog simulator advance 14d")
def advance(
    span: Annotated[str, typer.Argument(help="How far: a number with s, m, h, d or w behind it.")],
    *,
    as_json: Json = False,
) -> None:
    """Let the payers' time jump ahead: what is due until then is answered at once."""
    _show_time(asyncio.run(_asked("POST", "/clock/advance", {"by": span})), as_json=as_json)


@SIMULATOR.command("outage", epilog="Example: claimlog simulator outage 2d")
def outage(
    span: Annotated[str, typer.Argument(help="How long, in the payers' own time; 0s ends it.")],
    *,
    as_json: Json = False,
) -> None:
    """Let the clearinghouse answer nobody for a while, and say until when."""
    _show_time(asyncio.run(_asked("POST", "/outage", {"span": span})), as_json=as_json)


@SIMULATOR.command("enroll", epilog="Example: claimlog simulator enroll EXHP1 W123456 DENY197")
def enroll(
    payer_id: Annotated[str, typer.Argument(help="The payer's id, as claims name it.")],
    member_id: Annotated[str, typer.Argument(help="The member's number.")],
    scenario: Annotated[str, typer.Argument(help="A prefix of docs/simulator.md, such as DENY197 or LATE.")],
    *,
    as_json: Json = False,
) -> None:
    """Choose what befalls the claims of a member from now on."""
    asked = {"payer_id": payer_id, "member_id": member_id, "scenario": scenario}
    chosen = asyncio.run(_asked("POST", "/members", asked))
    answer(chosen, as_json=as_json, show=lambda console: console.print(f"claims meet {chosen['scenario']}"))


@SIMULATOR.command("reconcile", epilog="Example: claimlog simulator reconcile --json")
def reconcile_book(*, as_json: Json = False) -> None:
    """Compare the payers' own book with what payments posted, to the cent; exit 1 where they differ."""
    found = asyncio.run(_compared())
    document = {**asdict(found), "differences": [asdict(each) for each in found.differences]}
    answer(document, as_json=as_json, show=lambda console: _show(found, console))
    raise typer.Exit(1 if found.differences else 0)


async def _asked(method: str, path: str, body: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    async with calling("simulator", ()) as http:
        found: Mapping[str, Any] = body_of(await http.request(method, path, json=body))
        return found


async def _compared() -> Reconciled:
    async with calling("simulator", ()) as http:
        book = body_of(await http.get("/book"))
    async with calling("payments", _READ) as http:
        return reconcile(book, await _remittances(http))


async def _remittances(http: httpx.AsyncClient) -> list[Mapping[str, Any]]:
    payments = PaymentsClient(http)
    return [await payments.remittance(row["remittance_id"]) async for row in payments.remittances()]


def _show_time(said: Mapping[str, Any], *, as_json: bool) -> None:
    answer(said, as_json=as_json, show=lambda console: console.print(said["now"], highlight=False))


def _show(found: Reconciled, console: Console) -> None:
    for each in found.differences[:SHOWN_MAX]:
        console.print(each.words(), highlight=False)
    left = len(found.differences) - SHOWN_MAX
    if left > 0:
        console.print(f"and {left:,} more; --json has all", highlight=False)
    verdict = "differ" if found.differences else "agree"
    console.print(
        f"{found.checks:,} checks with {found.claims:,} decisions: book and payments {verdict}", highlight=False
    )
