"""`make up-processes`: everything that a cluster has, as programs of this machine, driven through the demo over HTTP.

Owns: the command, what it says, its exit codes: 0 when every cent is where it belongs (also when it is told to end
afterwards), 1 when something is in the way. A second run goes on with what is in the data folder.
"""

import asyncio
import json
import logging
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
import uvloop
from httpx import HTTPError
from rich.console import Console

from apps.embedded.demo import DemoStuck, Outcome, run_demo
from apps.embedded.ending import run_to_its_end
from apps.embedded.settings import REPOSITORY, Settings
from shared.clients.problem import ProblemAnswered
from shared.runtime.calling_off import call_off
from shared.runtime.telemetry import configure_logging
from tools.kafka.node import KafkaNotStarted
from tools.processes.installed import Installed, installed
from tools.processes.programs import SIMULATOR, ProgramEnded, names
from tools.processes.rolling import asking, restart_all

APP: Final = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
DATA: Final = Path("var/processes")
"""Apart from the folder of `make demo`, whose facts are on another log."""
_SAYS: Final = Console(stderr=True, soft_wrap=True)
_IN_THE_WAY: Final = (DemoStuck, HTTPError, KafkaNotStarted, ProblemAnswered, ProgramEnded, TimeoutError)
_PRACTICE: Final = REPOSITORY / "samples" / "practice"
_LOOK_SECONDS: Final = 0.5


@APP.command()
def up(  # noqa: PLR0913 (options of a command)
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the demo; do not stay up.")] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="After the demo restart everything while it is asked.")
    ] = False,
    replicas: Annotated[int, typer.Option(min=1, help="APIs and workers of each service.")] = 1,
    log: Annotated[Literal["kafka", "table"], typer.Option(help="Where facts are published.")] = "kafka",
    path: Annotated[Path, typer.Option(help="The practice to drive through.")] = _PRACTICE,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome for programs.")] = False,
) -> None:
    """Start five APIs, five workers, simulator, Kafka and PostgreSQL; drive the demo; stay up until Ctrl-C."""
    configure_logging(level=logging.WARNING, readable=True)
    if restart and replicas == 1:
        raise typer.BadParameter("with one replica nobody answers meanwhile; say --replicas 2", param_hint="--restart")

    async def work(running: Installed) -> int:
        outcome = await run_demo(running.installation, path, console=_SAYS)
        if as_json:
            typer.echo(json.dumps(outcome.as_json()))
        else:
            outcome.show(Console())
        code = 0 if _is_well(outcome) else 1
        if restart:
            code = max(code, await _restarted(running, replicas))
        if not once:
            _SAYS.print("it stays up; Ctrl-C ends it")
            await asyncio.Event().wait()
        return code

    raise typer.Exit(uvloop.run(_until_stopped(replicas, own_kafka=log == "kafka", work=work)))


def _is_well(outcome: Outcome) -> bool:
    return outcome.balanced and not outcome.tally.parked and not outcome.import_failures


async def _restarted(running: Installed, replicas: int) -> int:
    chosen = [name for name in names(replicas) if name != SIMULATOR]
    async with asking(running.installation) as asked:
        await restart_all(running, chosen)
    failed = sum(asked.failed.values())
    _SAYS.print(
        f"{len(chosen)} programs restarted, {asked.requests:,} requests meanwhile, {failed} failed", highlight=False
    )
    for what, times in asked.failed.items():
        _SAYS.print(f"  {what}: {times}", style="red", highlight=False)
    return 1 if failed else 0


async def _until_stopped(replicas: int, *, own_kafka: bool, work: Callable[[Installed], Awaitable[int]]) -> int:
    """Run work on an installation to its end, or until a signal: then all of it ends in order."""
    told_to_end = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, told_to_end.set)
    running = asyncio.create_task(_through(replicas, own_kafka=own_kafka, work=work))
    waiting = asyncio.create_task(told_to_end.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        await call_off(waiting)
        return running.result()
    _SAYS.print("stopping")
    await call_off(running)
    return 0


async def _through(replicas: int, *, own_kafka: bool, work: Callable[[Installed], Awaitable[int]]) -> int:
    settings = Settings.read()
    if "data" not in settings.model_fields_set:
        settings = settings.model_copy(update={"data": DATA})
    _SAYS.print(f"starting; data is in {settings.data}/, what each program says in {settings.data}/log/")
    async with installed(settings, replicas=replicas, own_kafka=own_kafka) as running:
        chosen = names(replicas)
        running.start(*chosen)
        await running.until_ready(*chosen)
        _announce(running, replicas)
        return await _unless_one_ends(running, work)


async def _unless_one_ends(running: Installed, work: Callable[[Installed], Awaitable[int]]) -> int:
    """Return what work comes to. **Errors**: `ProgramEnded` as soon as a program ends by itself."""
    working = asyncio.ensure_future(work(running))
    try:
        while not working.done():
            running.look()
            await asyncio.wait({working}, timeout=_LOOK_SECONDS)
        return working.result()
    finally:
        await call_off(working)


def _announce(running: Installed, replicas: int) -> None:
    urls, data = running.installation.urls, running.installation.data
    programs = "an API and a worker" if replicas == 1 else f"{replicas} APIs and {replicas} workers"
    _SAYS.print(f"{programs} of each service run on this machine only, {_log_of(running)}:", highlight=False)
    for name, url in urls.items():
        _SAYS.print(f"  {name:<13}{url}", highlight=False)
    told = f"CLAIMLOG_DATA={data}"
    token = f"$({told} claimlog token)"
    _SAYS.print(f'try: curl -H "Authorization: Bearer {token}" {urls["claims"]}/v1/worklists', highlight=False)
    told += f" KAFKA_BOOTSTRAP={running.kafka_bootstrap}" if running.kafka_bootstrap else ""
    _SAYS.print(f"     {told} claimlog status", highlight=False)


def _log_of(running: Installed) -> str:
    return f"over Kafka at {running.kafka_bootstrap}" if running.kafka_bootstrap else "over a table as their log"


def main() -> None:
    """Run the command."""
    run_to_its_end(APP, *_IN_THE_WAY)


if __name__ == "__main__":
    main()
