"""What an operator does to one service, run with the service's own code and settings.

    python -m shared.runtime.operate services.claims.main status

Owns: words, options, JSON lines on standard output, exit codes (0 ok, 1 failure, 2 usage, 3 partial). A line has a
`kind` and a `service`: `progress` as often as there is some, and one `result` or `error` at the end. Refuses: the work
itself, which stands in a module for each command. Next: `apps/cli` starts this as a program of its own and shows its
lines to people.
"""

import gc

if __name__ == "__main__":
    gc.disable()  # while it loads: `shared/runtime/garbage.py`

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Annotated, Any, Final, Literal, TypeAlias

import typer
from msgspec import json, to_builtins

from shared.events.envelope import Actor
from shared.kernel.errors import KnownError, Rejected
from shared.runtime import restore as restoring
from shared.runtime import verify as verifying
from shared.runtime.clearinghouse.upkeep import cleaned, read_again
from shared.runtime.definition import Service
from shared.runtime.doctor import examine
from shared.runtime.engine import Engine
from shared.runtime.garbage import collect_seldom
from shared.runtime.hosting import open_engine, open_log
from shared.runtime.intents import open_intents
from shared.runtime.log import Log, LogUnavailable
from shared.runtime.progress import Progress
from shared.runtime.replaying import Asked, replay_asked
from shared.runtime.republishing import differences, republish
from shared.runtime.settings import BadSettings, Told
from shared.runtime.status import standing
from shared.runtime.store import StoreUnavailable
from shared.runtime.telemetry import configure_logging
from shared.runtime.topics import own_topics
from shared.runtime.unlocking import unlock
from shared.runtime.verify import Choice
from shared.runtime.verify.last import keep

APP: Final = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
EFFECTS: Final = typer.Typer(no_args_is_help=True, help="What touches the world.")
LOCKS: Final = typer.Typer(no_args_is_help=True, help="Streams of which a restore found facts missing.")
APP.add_typer(EFFECTS, name="effects")
APP.add_typer(LOCKS, name="locks")
MAILBOX: Final = typer.Typer(no_args_is_help=True, help="What lies at the clearinghouse.")
APP.add_typer(MAILBOX, name="mailbox")
TOPICS: Final = typer.Typer(no_args_is_help=True, help="The service's own topics.")
APP.add_typer(TOPICS, name="topics")
OK, FAILED, USAGE, PARTIAL = 0, 1, 2, 3
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")]
_NICE: Final = 10


class NotConfirmed(Rejected):
    """What was asked for is final, or touches the world, and nobody said yes."""

    slug = "not-confirmed"


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
    projection: Annotated[list[str] | None, typer.Option(help="Of the read models, look at this one only.")] = None,
) -> None:
    """Look whether anything was lost, doubled or altered; the service may run. 1: yes, 3: not all could be seen."""
    choice = Choice(quick=quick, topics=topics, read_models=frozenset(projection or ()))
    _run(context, partial(_verify, choice))


async def _verify(choice: Choice, engine: Engine, progress: Progress) -> Ended:
    async with _log_if_there(engine.service.settings.log_url) as log:
        verified = await verifying.verify(engine, log, choice=choice, progress=progress)
    with suppress(StoreUnavailable):  # it is told all the same
        await keep(engine.service.settings.database_url, verified, choice)
    code = {True: OK, False: FAILED, None: PARTIAL}[verified.holds]
    return Ended(result=verified.as_fields(), code=code)


@APP.command()
def replay(  # noqa: PLR0913 (each is an option of the command)
    context: typer.Context,
    *,
    projection: Annotated[list[str] | None, typer.Option(help="A read model; all of them unless one is named.")] = None,
    source: Annotated[Literal["store", "topics"], typer.Option("--from", help="Where own facts come from.")] = "store",
    to_position: Annotated[
        int | None, typer.Option(min=0, help="Fill a side table with what was, by own facts.")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option(help="Fill a side table with what was at this moment (UTC).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare row by row; 3: something differs.")] = False,
) -> None:
    """Rebuild read models from their facts while the service runs; what a killed replay did is gone on with."""
    if (to_position is not None) + (as_of is not None) + dry_run > 1:
        raise typer.BadParameter("one of --to-position, --as-of and --dry-run")
    os.nice(_NICE)  # the service that serves meanwhile goes first
    moment = as_of.replace(tzinfo=UTC) if as_of and as_of.tzinfo is None else as_of
    asked = Asked(names=projection or (), source=source, to_position=to_position, as_of=moment, dry_run=dry_run)
    _run(context, partial(_replay, asked), unfilled=True)


async def _replay(asked: Asked, engine: Engine, progress: Progress) -> Ended:
    done = await replay_asked(engine, asked, progress)
    differs = any(each["differences"] for each in done)
    return Ended(result={"projections": done}, code=PARTIAL if differs else OK)


@asynccontextmanager
async def _log_if_there(url: str) -> AsyncIterator[Log | None]:
    async with AsyncExitStack() as stack:
        log: Log | None = None
        with suppress(LogUnavailable):
            log = await stack.enter_async_context(open_log(url))
        yield log


@APP.command()
def restore(
    context: typer.Context,
    *,
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="Tell positions that no topic has as lost for good.")] = False,
) -> None:
    """Bring a lost or rewound store back from its own topics."""

    async def work(engine: Engine, progress: Progress) -> Ended:
        async with open_log(engine.service.settings.log_url) as log:
            report = await restoring.restore(engine, log, progress, dry_run=dry_run, accept_losses=yes)
        failed = report.outcome in {"diverged", "positions-lost"}
        return Ended(result=to_builtins(report), code=FAILED if failed else OK)

    _run(context, work)


@EFFECTS.command("list")
def effects_list(context: typer.Context) -> None:
    """List intents without a result, and say whether effects are held."""
    _run(context, _open_effects)


async def _open_effects(engine: Engine, _: Progress) -> Ended:
    held, intents = (await engine.store.head()).effects_held, await open_intents(engine)
    return Ended(result={"held": held, "intents": to_builtins(intents)})


@EFFECTS.command("resume")
def effects_resume(
    context: typer.Context,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would act, and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Somebody asked the other side what it has seen.")] = False,
) -> None:
    """Let effects act again after a restore."""

    async def work(engine: Engine, progress: Progress) -> Ended:
        found = await _open_effects(engine, progress)
        if dry_run or not found.result["held"]:
            return Ended(result={**found.result, "resumed": False})
        if not yes:
            raise NotConfirmed(
                "ask the other side what it has seen, then say --yes: `effects list` lists what will act"
            )
        await engine.store.hold_effects(held=False)
        return Ended(result={**found.result, "held": False, "resumed": True})

    _run(context, work)


@MAILBOX.command("clean")
def mailbox_clean(
    context: typer.Context,
    *,
    days: Annotated[int, typer.Option("--days", min=1, help="What lies there unchanged for so many days.")],
    dry_run: DryRun = False,
) -> None:
    """Remove what the service has read and keeps, and uploads of files that arrived."""

    async def work(engine: Engine, _: Progress) -> Ended:
        return Ended(result=await cleaned(engine, older_than=timedelta(days=days), dry_run=dry_run))

    _run(context, work)


@MAILBOX.command("again")
def mailbox_again(context: typer.Context, *, dry_run: DryRun = False) -> None:
    """Read once more what could not be had; 3: some of it still cannot be."""

    async def work(engine: Engine, _: Progress) -> Ended:
        async with engine.running():
            found = await read_again(engine, dry_run=dry_run)
        return Ended(result=found, code=PARTIAL if found["left"] else OK)

    _run(context, work)


@LOCKS.command("list")
def locks_list(context: typer.Context) -> None:
    """List the streams on which nothing is decided until a person looked."""

    async def work(engine: Engine, _: Progress) -> Ended:
        streams = await engine.store.locked_streams()
        return Ended(result={"streams": [{"tenant_id": tenant, "stream": stream} for tenant, stream in streams]})

    _run(context, work)


@LOCKS.command("release")
def locks_release(
    context: typer.Context,
    stream: Annotated[str, typer.Argument(help="The stream.")],
    tenant: Annotated[str, typer.Option(help="Whose it is.")],
    reason: Annotated[str, typer.Option(help="Why it may go on: a slug, such as nothing-missing.")],
    operator: Annotated[str, typer.Option(help="Who looked: an account, never a name.")],
) -> None:
    """Let a stream go on, after a person looked at what is missing."""

    async def work(engine: Engine, _: Progress) -> Ended:
        async with engine.running():
            await unlock(engine, tenant, stream, reason=reason, by=Actor(kind="human", id=operator))
        return Ended(result={"tenant_id": tenant, "stream": stream, "released": True})

    _run(context, work)


@APP.command()
def config(context: typer.Context) -> None:
    """Say what the service is told, and by whom; also where it would refuse to start."""
    settings = import_module(f"{context.obj.rpartition('.')[0]}.settings")
    told: Told = settings.Settings.told(settings.PREFIX)
    _say("result", to_builtins(told))
    raise typer.Exit(FAILED if told.unknown or any(each.is_wrong for each in told.settings) else OK)


@APP.command()
def doctor(context: typer.Context) -> None:
    """Say what is wrong with the service, and what mends it; 1: something is."""
    found = asyncio.run(examine(_main_module(context).configured))
    _say("result", {"checks": to_builtins(found)})
    raise typer.Exit(FAILED if any(each.level == "fail" for each in found) else OK)


@TOPICS.command("check")
def topics_check(context: typer.Context) -> None:
    """Say whether the service's own topics are as they must be."""
    _run(context, _topics_checked)


@TOPICS.command("create")
def topics_create(context: typer.Context, *, dry_run: DryRun = False) -> None:
    """Make the service's own topics where they are missing."""

    async def work(engine: Engine, progress: Progress) -> Ended:
        if not dry_run:
            settings = engine.service.settings
            async with open_log(settings.log_url) as log:
                await log.ensure_topics(
                    own_topics(engine), partitions=settings.topic_partitions, replicas=settings.topic_replicas
                )
        return await _topics_checked(engine, progress)

    _run(context, work)


async def _topics_checked(engine: Engine, _: Progress) -> Ended:
    async with open_log(engine.service.settings.log_url) as log:
        wrong = await differences(engine, log)
    return Ended(result={"topics": list(own_topics(engine)), "wrong": wrong}, code=FAILED if wrong else OK)


@TOPICS.command("republish")
def topics_republish(
    context: typer.Context,
    *,
    first: Annotated[int, typer.Option("--from", min=1, help="The first position that is sent again.")],
    dry_run: DryRun = False,
) -> None:
    """Send every published fact from a position on again, which closes a gap."""

    async def work(engine: Engine, progress: Progress) -> Ended:
        async with open_log(engine.service.settings.log_url) as log:
            sent = await republish(engine, log, progress, first=first, dry_run=dry_run)
        return Ended(result={"from": first, "dry_run": dry_run, "sent": sent})

    _run(context, work)


def _run(context: typer.Context, work: Work, *, unfilled: bool = False) -> None:
    """Do a command's work on the service that was named, say its result, and end with its code."""
    ended = asyncio.run(_worked(_main_module(context).configured(), work, unfilled=unfilled))
    _say("result", ended.result)
    raise typer.Exit(ended.code)


def _main_module(context: typer.Context) -> Any:  # noqa: ANN401 (of a service)
    loaded = import_module(context.obj)
    collect_seldom()
    return loaded


async def _worked(service: Service, work: Work, *, unfilled: bool) -> Ended:
    async with open_engine(service, unfilled=unfilled) as engine:
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
