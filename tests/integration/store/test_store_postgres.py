"""What only a database can go through: several processes, lost connections, restarts, a holder that stands still."""

import asyncio
import json
import os
import random
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import msgspec
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor, Envelope, link
from shared.runtime import postgres, silent_holder
from shared.runtime.engine import Engine
from shared.runtime.flush import Unstorable
from shared.runtime.store import StoreUnavailable
from shared.runtime.store_postgres import PostgresStore
from shared.runtime.unit import Idempotency
from tests.support.databases import fresh_database, server
from tests.support.donating import Donate, donating
from tests.support.engines import engine_over, until
from tests.support.lending import SHELVES, AlreadyLent, Lend, Return, Shelf, lending
from tests.support.proxy import Cut, proxy
from tests.support.questions import UNWAITED

CLERK = Actor(kind="human", id="clerk-1")
SEED = 20_260_303


@pytest.fixture
async def url(database_server: DatabaseServer) -> str:
    return await fresh_database(database_server)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Yield a folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="cl-") as name:
        yield Path(name)


async def written(engine: Engine) -> list[Envelope]:
    return list(await engine.store.events(0, events_max=100_000))


def check_history(events: list[Envelope]) -> None:
    """Positions and versions have no hole, and the chain covers all."""
    previous = bytes(32)
    versions: dict[str, int] = {}
    for position, envelope in enumerate(events, start=1):
        previous = link(previous, envelope)
        versions[envelope.stream] = versions.get(envelope.stream, 0) + 1
        assert (envelope.position, envelope.version) == (position, versions[envelope.stream])
        assert envelope.chain_hash == previous


async def test_four_writing_processes_keep_one_history_and_a_reader_misses_nothing(url: str) -> None:
    async with engine_over(lending(), url) as engine:  # makes the tables before the others start
        writers = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.support.writer", url, str(SEED + n), "60", stdout=asyncio.subprocess.PIPE
            )
            for n in range(4)
        ]
        answers = [asyncio.create_task(writer.communicate()) for writer in writers]
        seen: list[int] = []
        while not all(answer.done() for answer in answers) or (await engine.store.head()).position > len(seen):
            found = await engine.store.events(seen[-1] if seen else 0, events_max=10)
            seen += [each.position for each in found]
            await asyncio.sleep(0)
        events = await written(engine)
    accepted = [tuple(each) for answer in answers for each in json.loads((await answer)[0])]

    check_history(events)
    assert len(events) > 50
    assert seen == [each.position for each in events]
    assert sorted((stream, version) for stream, version, _ in accepted) == sorted(
        (each.stream, each.version) for each in events
    )
    for stream in {each.stream for each in events}:
        types = [each.type for each in events if each.stream == stream]
        assert types == ["CopyLent", "CopyReturned"] * (len(types) // 2) + ["CopyLent"] * (len(types) % 2)


async def test_connection_lost_around_commit_has_one_effect_per_key(url: str, folder: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 (a reproducible schedule)
    cuts: list[Cut | None] = ["before", "sent", "answered", None]
    unknown = 0
    cutting = False

    async def insist(engine: Engine, n: int) -> int:
        nonlocal unknown
        key = Idempotency(route="POST /gifts", key=f"k-{n}", body_hmac="h")
        while True:
            try:
                answer = await engine.handle("demo", CLERK, Donate(donor_id=f"D-{n % 5}"), idempotency=key)
            except StoreUnavailable:
                unknown += 1
            else:
                return answer.version

    async with (
        proxy(url, folder, lambda: chance.choice(cuts) if cutting else None) as (address, between),
        engine_over(donating(), address) as engine,
    ):
        cutting = True
        for first in range(0, 300, 3):
            answers = await asyncio.gather(*(insist(engine, n) for n in range(first, first + 3)))
            assert [await insist(engine, n) for n in (first, first + 2)] == [answers[0], answers[2]]
    async with engine_over(donating(), url) as engine:
        events = await written(engine)

    check_history(events)
    assert len(events) == 300
    assert min(between.cuts[cut] for cut in cuts if cut) > 50
    assert unknown > 0


async def test_state_is_read_anew_after_a_commit_that_did_not_take_place(url: str, folder: Path) -> None:
    plan: list[Cut | None] = []
    async with (
        proxy(url, folder, lambda: plan.pop(0) if plan else None) as (address, _),
        engine_over(lending(), address) as engine,
    ):
        plan[:] = ["before"]
        with pytest.raises(StoreUnavailable):
            await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
        lent = await engine.handle("demo", CLERK, Lend(copy_id="C-1"))

    assert (lent.version, lent.position) == (1, 1)


async def test_commit_whose_answer_was_lost_counts(url: str, folder: Path) -> None:
    plan: list[Cut | None] = []
    async with (
        proxy(url, folder, lambda: plan.pop(0) if plan else None) as (address, between),
        engine_over(lending(), address) as engine,
    ):
        plan[:] = ["answered"]
        lent = await engine.handle("demo", CLERK, Lend(copy_id="C-1"))

    assert (lent.version, lent.added) == (1, 1)
    assert between.cuts["answered"] == 1


@pytest.fixture
async def own_server() -> AsyncIterator[DatabaseServer]:
    """Yield a server that a test may kill."""
    with server() as running:
        yield running


async def test_pools_reconnect_after_a_killed_server_process(own_server: DatabaseServer) -> None:
    url = await fresh_database(own_server)
    async with engine_over(lending(), url) as engine:
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
        waiting = asyncio.create_task(engine.store.wait_for_facts(1, seconds=20))
        backend = await backend_of(url)
        os.kill(backend, signal.SIGKILL)  # the postmaster ends all others and recovers from its log

        async def writes() -> bool:
            try:
                await engine.handle("demo", CLERK, Lend(copy_id="C-2"))
            except StoreUnavailable:
                return False
            except AlreadyLent:
                pass  # the try before was written; only its answer got lost with the server
            return True

        await until(writes)

        async def reads() -> bool:
            try:
                return len(await engine.store.events(0, events_max=10)) == 2
            except StoreUnavailable:
                return False

        await until(reads)
        await engine.store.wait_for_facts(1, seconds=20)  # its listener is a new one by now
        waiting.cancel()
        events = await written(engine)

    check_history(events)


async def backend_of(url: str) -> int:
    """Return the process of a session that goes on for as long as the server."""
    connection = await asyncpg.connect(url)
    process: int = await connection.fetchval(
        "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() limit 1"
    )
    await connection.close()
    return process


async def hold_head(url: str) -> asyncpg.Connection:
    """Return a session that took the lock and stands still, as a stopped process does."""
    holder = await asyncpg.connect(url)
    await holder.execute("begin")
    await holder.execute("select 1 from store_head for update")
    return holder


async def test_holder_that_stands_still_is_ended_and_those_who_wait_are_not(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silent_holder, "_WAITED_SECONDS_MAX", 0.5)
    async with engine_over(lending(), url) as one, engine_over(lending(), url) as other:
        holder = await hold_head(url)
        both = await asyncio.gather(
            one.handle("demo", CLERK, Lend(copy_id="C-1")), other.handle("demo", CLERK, Lend(copy_id="C-2"))
        )

        async def gone() -> bool:
            return holder.is_closed()

        await until(gone)
        holder.terminate()

    assert sorted(each.position for each in both) == [1, 2]


async def test_store_is_usable_after_a_lock_that_was_not_given(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgres.SESSION, "lock_timeout", "100ms")
    async with engine_over(lending(), url) as engine:
        holder = await hold_head(url)
        with pytest.raises(StoreUnavailable):
            await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
        await holder.close()
        lent = await engine.handle("demo", CLERK, Lend(copy_id="C-1"))

    assert lent.position == 1


async def test_state_is_read_anew_after_another_process_wrote_to_its_stream(url: str) -> None:
    """Also where this process wrote to a third stream since, and so has seen where the store ends."""
    async with engine_over(lending(), url) as one, engine_over(lending(), url) as other:
        await one.handle("demo", CLERK, Lend(copy_id="C-1"))
        await other.handle("demo", CLERK, Return(copy_id="C-1"))
        await one.handle("demo", CLERK, Lend(copy_id="C-2"))

        outcome = await one.handle("demo", CLERK, Lend(copy_id="C-1"))

    assert outcome.version == 3


async def test_command_on_a_new_object_is_four_questions(url: str, asked: list[str]) -> None:
    """A lock, a look at what stands under it, a statement that writes all, a commit."""
    async with engine_over(lending(), url) as engine:
        await engine.handle("demo", CLERK, Lend(copy_id="C-0"))
        asked.clear()
        key = Idempotency(route="/v1/copies", key="k-1", body_hmac="0" * 64)
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"), idempotency=key)
        questions = [" ".join(each.split()[:2]) for each in asked]
        asked.clear()
        await engine.handle("demo", CLERK, Return(copy_id="C-1"))

        assert questions == ["begin; select", "select store_id::text,", "with written_0", "commit"]
        assert len(asked) == 4, "its state and its row are in memory"
        assert await engine.row(SHELVES, "demo", "C-1") == Shelf("C-1", 1, away=False)


async def test_only_a_fold_of_stored_facts_does_not_wait_for_the_disk(url: str, asked: list[str]) -> None:
    """It is repeated where the server lost it; a fact is not."""
    async with engine_over(lending(), url) as engine:
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
        before = UNWAITED in asked
    newer = replace(SHELVES, version=SHELVES.version + 1)
    async with engine_over(replace(lending(), projections=(newer,)), url) as engine:
        found = await engine.row(newer, "demo", "C-1")

    assert not before
    assert asked.count(UNWAITED) == 1
    assert found == Shelf("C-1", 1, away=True, pages=100)


async def test_key_or_stream_that_no_text_column_takes_fails_its_command_alone(url: str) -> None:
    """On the connection that is there: who sends such keys does not make the store connect anew each time."""
    async with engine_over(lending(), url) as engine:
        keys = [Idempotency(route="/v1/copies", key=key, body_hmac="0" * 64) for key in ("a", "b\x00", "c")]
        asked = [engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}"), idempotency=key) for n, key in enumerate(keys)]
        asked.append(engine.handle("demo", CLERK, Lend(copy_id="C-\x00")))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        found = await written(engine)
        async with engine.store.locked() as tx:
            connections = tx.head.session

    assert [isinstance(each, Unstorable) for each in answers] == [False, True, False, True]
    assert [each.stream for each in found] == ["copy-C-0", "copy-C-2"]
    assert connections == 1


async def test_transaction_that_nobody_rolled_back_is_not_gone_on_with(url: str) -> None:
    async with engine_over(lending(), url) as engine:
        assert isinstance(engine.store, PostgresStore)
        async with engine.store.locked() as tx:
            left = tx.connection
        await left.execute("begin; insert into number_sequence values ('demo', 'left over', 1)")
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"))

        assert left.is_closed()
        assert await engine.store.number("demo", "left over") == 1


@pytest.mark.parametrize("kind", ["text", "jsonb"])
@pytest.mark.parametrize("count", [1, 40])
async def test_rows_go_into_the_tables_of_this_release_and_of_an_earlier_one(url: str, kind: str, count: int) -> None:
    async with engine_over(lending(), url):
        pass  # the tables are there
    connection = await asyncpg.connect(url)
    await connection.execute(f"alter table rm_shelves_v1 alter column doc type {kind} using doc::{kind}")
    async with engine_over(lending(), url) as engine:
        await asyncio.gather(*[engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}")) for n in range(count)])
        await engine.handle("demo", CLERK, Return(copy_id="C-0"))
        found = await engine.row(SHELVES, "demo", "C-0")
    doc = await connection.fetchval("select doc::text from rm_shelves_v1 where key = 'C-0'")
    await connection.close()

    assert found == Shelf("C-0", 1, away=False)
    assert json.loads(doc) == {"copy_id": "C-0", "times": 1, "away": False, "pages": 0}
    assert kind == "jsonb" or doc == msgspec.json.encode(found).decode()


async def test_everybody_who_waits_for_facts_is_woken(url: str) -> None:
    async with engine_over(lending(), url) as engine:
        waiting = [asyncio.create_task(engine.store.wait_for_facts(0, seconds=30)) for _ in range(5)]
        await engine.store.wait_for_facts(0, seconds=0.1)  # by then all of them listen
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
        async with asyncio.timeout(5):
            await asyncio.gather(*waiting)


async def test_address_without_a_server_says_what_to_look_at(folder: Path) -> None:
    with pytest.raises(StoreUnavailable, match="is PostgreSQL running"):
        async with engine_over(lending(), f"postgresql://postgres@/none?host={folder}"):
            pass


async def test_store_closes_although_one_of_its_connections_says_nothing(url: str) -> None:
    silent = 0
    try:
        async with asyncio.timeout(20), engine_over(lending(), url) as engine:
            silent = await engine.store._readers.fetchval("select pg_backend_pid()")  # type: ignore[attr-defined]  # noqa: SLF001
            os.kill(silent, signal.SIGSTOP)
    finally:
        os.kill(silent, signal.SIGCONT)
