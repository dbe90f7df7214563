"""After the whole demo no patient of it is named in facts, records, keys, headers or output: only in sealed blocks.

Read models of the services that need a name hold it, behind their routes' scopes; they are not looked at here.
"""

import json

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import SERVICES
from tests.e2e.conftest import Demo
from tests.support.programs import REPOSITORY

PATIENTS = REPOSITORY / "samples" / "practice" / "Patient.ndjson"
COVERAGES = REPOSITORY / "samples" / "practice" / "Coverage.ndjson"


def personal_values() -> frozenset[str]:
    patients = [json.loads(line) for line in PATIENTS.read_text().splitlines()]
    names = {each["name"][0]["family"] for each in patients}
    numbers = {number["value"] for each in patients for number in each["identifier"] if "mrn" in number["system"]}
    streets = {line for each in patients for address in each.get("address", ()) for line in address.get("line", ())}
    members = {json.loads(line)["subscriberId"] for line in COVERAGES.read_text().splitlines()}
    return frozenset(names | numbers | streets | members)


@pytest.fixture(scope="module")
def wanted() -> frozenset[str]:
    found = personal_values()
    assert len(found) > 100
    return found


def test_output_names_nobody(demo: Demo, wanted: frozenset[str]) -> None:
    assert [value for value in wanted if value in demo.finished.err or value in demo.finished.out] == []


async def test_stores_and_log_name_nobody_in_the_clear(demo: Demo, wanted: frozenset[str]) -> None:
    with DatabaseServer.running(demo.data / "postgres") as server:
        for service in SERVICES:
            facts = await _bytes_of(server, f"claimlog_{service}", "select data from events")
            assert [value for value in wanted if value.encode() in facts] == []
        records = await _bytes_of(server, "claimlog_log", "select key || value || headers from log_record")

    assert len(records) > 100_000
    assert [value for value in wanted if value.encode() in records] == []


async def _bytes_of(server: DatabaseServer, database: str, query: str) -> bytes:
    connection = await asyncpg.connect(server.url(database))
    try:
        return b"\n".join(row[0] for row in await connection.fetch(query))
    finally:
        await connection.close()
