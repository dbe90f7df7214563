"""The demo loses all stores and read models; they come back from the topics, and the demo adds nothing to them."""

import asyncio
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from tests.e2e.conftest import Demo
from tests.support.programs import Finished, claimlog, embedded, operate

SERVICES = ("registration", "coding", "validation", "claims", "payments")
KEPT = ("events", "names", "parked", "discarded")
FILES = "select tenant_id, sha256, kind, sealed, stored_at from files order by stored_at"

Rows = dict[str, list[tuple[Any, ...]]]


async def rows(server: DatabaseServer, service: str) -> Rows:
    """Return what topics can bring back, and the files, of which somebody has a backup."""
    connection = await asyncpg.connect(server.url(f"claimlog_{service}"))
    try:
        found = {table: await connection.fetch(f"select * from {table}") for table in KEPT}  # noqa: S608 (ours)
        found["files"] = await connection.fetch(FILES)
        found["relayed"] = await connection.fetch("select topic, partition, position from relayed")
        return {table: sorted(map(tuple, found[table])) for table in found}
    finally:
        await connection.close()


async def lose(folder: Path) -> dict[str, Rows]:
    """Drop the databases of all services; return what they held."""
    with DatabaseServer.running(folder / "postgres") as server:
        held = {service: await rows(server, service) for service in SERVICES}
        connection = await asyncpg.connect(server.url("postgres"))
        for service in SERVICES:
            await connection.execute(f"drop database claimlog_{service} with (force)")
        await connection.close()
        return held


async def put_files_back(folder: Path, held: dict[str, Rows]) -> dict[str, Rows]:
    """Restore the files from their own backup; return what the databases hold."""
    with DatabaseServer.running(folder / "postgres") as server:
        for service in SERVICES:
            connection = await asyncpg.connect(server.url(f"claimlog_{service}"))
            await connection.copy_records_to_table(
                "files", records=held[service]["files"], columns=["tenant_id", "sha256", "kind", "sealed", "stored_at"]
            )
            await connection.close()
        return {service: await rows(server, service) for service in SERVICES}


@dataclass(frozen=True, slots=True)
class Restored:
    """What the databases held before they were lost and after, and what each restore said."""

    data: Path
    before: dict[str, Rows]
    after: dict[str, Rows]
    said: dict[str, Finished]


@pytest.fixture(scope="module")
def restored(small: Demo, folder: Path) -> Restored:
    data = folder / "restored"
    subprocess.run(["cp", "-a", str(small.data), str(data)], check=True)  # noqa: S603, S607 (keeps who owns them)
    before = asyncio.run(lose(data))
    said = {service: operate(service, "restore", data=data) for service in SERVICES}
    return Restored(data, before, asyncio.run(put_files_back(data, before)), said)


def test_facts_names_and_parking_are_what_they_were(restored: Restored) -> None:
    assert {service: each.code for service, each in restored.said.items()} == dict.fromkeys(SERVICES, 0)
    for service in SERVICES:
        before, after = restored.before[service], restored.after[service]
        assert {table: after[table] for table in (*KEPT, "files")} == {
            table: before[table] for table in (*KEPT, "files")
        }


def test_relay_goes_on_where_it_was_or_behind_what_it_had_not_written_down_yet(restored: Restored) -> None:
    for service in SERVICES:
        reached = {(topic, partition): at for topic, partition, at in restored.after[service]["relayed"]}
        for topic, partition, position in restored.before[service]["relayed"]:
            assert reached[topic, partition] >= position


@pytest.mark.parametrize("service", ["claims", "payments"])
def test_files_that_need_their_backup_are_listed(restored: Restored, service: str) -> None:
    stored = {row[1] for row in restored.before[service]["files"]}
    listed = {sha256 for _, sha256 in restored.said[service].outcome["files_missing"]}

    assert stored <= listed


def test_demo_on_restored_stores_adds_nothing_and_agrees_to_the_cent(
    restored: Restored, small: Demo, small_practice: Path
) -> None:
    for service in SERVICES:
        assert operate(service, "effects", "resume", "--yes", data=restored.data).code == 0
    again = embedded("demo", "--json", "--path", str(small_practice), data=restored.data)
    verified = claimlog("verify", "--json", data=restored.data)

    assert again.code == 0, again.err
    assert again.outcome["balanced"] is True
    for name in ("encounters", "submitted", "paid", "denied", "money_cents"):
        assert again.outcome[name] == small.finished.outcome[name]
    assert again.outcome["events"] == sum(len(held["events"]) for held in restored.before.values())
    assert verified.code == 0, verified.out[-3000:]
