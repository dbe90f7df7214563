"""`python -m apps.embedded.command operate|backup|unpack`: what the command line asks of the data folder.

Owns: these programs, which say what they find in lines of JSON. Refuses: services; none is imported, because an
operator waits for each import. Next: `operating.py` starts what works on each service, `backup.py` keeps the folder.
"""

import gc

if __name__ == "__main__":
    gc.disable()  # while it loads: `shared/runtime/garbage.py`

import asyncio
import json
import logging
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from apps.embedded import backup
from apps.embedded.each_service import EachService, each_service
from apps.embedded.ending import run_to_its_end
from apps.embedded.operating import operate
from apps.embedded.settings import SERVICES, Settings
from shared.kernel.errors import KnownError
from shared.runtime.garbage import collect_seldom
from shared.runtime.telemetry import configure_logging

APP: Final = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@APP.command("operate")
def operate_services(
    arguments: Annotated[list[str], typer.Argument(help="A command of shared.runtime.operate, after `--`.")],
    service: Annotated[list[str], typer.Option(help="Which services.")],
    together: Annotated[bool, typer.Option(help="All at once, not one after the other.")] = False,  # noqa: FBT002
) -> None:
    """Run an operator's command on services of the data folder, also while they run."""
    configure_logging(level=logging.WARNING, readable=True)
    chosen = [name for name in SERVICES if name in service]
    with each_service(chosen, arguments, together=together) as each:
        raise typer.Exit(asyncio.run(_operate(each, arguments)))


async def _operate(each: EachService, arguments: Sequence[str]) -> int:
    task = asyncio.current_task()
    if task is not None:  # whoever ends this ends what it started, and its database too
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await operate(Settings.read(), each, arguments)


@APP.command("backup")
def back_up(path: Path, *, yes: Annotated[bool, typer.Option("--yes")] = False) -> None:
    """Write the data folder into one file; lines as `operate` writes them."""
    _tell(lambda: backup.create(Settings.read(), path, _progress, replace=yes))


@APP.command("unpack")
def unpack(
    path: Path,
    *,
    yes: Annotated[bool, typer.Option("--yes")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
) -> None:
    """Put such a file in the place of the data folder."""
    work = backup.look if dry_run else backup.restore
    _tell(lambda: work(Settings.read(), path, _progress, replace=yes))


def _tell(work: Callable[[], Mapping[str, object]]) -> None:
    try:
        _say("result", work())
    except KnownError as error:
        _say("error", {"slug": error.slug, "message": str(error)})
        raise typer.Exit(1) from None


def _progress(what: str, done: int, total: int) -> None:
    _say("progress", {"what": what, "done": done, "total": total})


def _say(kind: str, fields: Mapping[str, object]) -> None:
    typer.echo(json.dumps({"kind": kind, "service": "backup", **fields}))


def main() -> None:
    """Run a program."""
    collect_seldom()
    run_to_its_end(APP)


if __name__ == "__main__":
    main()
