"""SIGKILL at every named place between command, log and reaction: started again, nothing is lost, nothing twice."""

import asyncio
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Envelope, link
from shared.runtime.hosting import open_log
from shared.runtime.wire import Arrived, arrived
from tests.support.databases import fresh_database, server
from tests.support.donating import donating
from tests.support.engines import engine_over
from tests.support.lending import SHELVES, lending
from tests.support.line import PARTITIONS, PREFIX

COUNT = 40
KILLED = -9
PLACES = (
    "flush.written:kill:1",
    "flush.written:kill:4",
    "flush.committed:kill:1",
    "flush.committed:kill:4",
    "relay.read:kill:1",
    "relay.read:kill:3",
    "relay.acknowledged:kill:1",
    "relay.acknowledged:kill:3",
    "consumer.read:kill:1",
    "written.PayerAdded:kill:15",
    "written.CopyLent:kill:5",
    "written.CopyReturned:kill:20",
)


@pytest.fixture(scope="module")
def database_server() -> Iterator[DatabaseServer]:
    with server() as running:
        yield running


async def run(*arguments: str, failpoint: str = "") -> tuple[int | None, str]:
    """Run the line in a process of its own; return its exit code and what it complained about."""
    environment = {**os.environ, "CLAIMLOG_FAILPOINT": failpoint}  # noqa: TID251 (of the child)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.line",
        *arguments,
        str(COUNT),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaints = await process.communicate()
    return process.returncode, complaints.decode()


@pytest.mark.parametrize("place", PLACES)
async def test_killed_line_ends_as_if_nothing_had_happened(place: str, database_server: DatabaseServer) -> None:
    giver, lender, log = [await fresh_database(database_server) for _ in range(3)]
    killed, _ = await run(giver, lender, log, failpoint=place)
    again, complaints = await run(giver, lender, log)

    assert killed == KILLED, "the place was never passed"
    assert again == 0, complaints
    given, lent = await check_stores(giver, lender)
    await check_topic(log, "registration", given)
    await check_topic(log, "lending.internal", lent)


async def check_stores(giver: str, lender: str) -> tuple[list[Envelope], list[Envelope]]:
    """Every gift is there once, has led to one loan and one return, and the read model says the same."""
    async with engine_over(donating(), giver) as one, engine_over(lending(), lender) as other:
        given = list(await one.store.events(0, events_max=10 * COUNT))
        lent = list(await other.store.events(0, events_max=10 * COUNT))
        rows = (await other.page(SHELVES, "demo", page_size=10 * COUNT)).items
        parked = await other.store.parked(None, rows_max=10)
    check_history(given)
    check_history(lent)

    assert not parked
    assert sorted(each.key for each in given) == sorted(f"D-{n}" for n in range(COUNT))
    assert Counter(each.type for each in lent) == {"CopyLent": COUNT, "CopyReturned": COUNT}
    assert {each.causation_id for each in lent if each.type == "CopyLent"} == {each.event_id for each in given}
    assert [(row.times, row.away) for row in rows] == [(1, False)] * COUNT
    return given, lent


def check_history(events: list[Envelope]) -> None:
    previous = bytes(32)
    for position, envelope in enumerate(events, start=1):
        previous = link(previous, envelope)
        assert (envelope.position, envelope.chain_hash) == (position, previous)


async def check_topic(log_url: str, service: str, events: list[Envelope]) -> None:
    """The topic holds the store: without a hole, and, where a tail was sent again, without anything else."""
    found: dict[int, list[Arrived]] = defaultdict(list)
    async with open_log(log_url) as log, log.reader() as reader:
        await reader.assign({(f"{PREFIX}.{service}", n): 0 for n in range(PARTITIONS)})
        while batch := await reader.fetch(records_max=10_000, seconds=0):
            for (_, partition), records in batch.items():
                found[partition] += [fact for fact in map(arrived, records) if fact]
    highest = dict.fromkeys(found, 0)
    for partition, facts in found.items():
        for fact in facts:
            assert fact.previous_position <= highest[partition], "a hole"
            highest[partition] = max(highest[partition], fact.envelope.position)

    assert sorted({fact.envelope.event_id for facts in found.values() for fact in facts}) == sorted(
        each.event_id for each in events
    )
