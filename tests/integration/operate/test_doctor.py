"""Each fault is really made, and found under its name, with the command that mends it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.coding import main as coding
from shared.events.envelope import Actor
from shared.runtime import clock, doctor
from shared.runtime.definition import Service
from shared.runtime.doctor import examine
from shared.runtime.look import Look
from shared.runtime.topics import own_topics
from shared.runtime.worker import work
from tests.integration.operate.conftest import Line
from tests.support.donating import Donate
from tests.support.engines import beside, until
from tests.support.lending import SHELVES, lending

CLERK = Actor(kind="human", id="clerk-1")
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def told(line: Line, **changes: object) -> Service:
    """Return the lender, told something else."""
    return replace(lending(), settings=line.lender.service.settings.model_copy(update=changes))


async def looked(service: Service) -> dict[str, Look]:
    return {look.check: look for look in await examine(lambda: service)}


def failed(found: dict[str, Look]) -> set[str]:
    return {name for name, look in found.items() if look.level == "fail"}


@pytest.fixture
async def healthy(line: Line) -> Line:
    """Return a line that worked once: topics, checkpoints and read models are there."""
    async with beside(work(line.giver, line.log), work(line.lender, line.log)):
        await line.giver.handle("demo", CLERK, Donate(donor_id="D-1"))

        async def taken() -> bool:
            head = await line.lender.store.head()
            return head.position > 0 and (await line.lender.store.relayed())[0] == head.position

        await until(taken)
    return line


@asynccontextmanager
async def database(line: Line) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(line.lender.service.settings.database_url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_nothing_is_wrong_with_a_line_that_works(healthy: Line) -> None:
    found = await looked(told(healthy))

    assert {look.level for look in found.values()} == {"ok"}
    assert set(found) == {"database", "clock", "read-models", "log", "topics", "checkpoints", "store"}


async def test_database_that_is_away(healthy: Line) -> None:
    found = await looked(told(healthy, database_url=NOWHERE))

    assert failed(found) == {"database"}
    assert "CLAIMLOG_LENDING_DATABASE_URL" in found["database"].mend


async def test_database_of_another_release(healthy: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SERVER_VERSION_MIN", 990_000)
    found = await looked(told(healthy))

    assert failed(found) == {"database"}
    assert "PostgreSQL 99 or newer" in found["database"].mend


@pytest.mark.parametrize("url", [NOWHERE, "kafka://127.0.0.1:1", "rabbit://127.0.0.1"])
async def test_log_that_is_away(healthy: Line, url: str) -> None:
    found = await looked(told(healthy, log_url=url))

    assert failed(found) == {"log"}
    assert "claimlog config --service lending" in found["log"].mend


async def test_topics_that_are_missing_or_have_other_partitions(line: Line) -> None:
    missing = await looked(told(line))
    await line.log.ensure_topics(own_topics(line.lender), partitions=3, replicas=1)
    other = await looked(told(line))

    assert (failed(missing), missing["topics"].mend) == ({"topics"}, "claimlog topics create --service lending")
    assert failed(other) == {"topics"}
    assert "CLAIMLOG_LENDING_TOPIC_PARTITIONS" in other["topics"].mend


async def test_topic_that_would_lose_records(line: Line, kafka_bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    try:
        names = ("doctor.lending", "doctor.lending.internal")
        await admin.create_topics([NewTopic(name, 2, 1, topic_configs={"retention.ms": "60000"}) for name in names])

        async def known() -> bool:
            return set(names) <= set(await admin.list_topics())  # the controller answers before its broker knows them

        await until(known)
    finally:
        await admin.close()
    found = await looked(told(line, log_url=f"kafka://{kafka_bootstrap}", topic_prefix="doctor"))

    assert failed(found) == {"topics"}
    assert "retention.ms=-1" in found["topics"].mend


async def test_clocks_that_differ(healthy: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(seconds=90))
    far = await looked(told(healthy))
    monkeypatch.setattr(clock, "now", lambda: now() - timedelta(seconds=10))
    near = await looked(told(healthy))

    assert (far["clock"].level, near["clock"].level) == ("fail", "warn")
    assert "time server" in far["clock"].mend


async def test_read_model_that_stopped_at_a_fact(healthy: Line) -> None:
    async with database(healthy) as connection:
        await connection.execute("update projected set broken = 'ValueError' where name = 'rm_shelves_v1'")
    found = await looked(told(healthy))

    assert failed(found) == {"read-models"}
    assert f"claimlog replay --service lending --projection {SHELVES.name}" in found["read-models"].mend


async def test_checkpoint_ahead_of_its_topic(healthy: Line) -> None:
    async with database(healthy) as connection:
        await connection.execute("update checkpoint set next_offset = 900 where topic = 'line.registration'")
    found = await looked(told(healthy))

    assert failed(found) == {"checkpoints"}
    assert "read to 900" in found["checkpoints"].said


async def test_store_behind_its_topics(healthy: Line) -> None:
    async with database(healthy) as connection:
        await connection.execute("update store_head set position = 0")
    found = await looked(told(healthy))

    assert failed(found) == {"store"}
    assert found["store"].mend == "claimlog restore --service lending"


async def test_code_sets_that_are_missing(healthy: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = await looked(replace(told(healthy), tables=(tmp_path / "icd10cm.table",)))
    monkeypatch.setenv("CLAIMLOG_CODING_TABLES_FOLDER", str(tmp_path))
    at_the_start = await examine(coding.configured)

    assert failed(found) == {"code-sets"}
    assert [(look.check, look.level) for look in at_the_start] == [("code-sets", "fail")]


async def test_setting_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMLOG_CODING_TABLE_FOLDER", "x")
    (look,) = await examine(coding.configured)

    assert (look.check, look.level, look.mend) == ("settings", "fail", "claimlog config")
    assert "CLAIMLOG_CODING_TABLE_FOLDER" in look.said


async def test_database_that_was_never_used(line: Line) -> None:
    async with database(line) as connection:
        await connection.execute("drop schema public cascade; create schema public")
    found = await looked(told(line))

    assert found["read-models"].level == "warn"
