"""A line of two services and a log in one process, which a fault test kills and starts again.

    python -m tests.support.line GIVER LENDER LOG COUNT

Gives COUNT gifts, each under an idempotency key of its own, and ends when the other service has done its part for all.
"""

import asyncio
import sys
from collections import Counter
from contextlib import suppress

from shared.events.envelope import Actor
from shared.runtime.engine import Engine
from shared.runtime.hosting import open_log
from shared.runtime.unit import Idempotency
from shared.runtime.worker import work
from tests.support.donating import Donate, donating
from tests.support.engines import engine_over, until
from tests.support.lending import lending

PREFIX = "fault"
PARTITIONS = 2
_ACTOR = Actor(kind="service", id="line")


async def run(giver_url: str, lender_url: str, log_url: str, count: int) -> None:
    """Do it all; what an earlier process did already is not done again."""
    given: dict[str, object] = {"topic_prefix": PREFIX, "topic_partitions": PARTITIONS, "flush_events_max": 10}
    async with (
        open_log(log_url) as log,
        engine_over(donating(**given, database_url=giver_url), giver_url) as giver,
        engine_over(lending(**given, database_url=lender_url), lender_url) as lender,
    ):
        tasks = [asyncio.create_task(work(engine, log)) for engine in (giver, lender)]
        for first in range(0, count, 10):
            await asyncio.gather(*(_give(giver, n) for n in range(first, min(first + 10, count))))

        async def complete() -> bool:
            types = Counter(each.type for each in await lender.store.events(0, events_max=10 * count))
            (sent, _), head = await lender.store.relayed(), await lender.store.head()
            return types["CopyReturned"] >= count and sent == head.position

        await until(complete)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _give(giver: Engine, n: int) -> None:
    key = Idempotency(route="POST /gifts", key=f"k-{n}", body_hmac="h")
    await giver.handle("demo", _ACTOR, Donate(donor_id=f"D-{n}", name="comes back"), idempotency=key)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
