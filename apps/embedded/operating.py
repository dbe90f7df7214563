"""An operator's command on the services of a data folder, whether claimlog runs on it or not.

Owns: finding or starting the database server, and one program for each service that is told its settings. Refuses: port
and lock of the folder, so that it works beside `claimlog run`; and the work itself (`shared/runtime/operate.py`).
"""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

from apps.embedded.addresses import databases, told
from apps.embedded.settings import SERVICES, Settings
from shared.kernel.errors import NotFound

_MAKES_A_FOLDER = "restore"
"""The one command that makes sense where nothing is left."""
_GRAVEST_LAST = (0, 3, 1, 2)
"""Exit codes: all well, something left over, a failure, wrong words."""


class NothingHere(NotFound):
    """The data folder holds no databases. **Shape**: the message says which variables to look at."""

    slug = "nothing-here"


async def operate(settings: Settings, services: Sequence[str], arguments: Sequence[str], *, together: bool) -> int:
    """Run a command on services, one after the other or together; their lines go to standard output as they come.

    **Errors**: `NothingHere`, and those of `databases`.
    """
    is_new = not (settings.data / "postgres" / "PG_VERSION").exists()
    if is_new and not settings.database_url and _MAKES_A_FOLDER not in arguments[:1]:
        raise NothingHere(
            f"the folder {settings.data} holds no claimlog; `claimlog run` makes one, or set CLAIMLOG_DATA to another"
        )
    async with AsyncExitStack() as stack:
        urls = await databases(settings, stack)
        variables = told(settings, urls, f"http://{settings.host}:{settings.port}")
        if arguments[:1] == ["config"]:
            said = {"kind": "result", "service": "embedded", "tells": sorted(variables), **settings.told()}
            sys.stdout.write(json.dumps(said) + "\n")
            sys.stdout.flush()
        environment = dict(os.environ) | variables
        chosen = [name for name in SERVICES if name in services]
        if together:
            codes = await asyncio.gather(*(_operated(name, arguments, environment) for name in chosen))
        else:
            codes = [await _operated(name, arguments, environment) for name in chosen]
    return max(codes, key=_gravity, default=0)


def _gravity(code: int) -> int:
    return _GRAVEST_LAST.index(code) if code in _GRAVEST_LAST else len(_GRAVEST_LAST)


async def _operated(service: str, arguments: Sequence[str], environment: dict[str, str]) -> int:
    """Run a command on one service to its end; who ends this program ends it too."""
    words = ("-m", "shared.runtime.operate", f"services.{service}.main", *arguments)
    program = await asyncio.create_subprocess_exec(sys.executable, *words, env=environment)
    try:
        return await program.wait()
    finally:
        if program.returncode is None:
            program.terminate()
            await program.wait()
