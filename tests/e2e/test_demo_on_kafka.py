"""The demo over a real Kafka: the same money, and the topics hold every public fact once, in order, without a gap."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from apps.embedded.settings import SERVICES
from tests.e2e.conftest import Demo
from tests.support.kafka import kafka_bootstrap
from tests.support.practice import SAME
from tests.support.programs import REPOSITORY, claimlog, embedded

__all__ = ["kafka_bootstrap"]


@pytest.fixture(scope="module")
def on_kafka(folder: Path, small_practice: Path, kafka_bootstrap: str) -> Demo:
    data, path = folder / "on-kafka", str(small_practice)
    return Demo(data, embedded("demo", "--json", "--path", path, data=data, KAFKA_BOOTSTRAP=kafka_bootstrap))


def test_money_and_counts_are_those_of_the_embedded_log(small: Demo, on_kafka: Demo) -> None:
    assert on_kafka.finished.code == 0, on_kafka.finished.err
    assert on_kafka.finished.outcome["money_cents"] == small.finished.outcome["money_cents"]
    for name in SAME:
        assert on_kafka.finished.outcome[name] == small.finished.outcome[name]


def test_folder_and_log_that_do_not_belong_together_are_refused(
    small: Demo, on_kafka: Demo, folder: Path, kafka_bootstrap: str
) -> None:
    elsewhere = embedded("demo", data=small.data, KAFKA_BOOTSTRAP=kafka_bootstrap)
    back = embedded("demo", data=on_kafka.data)
    others = embedded("demo", data=folder / "newcomer", KAFKA_BOOTSTRAP=kafka_bootstrap)

    assert (elsewhere.code, back.code, others.code) == (1, 1, 1)
    assert "set CLAIMLOG_DATA to another folder" in " ".join(elsewhere.err.split())
    assert "set CLAIMLOG_DATA to another folder" in " ".join(back.err.split())
    assert "set CLAIMLOG_TOPIC_PREFIX to a new name" in " ".join(others.err.split())


async def test_a_consumer_sees_every_public_fact_of_the_stores(
    on_kafka: Demo,
    kafka_bootstrap: str,
) -> None:
    consumed = subprocess.run(  # noqa: ASYNC221, S603 (our own sample; nothing else runs meanwhile)
        [sys.executable, "samples/consume.py", kafka_bootstrap],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert consumed.returncode == 0, consumed.stderr
    seen = json.loads(consumed.stdout)
    assert seen["counts"] == await _stored(on_kafka.data)


def test_operator_reads_topics_sends_again_and_brings_back_a_store_that_was_lost(
    on_kafka: Demo, kafka_bootstrap: str
) -> None:
    def asked(*words: str) -> Mapping[str, Any]:
        finished = claimlog(*words, "--json", data=on_kafka.data, KAFKA_BOOTSTRAP=kafka_bootstrap)
        assert finished.code == 0, (words, finished.out, finished.err)
        found: Mapping[str, Any] = finished.outcome["services"]["validation"]
        return found

    service = ("--service", "validation")
    compared = asked("replay", *service, "--from", "topics", "--dry-run")["projections"]
    rebuilt = asked("replay", *service, "--from", "topics", "--projection", "scrubs")["projections"]
    checked = asked("topics", "check", *service)
    position = asked("restore", *service, "--dry-run")["position"]
    sent = asked("topics", "republish", *service, "--from", "1", "--yes")["sent"]
    with DatabaseServer.running(on_kafka.data / "postgres") as server:
        asyncio.run(_drop(server, "claimlog_validation"))
    restored = asked("restore", *service)
    resumed = asked("effects", "resume", *service, "--yes")
    verified = asked("verify", *service)["invariants"]

    assert {each["differences"] for each in compared} == {0}
    assert rebuilt[0]["source"] == "topics"
    assert checked["wrong"] == {}
    assert sum(sent.values()) == position
    assert (restored["outcome"], restored["position"], restored["lost_count"]) == ("restored", position, 0)
    assert (resumed["held"], resumed["resumed"]) == (False, True)
    assert all(each["holds"] for each in verified)


async def _drop(server: DatabaseServer, database: str) -> None:
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        await connection.execute(f"drop database {database}")
    finally:
        await connection.close()


async def _stored(data: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    with DatabaseServer.running(data / "postgres") as server:
        for service in SERVICES:
            connection = await asyncpg.connect(server.url(f"claimlog_{service}"))
            try:
                rows = await connection.fetch("select type, count(*) from events where public group by type")
            finally:
                await connection.close()
            counts.update({row[0]: row[1] for row in rows})
    return counts
