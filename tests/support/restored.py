"""The restore of one store of a line as a process of its own, which fault tests kill and start again.

    python -m tests.support.restored '{"giver": ADDRESS, …}' giver|shelver

Lets effects act again at the end, as an operator does who asked the other side.
"""

import asyncio
import sys

from msgspec import json

from shared.runtime.hosting import open_log
from shared.runtime.progress import silent
from shared.runtime.restore import restore
from shared.runtime.telemetry import configure_logging
from tests.support.donating import donating
from tests.support.engines import engine_at_rest
from tests.support.line import Line
from tests.support.shelving import shelving


async def run(line: Line, which: str) -> None:
    """Restore it."""
    url = line.giver if which == "giver" else line.shelver
    settings = line.settings(url)
    service = donating(**settings) if which == "giver" else shelving(line.world, **settings)
    async with open_log(line.log) as log, engine_at_rest(service, url) as engine:
        report = await restore(engine, log, silent, dry_run=False, accept_losses=False)
        if report.outcome not in {"restored", "nothing-to-restore"}:
            raise AssertionError(report)
        if not (await engine.store.head()).effects_held:
            raise AssertionError("effects are not held")
        await engine.store.hold_effects(held=False)


def main(text: str, which: str) -> None:
    """Restore a store of the line that a text describes."""
    configure_logging()
    asyncio.run(run(json.decode(text, type=Line), which))


if __name__ == "__main__":
    main(*sys.argv[1:])
