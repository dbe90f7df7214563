"""Verifying while everybody writes, relays, consumes and parks: no false alarm."""

import asyncio
from itertools import count
from typing import Final

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.runtime.engine import Engine
from shared.runtime.keys import MemoryKeyStore
from shared.runtime.log import Log
from shared.runtime.verify import Verified, verify
from shared.runtime.worker import work
from tests.integration.verify.conftest import CLERK, broken, by_name
from tests.support.databases import fresh_database
from tests.support.donating import Donate, donating
from tests.support.engines import beside, engine_over
from tests.support.lending import Issue, Lend, Return, lending

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.parametrize("log", ["postgres", "kafka"], indirect=True),
]
TIMES: Final = 6


async def write(giver: Engine, lender: Engine) -> None:
    """Give and lend for ever; every fiftieth gift is one that parks its key."""
    for n in count(1):
        name = "poison" if n % 50 == 0 else "comes back"
        reader = Issue(reader_id=f"R-{n}", name=f"Example {n}")
        await asyncio.gather(
            *(giver.handle("demo", CLERK, Donate(donor_id=f"D-{n}-{m}", name=name)) for m in range(3)),
            *(
                lender.handle("demo", CLERK, Lend(copy_id=f"C-{n}-{m}"), Return(copy_id=f"C-{n}-{m}"), reader)
                for m in range(3)
            ),
        )


async def test_no_false_alarm_while_everybody_writes(database_server: DatabaseServer, log: Log, prefix: str) -> None:
    urls = [await fresh_database(database_server) for _ in range(2)]
    settings: dict[str, object] = {"topic_prefix": prefix, "topic_partitions": 3}
    keys = MemoryKeyStore()
    verified: list[Verified] = []
    async with (
        engine_over(donating(**settings, database_url=urls[0]), urls[0]) as giver,
        engine_over(lending(**settings, database_url=urls[1]), urls[1], keys=keys) as lender,
        beside(work(giver, log), work(lender, log), write(giver, lender)),
    ):
        for _ in range(TIMES):
            verified += [await verify(engine, log) for engine in (giver, lender)]

    positions = [each.position for each in verified[1::2]]
    assert [broken(by_name(each.invariants)) for each in verified] == [{}] * (2 * TIMES)
    assert [each.holds for each in verified] == [True] * (2 * TIMES)
    assert positions == sorted(set(positions))
