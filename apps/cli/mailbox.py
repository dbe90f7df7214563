"""`claimlog mailbox`: what lies at the clearinghouse, cleared up by age, and read again where it could not be had.

Owns: the words. Refuses: saying what is needed (`services/*/effects.py`, in the service's own program).
"""

import re
from typing import Annotated, Final

import typer
from rich.console import Console

from apps.cli.operating import operate
from apps.cli.options import DryRun, Json, ServiceName, Services, Yes, chosen, sure
from apps.cli.shown import SHOWN_MAX, Results, end

MAILBOX: Final = typer.Typer(no_args_is_help=True)
_SPEAKERS: Final = [ServiceName.CLAIMS, ServiceName.PAYMENTS]
_AGE: Final = re.compile(r"([1-9]\d{0,3})([dw])")
_DAYS: Final = {"d": 1, "w": 7}


def _days(text: str) -> int:
    """Return how many days an age is, such as 90d or 12w."""
    found = _AGE.fullmatch(text.strip().lower())
    if found is None:
        raise typer.BadParameter("a number with d or w behind it, such as 90d")
    return int(found[1]) * _DAYS[found[2]]


@MAILBOX.command("clean", epilog="Example: claimlog mailbox clean --older-than 90d --dry-run")
def clean(
    *,
    older_than: Annotated[int, typer.Option(parser=_days, metavar="AGE", help="Unchanged since then: 90d, 12w.")],
    service: Services = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Remove from the clearinghouse's folders what was read and is kept here, and uploads of files that arrived.

    What nobody here has read stays, whatever its age; so does all behind HTTP, which its owner clears.
    """
    if not dry_run:
        sure(f"remove what lies there for {older_than:,} days and more?", yes=yes)
    words = ("mailbox", "clean", "--days", str(older_than), *(("--dry-run",) if dry_run else ()))
    end(operate(chosen(service or _SPEAKERS), *words), as_json=as_json, show=_show_cleaned)


@MAILBOX.command("again", epilog="Example: claimlog mailbox again --service claims")
def again(*, service: Services = None, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Read once more the files that could not be had (`mailbox-file-refused`). Exit code 3: some still cannot be."""
    words = ("mailbox", "again", *(("--dry-run",) if dry_run else ()))
    end(operate(chosen(service or _SPEAKERS), *words), as_json=as_json, show=_show_read)


def _show_cleaned(results: Results, console: Console) -> None:
    for name, each in results.items():
        _list(console, name, [*each["files"], *each["uploads"]])
        done = "would be removed" if each["dry_run"] else "removed"
        counted = f"{len(each['files']):,} files and {len(each['uploads']):,} uploads {done}"
        console.print(f"{name}: over {each['channel']}: {counted}", highlight=False)


def _show_read(results: Results, console: Console) -> None:
    for name, each in results.items():
        _list(console, name, each["left"])
        done = "can be had now" if each["dry_run"] else "read"
        counted = f"{len(each['read']):,} files {done}, {len(each['left']):,} cannot be had"
        console.print(f"{name}: over {each['channel']}: {counted}", highlight=False)


def _list(console: Console, name: str, ids: list[str]) -> None:
    for each in ids[:SHOWN_MAX]:
        console.print(f"{name}: {each}", highlight=False, soft_wrap=True)
    if len(ids) > SHOWN_MAX:
        console.print(f"{name}: and {len(ids) - SHOWN_MAX:,} more; --json has all", highlight=False)
