"""The command as an operator runs it: a process of its own, killed at will, that touches nothing but read models."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor
from shared.runtime.consumer import Consumer
from shared.runtime.engine import Engine
from shared.runtime.hosting import open_engine, open_log
from shared.runtime.log import Log
from shared.runtime.relay import Relay
from shared.runtime.settings import RuntimeSettings
from shared.runtime.wire import to_record
from tests.support.databases import fresh_database
from tests.support.donating import ADDED_AT, donated
from tests.support.engines import beside, until
from tests.support.inert import PREFIX
from tests.support.lending import DONORS, SHELVES, Issue, Lend, Return, lending
from tests.support.memory import envelope_of

CLERK: Final = Actor(kind="human", id="clerk-1")
COPIES: Final = 60
GIFTS: Final = ("claimlog.registration", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run of the command came to."""

    code: int | None
    result: Mapping[str, Any]
    complaints: str

    def of(self, name: str) -> Mapping[str, Any]:
        """Return what became of a read model."""
        found: Mapping[str, Any] = next(each for each in self.result["projections"] if each["name"] == name)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a service keeps its things."""

    database_url: str
    keys_database_url: str
    log_url: str
    kms_key_file: str

    def settings(self) -> dict[str, object]:
        """Return settings with which a few facts fill a chunk."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {**named, "topic_partitions": 1, "replay_chunk_max": 20}

    async def replay(self, *words: str, failpoint: str = "") -> Ran:
        """Run the command on the service whose every reaction, effect and adapter fails."""
        ours = {f"{PREFIX}{name.upper()}": str(value) for name, value in self.settings().items()}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "shared.runtime.operate", "tests.support.inert", "replay", *words),
            env={**os.environ, **ours, "CLAIMLOG_FAILPOINT": failpoint},  # noqa: TID251 (of the child)
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        told, complaints = await process.communicate()
        last = told.decode().splitlines()[-1:] or ["{}"]
        return Ran(code=process.returncode, result=json.loads(last[0]), complaints=complaints.decode())

    @asynccontextmanager
    async def lending(self) -> AsyncIterator[Engine]:
        """Run the service with what it usually does."""
        service = lending()
        configured = replace(service, settings=RuntimeSettings.model_validate(self.settings()))
        async with open_engine(configured) as engine, engine.running():
            yield engine

    async def ask(self, question: str) -> Any:  # noqa: ANN401 (a value of the database)
        """Return one value of the store."""
        connection = await asyncpg.connect(self.database_url)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()


@pytest.fixture
async def home(database_server: DatabaseServer, tmp_path: Path) -> Home:
    """Yield a store with loans, returns, cards, and gifts of others that were consumed."""
    urls = [await fresh_database(database_server) for _ in range(3)]
    made = Home(
        database_url=urls[0], keys_database_url=urls[1], log_url=urls[2], kms_key_file=str(tmp_path / "kms.key")
    )
    async with made.lending() as engine, open_log(made.log_url) as log:
        await asyncio.gather(*(engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}")) for n in range(COPIES)))
        await asyncio.gather(*(engine.handle("demo", CLERK, Return(copy_id=f"C-{n}")) for n in range(COPIES)))
        await asyncio.gather(
            *(engine.handle("demo", CLERK, Issue(reader_id=f"R-{n}", name=f"N {n}")) for n in range(5))
        )
        await _give(engine, log)
    return made


async def _give(engine: Engine, log: Log) -> None:
    await log.ensure_topics([GIFTS[0]], partitions=1, replicas=1)
    gifts = [envelope_of(donated(f"D-{n}"), position=n, at=ADDED_AT) for n in range(1, COPIES + 1)]
    records = [
        to_record(each, service="registration", store_id="s", incarnation=1, previous_position=each.position - 1)
        for each in gifts
    ]
    async with log.publisher() as publisher:
        await publisher.publish({GIFTS: records})

    async def there() -> bool:
        return (await engine.store.checkpoint(GIFTS)).next_offset == COPIES

    async with beside(Consumer(engine, log).run([GIFTS])):
        await until(there)


async def test_replays_everything_and_runs_no_reaction_effect_or_adapter(home: Home) -> None:
    before = await home.ask("select position from store_head")
    done = await home.replay()
    after = await home.ask("select position from store_head")

    assert (done.code, done.complaints) == (0, "")
    assert (done.result["kind"], done.result["service"]) == ("result", "inert")
    assert before == after
    assert set(done.of("shelves")) == {
        *("name", "version", "source", "generation", "events", "rows", "seconds", "events_per_second"),
        *("swap_seconds", "differences", "first_difference", "table"),
    }
    assert (done.of("shelves")["events"], done.of("shelves")["rows"]) == (3 * COPIES, 2 * COPIES)
    assert (done.of("donors")["events"], done.of("donors")["rows"]) == (COPIES, COPIES)


@pytest.mark.parametrize("name", ["shelves", "donors"])
async def test_killed_five_times_goes_on_where_it_was(home: Home, name: str) -> None:
    left = "select position + coalesce((places::json->0->2->>'next_offset')::int, 0) from rebuild"
    reached = []
    for _ in range(3):
        killed = await home.replay("--projection", name, failpoint="rebuild.chunk:kill:1")
        assert killed.code == -9
        reached.append(await home.ask(left))
    for _ in range(2):
        killed = await home.replay("--projection", name, failpoint="rebuild.swap:kill:1")
        assert killed.code == -9
        assert await home.ask("select max(generation) from projected") == 1
    done = await home.replay("--projection", name)
    compared = await home.replay("--projection", name, "--dry-run")

    assert reached == [20, 40, 60]
    assert done.code == 0, done.complaints
    assert done.of(name)["events"] == (3 * COPIES if name == "shelves" else COPIES)
    assert done.of(name)["generation"] == 2
    assert (compared.code, compared.of(name)["differences"]) == (0, 0)


async def test_dry_run_says_what_differs_and_changes_nothing(home: Home) -> None:
    await home.ask("delete from rm_shelves_v1 where key = 'C-7' returning 1")
    found = await home.replay("--dry-run")

    assert found.code == 3
    assert (found.of("shelves")["differences"], found.of("shelves")["first_difference"]) == (1, "demo/C-7")
    assert found.of("donors")["differences"] == 0
    assert await home.ask("select count(*) from rm_shelves_v1") == 2 * COPIES - 1
    assert await home.ask("select generation from projected where name = 'rm_shelves_v1'") == 1


async def test_topics_fold_to_the_same_as_the_store(home: Home) -> None:
    async with home.lending() as engine, open_log(home.log_url) as log:

        async def relayed() -> bool:
            return (await engine.store.relayed())[0] == (await engine.store.head()).position

        async with beside(Relay(engine, log).run()):
            await until(relayed)
        await engine.handle("demo", CLERK, Lend(copy_id="later"))  # in the store alone
    found = await home.replay("--dry-run", "--projection", SHELVES.name, "--from", "topics")
    done = await home.replay("--projection", SHELVES.name, "--from", "topics")

    assert (found.code, found.of("shelves")["events"]) == (0, 3 * COPIES + 1)
    assert (done.of("shelves")["source"], done.of("shelves")["events"]) == ("topics", 3 * COPIES + 1)


async def test_as_it_was_at_a_position_is_the_fold_of_the_facts_up_to_there(home: Home) -> None:
    done = await home.replay("--projection", SHELVES.name, "--to-position", str(COPIES + 1))

    assert (done.code, done.of("shelves")["table"]) == (0, "rm_shelves_v1_at_61")
    assert await home.ask("select count(*) from rm_shelves_v1_at_61") == COPIES
    assert await home.ask("select count(*) from rm_shelves_v1_at_61 where away") == COPIES - 1
    assert await home.ask("select count(*) from rm_shelves_v1") == 2 * COPIES


async def test_refuses_a_position_for_facts_of_others_and_a_name_that_it_does_not_know(home: Home) -> None:
    position = await home.replay("--projection", DONORS.name, "--to-position", "3")
    unknown = await home.replay("--projection", "nothing")
    both = await home.replay("--to-position", "3", "--dry-run")

    assert (position.code, position.result["slug"]) == (1, "position-of-others")
    assert (unknown.code, unknown.result["slug"]) == (1, "unknown-read-model")
    assert both.code == 2
