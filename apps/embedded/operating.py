"""An operator's command on the services of a data folder, whether claimlog runs on it or not.

Owns: finding or starting the database server, and telling the processes that run the command (`each_service.py`) the
settings of their services. Refuses: port and lock of the folder, so that it works beside `claimlog run`; and the work
itself (`shared/runtime/operate.py`).
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress

from msgspec import json, to_builtins

from apps.cli.operating import LINE_BYTES_MAX, gravity
from apps.embedded.addresses import databases, told
from apps.embedded.doctor import machine
from apps.embedded.each_service import EachService
from apps.embedded.settings import Settings
from shared.kernel.errors import NotFound

_MAKES_A_FOLDER = "restore"
"""The one command that makes sense where nothing is left."""


class NothingHere(NotFound):
    """The data folder holds no databases. **Shape**: the message says which variables to look at."""

    slug = "nothing-here"


async def operate(settings: Settings, each: EachService, arguments: Sequence[str]) -> int:
    """Run a command on the services that wait for it; their lines go to standard output as they come.

    **Errors**: `NothingHere`, and those of `databases`.
    """
    async with AsyncExitStack() as stack:
        if arguments[:1] == ["doctor"]:
            looks, urls = await machine(settings, stack)
            _say("machine", checks=to_builtins(looks))
            codes = [int(any(look.level == "fail" for look in looks))]
        else:
            urls, codes = await _opened(settings, arguments, stack), []
        if urls:
            variables = told(settings, urls, clearinghouse=f"http://{settings.host}:{settings.port}/simulator")
            if arguments[:1] == ["config"]:
                _say("embedded", tells=sorted(variables), **settings.told())
            codes.append(await _all_operated(each, variables))
    return max(codes, key=gravity, default=0)


async def _opened(settings: Settings, arguments: Sequence[str], stack: AsyncExitStack) -> dict[str, str]:
    is_new = not (settings.data / "postgres" / "PG_VERSION").exists()
    if is_new and not settings.database_url and _MAKES_A_FOLDER not in arguments[:1]:
        raise NothingHere(
            f"the folder {settings.data} holds no claimlog; `claimlog run` makes one, or set CLAIMLOG_DATA to another"
        )
    return await databases(settings, stack)


def _say(program: str, **fields: object) -> None:
    """Write a line of ours between those of the services."""
    sys.stdout.buffer.write(json.encode({"kind": "result", "service": program, **fields}) + b"\n")
    sys.stdout.buffer.flush()


async def _all_operated(each: EachService, variables: Mapping[str, str]) -> int:
    """Let the processes work to their end, and pass their lines on."""
    with suppress(BrokenPipeError):  # it ended already, and said why
        each.settings.send(variables)
    try:
        await asyncio.gather(*map(_pass_on, each.pipes))
        each.process.join()  # nobody writes any more: it has ended
    finally:
        each.end()  # before its databases do, where this is called off
    return each.process.exitcode or 0


async def _pass_on(pipe: int) -> None:
    """Write the lines that come out of a pipe to standard output, until nobody writes there any more."""
    lines = asyncio.StreamReader(limit=LINE_BYTES_MAX)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(pipe, "rb"))
    try:
        async for line in lines:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
    finally:
        transport.close()
