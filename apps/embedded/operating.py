"""An operator's command on the services of a data folder, whether claimlog runs on it or not.

Owns: finding or starting the database server, and the program that runs the command on each service, which is told its
settings (`each_service.py`). Refuses: port and lock of the folder, so that it works beside `claimlog run`; and the work
itself (`shared/runtime/operate.py`).
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

from msgspec import json, to_builtins

from apps.cli.operating import LINE_BYTES_MAX, gravity
from apps.embedded.addresses import databases, told
from apps.embedded.doctor import machine
from apps.embedded.settings import SERVICES, Settings
from shared.kernel.errors import NotFound

_TOGETHER = "--together"
_MAKES_A_FOLDER = "restore"
"""The one command that makes sense where nothing is left."""


class NothingHere(NotFound):
    """The data folder holds no databases. **Shape**: the message says which variables to look at."""

    slug = "nothing-here"


async def operate(settings: Settings, services: Sequence[str], arguments: Sequence[str], *, together: bool) -> int:
    """Run a command on services, one after the other or together; their lines go to standard output as they come.

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
            chosen = [name for name in SERVICES if name in services]
            codes.append(await _all_operated(chosen, arguments, dict(os.environ) | variables, together=together))
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


async def _all_operated(
    services: Sequence[str], arguments: Sequence[str], environment: dict[str, str], *, together: bool
) -> int:
    """Run a command on each service to its end; who ends this program ends them too.

    Their lines pass through here one by one: several processes that wrote to one pipe would cut long ones into each
    other.
    """
    pipes = {name: os.pipe() for name in services}
    ends = [end for _, end in pipes.values()]
    chosen = [*([_TOGETHER] if together else ()), *(f"{end}:{name}" for name, (_, end) in pipes.items())]
    words = ("-m", "apps.embedded.each_service", *chosen, "--", *arguments)
    try:
        program = await asyncio.create_subprocess_exec(sys.executable, *words, env=environment, pass_fds=ends)
    finally:
        for end in ends:
            os.close(end)
    try:
        await asyncio.gather(*(_pass_on(end) for end, _ in pipes.values()))
        return await program.wait()
    finally:
        if program.returncode is None:
            program.terminate()
            await program.wait()


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
