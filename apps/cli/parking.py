"""`claimlog park`: records that a service could not handle, and the later ones of their key that wait behind them.

Owns: the words, and going through the keys of a cause. Refuses: order and locks; they are the service's business.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from apps.cli.calling import calling
from apps.cli.operating import FAILED, OK, PARTIAL
from apps.cli.options import SAYS, DryRun, Json, OneService, Services, Yes, answer, chosen, sure
from shared.clients.parked import ParkedClient

PARK: Final = typer.Typer(no_args_is_help=True)
_LOOK: Final = ("operations.read",)
_ACT: Final = ("operations.read", "operations.write")
_SHOWN_MAX: Final = 50

Key = Annotated[str | None, typer.Option(help="Only records of this key.")]
Cause = Annotated[str | None, typer.Option(help="Only records parked for this cause.")]
EventId = Annotated[str, typer.Argument(help="A record, by its event id; `claimlog park list` shows it.")]


@PARK.command("list", epilog="Example: claimlog park list --service claims --cause unknown-version")
def list_parked(
    *,
    service: Services = None,
    cause: Cause = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """List parked records and those that wait behind them, in the order in which they are released."""

    async def work() -> dict[str, Sequence[Mapping[str, Any]]]:
        return {name: await _records(name, key=key, cause=cause) for name in chosen(service)}

    found = asyncio.run(work())
    answer({"services": found}, as_json=as_json, show=lambda console: _show_list(found, console))


@PARK.command(epilog="Example: claimlog park show 0190f3c2-… --service claims")
def show(event_id: EventId, *, service: OneService, as_json: Json = False) -> None:
    """Show one parked record with what it says; sealed values stay sealed."""

    async def work() -> Mapping[str, Any]:
        async with calling(service.value, _LOOK) as http:
            return await ParkedClient(http).record(event_id)

    found = asyncio.run(work())
    answer(found, as_json=as_json, show=lambda console: _show_record(found, console))


@PARK.command(epilog="Example: claimlog park release --service claims --cause unknown-version --yes")
def release(  # noqa: PLR0913 (each is an option of the command line)
    *,
    service: OneService,
    key: Key = None,
    cause: Cause = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Handle the parked records of a key, or of all keys with a cause, after all; each key oldest first.

    Exit code 3: some stay parked; the answer says why.
    """
    if (key is None) == (cause is None):
        raise typer.BadParameter("say --key or --cause")
    rows = asyncio.run(_records(service.value, key=key, cause=cause))
    first_of_key: dict[str, str] = {}
    for row in rows:
        first_of_key.setdefault(row["key"], row["event_id"])
    if dry_run or not rows:
        found: Mapping[str, Any] = {"keys": sorted(first_of_key), "dry_run": dry_run, "released": 0, "left": []}
        answer(found, as_json=as_json, show=lambda console: _show_plan(sorted(first_of_key), console))
        return
    sure(f"release the parked records of {len(first_of_key)} keys of {service.value}?", yes=yes)
    released = asyncio.run(_release(service.value, list(first_of_key.values())))
    answer(released, as_json=as_json, show=lambda console: _show_released(released, console))
    raise typer.Exit(OK if not released["left"] else PARTIAL if released["released"] else FAILED)


@PARK.command(epilog="Example: claimlog park discard 0190f3c2-… --service claims --reason test-record")
def discard(  # noqa: PLR0913 (each is an option of the command line)
    event_id: EventId,
    *,
    service: OneService,
    reason: Annotated[str, typer.Option(help="Why, a slug that is kept for ever: test-record.")],
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Give up a parked record for good, the oldest of its key; those behind it wait for a release."""

    async def work() -> Mapping[str, Any]:
        async with calling(service.value, _ACT) as http:
            client = ParkedClient(http)
            return await (client.record(event_id) if dry_run else client.discard(event_id, reason=reason))

    if not dry_run:
        sure("discard this record for good?", yes=yes)
    found = asyncio.run(work())
    word = "would be discarded" if dry_run else "discarded"
    answer(found, as_json=as_json, show=lambda console: console.print(f"{word}: {event_id} of key {found['key']}"))


async def _records(service: str, *, key: str | None, cause: str | None) -> Sequence[Mapping[str, Any]]:
    async with calling(service, _LOOK) as http:
        return await ParkedClient(http).records(key=key, cause=cause)


async def _release(service: str, event_ids: Sequence[str]) -> Mapping[str, Any]:
    """Release key after key; one that stays parked holds up no other."""
    released, left = 0, []
    async with calling(service, _ACT) as http:
        client = ParkedClient(http)
        for n, event_id in enumerate(event_ids, 1):
            found = await client.release(event_id)
            released += found["released"]
            left += [{**row, "why": found["cause"]} for row in found["left"]]
            if n % _SHOWN_MAX == 0:
                SAYS.print(f"{n:,} of {len(event_ids):,} keys", highlight=False)
    return {"released": released, "left": left}


def _show_list(found: Mapping[str, Sequence[Mapping[str, Any]]], console: Console) -> None:
    rows = [(name, row) for name, each in found.items() for row in each]
    if not rows:
        console.print("nothing is parked")
        return
    table = Table("service", "event id", "key", "cause", "since")
    for column in table.columns[1:3]:
        column.no_wrap = True  # who releases or discards one copies it
    for name, row in rows[:_SHOWN_MAX]:
        table.add_row(name, row["event_id"], row["key"], row["cause"], str(row["parked_at"])[:19])
    console.print(table)
    if len(rows) > _SHOWN_MAX:
        console.print(f"… and {len(rows) - _SHOWN_MAX:,} more; --json lists all")


def _show_record(found: Mapping[str, Any], console: Console) -> None:
    for name in ("event_id", "key", "cause", "parked_at", "topic", "partition", "offset"):
        console.print(f"{name}: {found[name]}", highlight=False)
    if found["record"] is None:
        console.print("the log does not hold this record any more: it can only be discarded")
    else:
        console.print_json(data=found["record"])


def _show_plan(keys: Sequence[str], console: Console) -> None:
    console.print(f"would release {len(keys):,} keys" if keys else "nothing is parked")
    for key in keys[:_SHOWN_MAX]:
        console.print(f"  {key}", highlight=False)


def _show_released(found: Mapping[str, Any], console: Console) -> None:
    console.print(f"released {found['released']:,} records", highlight=False)
    for row in found["left"][:_SHOWN_MAX]:
        console.print(f"still parked: {row['event_id']} of key {row['key']}: {row['why']}", highlight=False)
