"""SIGKILL of the worker that takes the lines of an operation: another goes on, each line is taken once.

The first is killed within a part, of which some lines are committed; the second as it has taken that part and kept no
results of it. Every patient is synthetic.
"""

import json
from collections import Counter

import pytest

from apps.embedded.database_server import DatabaseServer
from tests.support.databases import fresh_database
from tests.support.memory import serving
from tests.support.processes import KILLED, program
from tests.support.taking import FLUSH_UNITS, coding_over, take
from tests.unit.coding.test_bulk import NDJSON, UNNAMED
from tests.unit.coding.test_operations import LATER

LINES = 250
PART_LINES = 100
KILLED_AT = f"written.EncounterDocumented:kill:{PART_LINES + FLUSH_UNITS + 1}"


async def killed(database: str, failpoint: str) -> None:
    """Run a worker until it is killed."""
    async with program("tests.support.taking", database, failpoint=failpoint) as running:
        assert await running.ended(seconds=90) == KILLED, running.complaints[-2000:]


async def test_each_line_is_taken_once_whoever_is_killed(
    database_server: DatabaseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await fresh_database(database_server)
    lines = [json.dumps({**UNNAMED, "key": f"k{n:03}"}) for n in range(LINES)]
    monkeypatch.setattr("shared.runtime.kept_lines._PART_BYTES", len(lines[0]) * PART_LINES - 1)
    async with coding_over(database) as engine, serving(engine) as coding:
        begun = await coding.client.post("/v1/encounters/bulk", content="\n".join(lines), headers=LATER)
        address = begun.headers["Location"]
        await killed(database, KILLED_AT)
        await killed(database, "operation.taken:kill:1")
        await take(database)
        ended = (await coding.client.get(address)).json()
        told = [json.loads(line) for line in (await coding.client.get(ended["results"])).text.splitlines()]
        again = await coding.client.post("/v1/encounters/bulk", content="\n".join(lines), headers=NDJSON)
        facts = Counter(each.type for each in await engine.store.events(0, events_max=10_000))

    assert (ended["state"], ended["done"]) == ("succeeded", LINES)
    assert [(each["line"], each["key"]) for each in told] == [(n + 1, f"k{n:03}") for n in range(LINES)]
    assert [each["status"] for each in told] == [201] * PART_LINES + [200] * PART_LINES + [201] * (
        LINES - 2 * PART_LINES
    )
    assert [each["id"] for each in told] == [json.loads(line)["id"] for line in again.text.splitlines()]
    assert facts["EncounterDocumented"] == len({each["id"] for each in told}) == LINES
