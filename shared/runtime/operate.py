"""What an operator does to one service, run with the service's own code and settings.

    python -m shared.runtime.operate services.claims.main status

Owns: words, options, JSON lines on standard output, exit codes (0 ok, 1 failure, 2 usage, 3 partial). A line has a
`kind` and a `service`: `progress` as often as there is some, and one `result` or `error` at the end. Refuses: the work
itself, which stands in a module for each command. Next: `apps/cli` starts this as a program of its own and shows its
lines to people.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Annotated, Any, Final, TypeAlias

import typer
from msgspec import json

from shared.kernel.errors import KnownError
from shared.runtime import verify as verifying
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.hosting import open_engine, open_log
from shared.runtime.log import Log, LogUnavailable
from shared.runtime.progress import Progress
from shared.runtime.settings import BadSettings
from shared.runtime.status import standing
from shared.runtime.telemetry import configure_logging
from shared.runtime.verify import Choice

APP: Final = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
OK, FAILED, USAGE, PARTIAL = 0, 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a command came to."""

    result: Mapping[str, Any]
    code: int = OK


Work: TypeAlias = Callable[[Engine, Progress], Awaitable[Ended]]


@APP.callback()
def _of_service(
    context: typer.Context,
    module: Annotated[str, typer.Argument(help="Main module of a service: services.claims.main")],
) -> None:
    configure_logging(level=logging.WARNING)
    context.obj = module


@APP.command()
def status(context: typer.Context) -> None:
    """Say where the service stands."""
    _run(context, _status)


async def _status(engine: Engine, _: Progress) -> Ended:
    return Ended(result=await standing(engine))


@APP.command()
def verify(
    context: typer.Context,
    *,
    quick: Annotated[bool, typer.Option("--quick", help="The facts alone: chain, versions, names.")] = False,
    topics: Annotated[bool, typer.Option(help="Compare the topics with the facts.")] = True,
) -> None:
    """Look whether anything was lost, doubled or altered; the service may run. 1: yes, 3: not all could be seen."""
    _run(context, partial(_verify, Choice(quick=quick, topics=topics)))


async def _verify(choice: Choice, engine: Engine, progress: Progress) -> Ended:
    async with _log_if_there(engine.service.settings.log_url) as log:
        verified = await verifying.verify(engine, log, choice=choice, progress=progress)
    code = {True: OK, False: FAILED, None: PARTIAL}[verified.holds]
    return Ended(result=verified.as_fields(), code=code)


@asynccontextmanager
async def _log_if_there(url: str) -> AsyncIterator[Log | None]:
    async with AsyncExitStack() as stack:
        log: Log | None = None
        with suppress(LogUnavailable):
            log = await stack.enter_async_context(open_log(url))
        yield log


def _run(context: typer.Context, work: Work) -> None:
    """Do a command's work on the service that was named, say its result, and end with its code."""
    ended = asyncio.run(_worked(import_module(context.obj).configured(), work))
    _say("result", ended.result)
    raise typer.Exit(ended.code)


async def _worked(service: Service, work: Work) -> Ended:
    async with open_engine(service) as engine:
        return await work(engine, _progress)


def _progress(what: str, done: int, total: int) -> None:
    _say("progress", {"what": what, "done": done, "total": total})


def _say(kind: str, fields: Mapping[str, Any]) -> None:
    sys.stdout.write(json.encode({"kind": kind, "service": _service_name(), **fields}).decode() + "\n")
    sys.stdout.flush()


def _service_name() -> str:
    """Return which service the words of this program name, also where its settings cannot be read."""
    return "".join(sys.argv[1:2]).removesuffix(".main").rsplit(".", 1)[-1]


def main() -> None:
    """Run a command; an expected failure is one line of kind `error`, and exit code 1, or 2 for settings."""
    try:
        APP()
    except KnownError as error:
        _say("error", {"slug": error.slug, "message": str(error)})
        sys.exit(USAGE if isinstance(error, BadSettings) else FAILED)


if __name__ == "__main__":
    main()
