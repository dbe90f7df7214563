"""`python -m apps.embedded.main demo|run`: everything in one process.

Owns: the programs, signals, exit codes. Next: `process.py` starts things, `demo.py` drives the sample practice,
`command.py` does what operators do.
"""

import gc

if __name__ == "__main__":
    gc.disable()  # while it loads: `shared/runtime/garbage.py`

import asyncio
import json
import logging
import signal
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvloop
from httpx import HTTPError
from rich.console import Console

from apps.embedded.demo import DemoStuck, Outcome, run_demo
from apps.embedded.ending import run_to_its_end
from apps.embedded.installation import Installation
from apps.embedded.process import running
from apps.embedded.settings import Settings
from shared.clients.problem import ProblemAnswered
from shared.kernel.errors import KnownError
from shared.runtime.telemetry import configure_logging

APP: Final = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
_SAYS: Final = Console(stderr=True)
_IN_THE_WAY: Final = (DemoStuck, ProblemAnswered, HTTPError)
"""What a drive of the sample practice may meet besides failures of our own; a line tells it."""
_PRACTICE: Final = Path(__file__).resolve().parents[2] / "samples" / "practice"


@APP.command()
def demo(
    as_json: Annotated[bool, typer.Option("--json")] = False,  # noqa: FBT002 (a flag of the command line)
    path: Annotated[Path, typer.Option()] = _PRACTICE,
) -> None:
    """Import a practice, wait until every encounter has ended somewhere, check every cent, and stop."""
    configure_logging(level=logging.WARNING, readable=True)
    outcome: Outcome = _run(_demo(path))
    if as_json:
        typer.echo(json.dumps(outcome.as_json()))
    else:
        outcome.show(Console())
    raise typer.Exit(0 if outcome.balanced and not outcome.tally.parked else 1)


async def _demo(path: Path) -> Outcome:
    task = asyncio.current_task()
    if task is not None:  # whoever ends the demo ends its database too
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with running(Settings.read()) as installation:
        return await run_demo(installation, path, console=_SAYS)


@APP.command()
def run() -> None:
    """Drive the sample practice as the demo does, and serve the HTTP APIs until stopped; a second time adds nothing."""
    configure_logging(level=logging.INFO, readable=True)
    _run(_serve())


async def _serve() -> None:
    stopped = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    async with running(Settings.read()) as installation:
        work = asyncio.create_task(_drive_sample(installation))
        _announce(installation)
        await stopped.wait()
        work.cancel()
        _SAYS.print("stopping")


async def _drive_sample(installation: Installation) -> None:
    try:
        outcome = await run_demo(installation, _PRACTICE, console=_SAYS)
    except (KnownError, *_IN_THE_WAY) as error:  # the APIs stay open, so that a person can look at what is in the way
        _SAYS.print(f"the sample practice did not come through: {error}", style="red", highlight=False)
    else:
        outcome.show(_SAYS)


def _announce(installation: Installation) -> None:
    _SAYS.print(f"claimlog runs on this machine only; its data is in {installation.data}/", highlight=False)
    _SAYS.print(f"the console: {_console_of(installation)}/", style="bold", highlight=False)
    for url in installation.urls.values():
        _SAYS.print(f"  {url}", highlight=False)
    told = f"CLAIMLOG_DATA={installation.data} " if installation.data != Settings().data else ""
    at = installation.urls["claims"]
    words = f'try: curl -H "Authorization: Bearer $({told}claimlog token)" {at}/v1/worklists'
    _SAYS.print(words, highlight=False, soft_wrap=True)  # to be copied


def _console_of(installation: Installation) -> str:
    return installation.urls["claims"].removesuffix("/claims")


def _run(work: Any) -> Any:  # noqa: ANN401 (each program knows its own)
    return uvloop.run(work)


def main() -> None:
    """Run a program."""
    run_to_its_end(APP, *_IN_THE_WAY)


if __name__ == "__main__":
    main()
