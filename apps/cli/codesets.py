"""`claimlog codesets`: official files become editions that all services look codes up in; what is there, what differs.

Owns: the words, and licences: a file under one is loaded only by who accepts it. Refuses: layouts
(`shared/codesets/official.py`), and fetching files: many stand behind a licence that a person has to accept.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from apps.cli.calling import calling
from apps.cli.options import SAYS, DryRun, Json, answer
from shared.clients.coding import CodingClient, TableToLoad
from shared.codesets.edition import Interval
from shared.codesets.icd10 import union
from shared.codesets.official import Built, Stated
from shared.codesets.systems import SYSTEMS
from shared.kernel.dates import local_day
from shared.kernel.errors import Rejected
from shared.runtime.clock import now
from shared.runtime.official_files import Group, SourceFile, built, groups_in, sources

CODESETS: Final = typer.Typer(no_args_is_help=True)
_LOADS: Final = ("coding.read", "coding.code-sets")
_TOLD_MAX: Final = 20
_PARTIAL: Final = 3
_KEEPERS_ZONE: Final = "America/New_York"  # whose days the editions of CMS begin and end on


class NotComparable(Rejected):
    """What was named is no two editions of one code set."""

    slug = "editions-not-comparable"


class LicenceMissing(Rejected):
    """A file is used under a licence, and nobody accepted it."""

    slug = "licence-missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the user said beside the files."""

    stated: Stated
    accepts: bool
    replaces: str | None
    dry_run: bool


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a day is written 2026-10-01") from None


@CODESETS.command(epilog="Example: claimlog codesets load medicare-ncci-2026q4-*.zip --accept-licence")
def load(  # noqa: PLR0913 (each is an option of the command)
    files: Annotated[list[Path], typer.Argument(help="As downloaded: zip, gz or text.")],
    *,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="You accept the licence that the files are used under.")
    ] = False,
    release: Annotated[str | None, typer.Option(help="Name of the release, where the files do not say it.")] = None,
    since: Annotated[
        date | None, typer.Option("--from", parser=_day, help="First day that it answers for, not that of the files.")
    ] = None,
    until: Annotated[
        date | None, typer.Option("--to", parser=_day, help="Last day that it answers for, not that of the files.")
    ] = None,
    replaces: Annotated[
        str | None, typer.Option(help="Hash of the edition whose place it takes (`claimlog codesets status`).")
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Make tables of official files and put them in force. Exit code 3: some rows could not be read."""
    stated = Stated(
        release=release,
        effective_from=since,
        effective_to=until,
    )
    wanted = Wanted(stated=stated, accepts=accept_licence, replaces=replaces, dry_run=dry_run)
    groups, others = groups_in(files)
    for other in others:
        SAYS.print(f"{other}: no code set, left alone", style="dim", highlight=False)
    loaded = asyncio.run(_load(groups, wanted))
    answer({"loaded": loaded}, as_json=as_json, show=lambda console: _show_loaded(loaded, console))
    if any(each["rejected_rows"] for each in loaded):
        raise typer.Exit(_PARTIAL)


async def _load(groups: Sequence[Group], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Build all before any is put in force: where one cannot be read, nothing changes."""
    for group in groups:
        _licensed(group, wanted)
    tables = []
    for group in groups:
        with SAYS.status(f"reading {group.layout.about}"):
            tables.append((group, built(group, wanted.stated), sources(group)))
    if wanted.dry_run:
        return [_told(group, table, files, new=None) for group, table, files in tables]
    loaded = []
    async with calling("coding", _LOADS) as http:
        client = CodingClient(http)
        for group, table, files in tables:
            said = TableToLoad(
                sha256=table.edition.sha256,
                rows=table.rows,
                rejected_rows=table.told.rejected_count,
                files=tuple((each.name, each.sha256) for each in files),
                licence=_licensed(group, wanted),
                replaces=wanted.replaces,
            )
            _, new = await client.load_table(table.edition.system, table.table, said)
            loaded.append(_told(group, table, files, new=new))
    return loaded


def _licensed(group: Group, wanted: Wanted) -> str | None:
    """Return the licence that is accepted; None where none is needed. **Errors**: `LicenceMissing`."""
    needed = group.layout.system.licence
    if needed is not None and not wanted.accepts:
        raise LicenceMissing(
            f"{group.layout.about}: used under a licence ({needed}); read it where the file was offered,"
            " then say --accept-licence"
        )
    return needed


def _told(group: Group, table: Built, files: Sequence[SourceFile], *, new: bool | None) -> Mapping[str, Any]:
    return {
        "layout": group.layout.about,
        "system": table.edition.system,
        "release": table.edition.release,
        "effective_from_on": table.edition.effective_from.isoformat(),
        "effective_to_on": table.edition.effective_to.isoformat() if table.edition.effective_to else None,
        "sha256": table.edition.sha256,
        "is_complete": table.edition.complete,
        "rows": table.rows,
        "rejected_rows": table.told.rejected_count,
        "rejected": [{"file": each.file, "line": each.line, "why": each.why} for each in table.told.rejected],
        "dropped": dict(table.told.dropped),
        "files": [{"name": each.name, "sha256": each.sha256} for each in files],
        "state": {None: "would be loaded", True: "in force", False: "was in force already"}[new],
    }


def _show_loaded(loaded: Sequence[Mapping[str, Any]], console: Console) -> None:
    table = Table("code set", "release", "answers for", "rows", "left out", "state")
    for each in loaded:
        left_out = each["rejected_rows"] + sum(each["dropped"].values())
        table.add_row(each["system"], each["release"], _days(each), f"{each['rows']:,}", f"{left_out:,}", each["state"])
    console.print(table)
    for each in loaded:
        for why, count in each["dropped"].items():
            console.print(f"{each['system']}: {count:,} rows not kept: {why}", highlight=False)
        for row in each["rejected"][:_TOLD_MAX]:
            console.print(f"{row['file']}, line {row['line']}: {row['why']}", style="yellow", highlight=False)
        if each["rejected_rows"] > _TOLD_MAX:
            more = each["rejected_rows"] - _TOLD_MAX
            console.print(f"{each['system']}: and {more:,} rows more", style="yellow", highlight=False)
        if each["rejected_rows"]:
            console.print(f"{each['system']}: what it lacks is answered with not loaded", highlight=False)


def _days(edition: Mapping[str, Any]) -> str:
    return f"{edition['effective_from_on']} to {edition['effective_to_on'] or 'open'}"


@CODESETS.command(epilog="Example: claimlog codesets status --json")
def status(*, as_json: Json = False) -> None:
    """Say which code sets are loaded, out of date or missing, and where to get them. Exit code 3: not all answer."""
    found = asyncio.run(_known())
    today = local_day(now(), _KEEPERS_ZONE)
    sets = [_standing(each, found["items"], today) for each in found["known"]]
    answer({"code_sets": sets}, as_json=as_json, show=lambda console: _show_status(sets, console))
    if any(each["state"] in {"missing", "out of date"} for each in sets):
        raise typer.Exit(_PARTIAL)


async def _known() -> Mapping[str, Any]:
    async with calling("coding", _LOADS) as http:
        return await CodingClient(http).code_sets()


def _standing(known: Mapping[str, Any], items: Sequence[Mapping[str, Any]], today: date) -> Mapping[str, Any]:
    editions = [each for each in items if each["system"] == known["system"] and each["replaced_by"] is None]
    loaded = [each for each in editions if not each["is_starter"]]
    state = "missing"
    if any(_answers(each, today) for each in editions):
        state = "loaded" if any(_answers(each, today) for each in loaded) else "starter"
    elif editions:
        state = "out of date"
    days = union(_interval(each) for each in editions)
    return {**known, "state": state, "editions": editions, "answers_for": [str(each) for each in days]}


def _answers(edition: Mapping[str, Any], day: date) -> bool:
    return _interval(edition).holds(day)


def _interval(edition: Mapping[str, Any]) -> Interval:
    last = edition["effective_to_on"]
    return Interval(date.fromisoformat(edition["effective_from_on"]), date.fromisoformat(last) if last else None)


def _show_status(sets: Sequence[Mapping[str, Any]], console: Console) -> None:
    table = Table("code set", "state", "release", "answers for", "hash")
    for each in sets:
        rows: list[tuple[str, str, str]] = [
            (edition["release"], _days(edition), edition["sha256"][:12]) for edition in each["editions"]
        ] or [("", "", "")]
        table.add_row(each["system"], each["state"], *rows[0])
        for row in rows[1:]:
            table.add_row("", "", *row)
    console.print(table)
    for each in sets:
        if each["state"] != "loaded":
            console.print(f"{each['system']}: {_covered(each)}; {_more(each)}", highlight=False, soft_wrap=True)


def _covered(known: Mapping[str, Any]) -> str:
    """Return for which days of service a code set answers, in words: for all others it is "not loaded"."""
    days = known["answers_for"]
    return f"answers for {', '.join(days)}, and for other days not loaded" if days else "not loaded"


def _more(known: Mapping[str, Any]) -> str:
    return f"{known['title']} from {known['source']}"


@CODESETS.command(epilog="Example: claimlog codesets diff 3f0a11 9c1e42")
def diff(
    old: Annotated[str, typer.Argument(help="Beginning of the hash of an edition.")],
    new: Annotated[str, typer.Argument(help="Beginning of the hash of another one.")],
    *,
    rows_max: Annotated[int, typer.Option("--rows", min=1, help="Differences that are shown.")] = 50,
    as_json: Json = False,
) -> None:
    """Say what differs between two loaded editions of a code set. Exit code 1: something does."""
    found = asyncio.run(_tables(old, new))
    differences = list(_differences(found[0].rows(), found[1].rows()))
    document = {
        "old": found[0].edition.name,
        "new": found[1].edition.name,
        "differences": [{"code": code, "old": before, "new": after} for code, before, after in differences],
    }
    answer(document, as_json=as_json, show=lambda console: _show_diff(document, rows_max, console))
    raise typer.Exit(1 if differences else 0)


async def _tables(*hashes: str) -> tuple[Any, ...]:
    async with calling("coding", _LOADS) as http:
        client = CodingClient(http)
        items = (await client.code_sets())["items"]
        editions = [_named(each, items) for each in hashes]
        if len({each["system"] for each in editions}) > 1:
            raise NotComparable("the two editions are of different code sets")
        system = next(each for each in SYSTEMS if each.name == editions[0]["system"])
        return tuple([system.read(await client.table(each["system"], each["sha256"])) for each in editions])


def _named(begin: str, items: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    found = [each for each in items if each["sha256"].startswith(begin) and not each["is_starter"]]
    if len(found) != 1:
        many = "several editions begin" if found else "no loaded edition begins"
        raise NotComparable(f"{many} with {begin}: `claimlog codesets status --json` lists their hashes")
    return found[0]


def _differences(
    old: Iterator[tuple[str, str]], new: Iterator[tuple[str, str]]
) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield what differs, by code; both are in the order of their codes, so neither is held whole."""
    before, after = next(old, None), next(new, None)
    while before is not None or after is not None:
        if after is None or (before is not None and before[0] < after[0]):
            yield before[0], before[1], None  # type: ignore[index]  # the other one is None, so this is not
            before = next(old, None)
        elif before is None or after[0] < before[0]:
            yield after[0], None, after[1]
            after = next(new, None)
        else:
            if before[1] != after[1]:
                yield before[0], before[1], after[1]
            before, after = next(old, None), next(new, None)


def _show_diff(document: Mapping[str, Any], rows_max: int, console: Console) -> None:
    differences = document["differences"]
    table = Table("code", document["old"], document["new"])
    for each in differences[:rows_max]:
        table.add_row(each["code"], each["old"] or "—", each["new"] or "—")
    if differences:
        console.print(table)
    more = len(differences) - rows_max
    console.print(f"{len(differences):,} differences" + (f", {more:,} of them not shown" if more > 0 else ""))
