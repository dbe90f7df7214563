"""A read model is rebuilt from its facts while it serves: nobody sees a half table, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from threading import Thread
from typing import Final

import asyncpg
import pytest
from msgspec import Struct, structs

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor
from shared.kernel.projection import Projection
from shared.kernel.unions import members
from shared.runtime.clock import new_id, now
from shared.runtime.comparing import compare
from shared.runtime.definition import Service
from shared.runtime.engine import Engine
from shared.runtime.folding import FactNotFolded
from shared.runtime.kept_lines import results
from shared.runtime.operations import Operation
from shared.runtime.progress import silent
from shared.runtime.rebuild import ReplayBehind, Replayed, ReplayRunning, replay
from shared.runtime.store import ProjectionBroken
from shared.runtime.working_off import one_worked_off
from tests.support.databases import fresh_database
from tests.support.engines import engine_over
from tests.support.lending import SHELVES, CopyEvent, CopyReturned, Lend, Return, Shelf, lending
from tests.support.questions import UNWAITED


class Label(Struct, frozen=True):
    """What stands on a copy."""

    copy_id: str
    title: str
    returned: bool = False


def _label(row: Label | None, event: CopyEvent) -> Label | None:
    if isinstance(event, CopyReturned):
        return row and structs.replace(row, returned=True)
    return Label(event.copy_id, event.title)


LABELS: Final[Projection[Label, CopyEvent]] = Projection(
    name="labels",
    version=1,
    source="own",
    row=Label,
    events=members(CopyEvent),
    keys=lambda event: (event.copy_id,),
    apply=_label,
    handed_on=("title",),
)
CLERK = Actor(kind="human", id="clerk-1")


@pytest.fixture
async def url(database_server: DatabaseServer) -> str:
    return await fresh_database(database_server)


def small(**settings: object) -> Service:
    """Return the service with chunks that a few facts fill."""
    return lending(replay_chunk_max=10, **settings)


@pytest.fixture
async def engine(url: str) -> AsyncIterator[Engine]:
    async with engine_over(small(), url) as running:
        yield running


async def lend_and_return(engine: Engine, count: int) -> None:
    """Have twice as many facts as copies."""
    await asyncio.gather(*(engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}")) for n in range(count)))
    await asyncio.gather(*(engine.handle("demo", CLERK, Return(copy_id=f"C-{n}")) for n in range(count)))


async def shelves(engine: Engine) -> dict[str, Shelf]:
    return {each.copy_id: each for each in (await engine.page(SHELVES, "demo", page_size=500)).items}


async def execute(url: str, statement: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.execute(statement))
    finally:
        await connection.close()


async def rebuilt(engine: Engine, projection: Projection[Shelf, CopyEvent] = SHELVES) -> Replayed:
    return await replay(engine, None, projection, silent)


async def test_rebuilt_read_model_is_the_fold_of_its_facts(engine: Engine, url: str) -> None:
    await lend_and_return(engine, 40)
    before = await shelves(engine)
    await execute(url, "update rm_shelves_v1 set doc = jsonb_set(doc::jsonb, '{times}', '9')")
    done = await rebuilt(engine)
    again = await rebuilt(engine)

    assert await shelves(engine) == before
    assert (done.name, done.version, done.generation, done.table) == ("shelves", 1, 2, "rm_shelves_v1_g2")
    assert (done.events, done.rows, again.generation) == (80, 40, 3)
    assert done.swap_seconds is not None
    assert done.swap_seconds < 1


async def test_rows_that_were_let_go_are_looked_for_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    await lend_and_return(engine, 40)
    before = await shelves(engine)
    monkeypatch.setattr("shared.runtime.folding.ROWS_BYTES_MAX", 0)
    await rebuilt(engine)
    found = await compare(engine, None, SHELVES, silent)

    assert await shelves(engine) == before
    assert (found.differences, found.rows) == (0, 40)


async def test_swap_that_takes_too_long_is_put_back_and_done_by_the_next_rebuild(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lend_and_return(engine, 40)
    before = await shelves(engine)
    with monkeypatch.context() as patched:
        patched.setattr("shared.runtime.rebuild.SWAP_SECONDS_MAX", 0)
        with pytest.raises(ReplayBehind):
            await rebuilt(engine)
    await engine.handle("demo", CLERK, Lend(copy_id="C-0"))
    done = await rebuilt(engine)
    found = await compare(engine, None, SHELVES, silent)

    assert done.events == 81
    assert await shelves(engine) == before | {"C-0": Shelf("C-0", 2, away=True, pages=100)}
    assert found.differences == 0


@pytest.mark.parametrize("memory", [0, 160_000_000])
async def test_what_a_fold_hands_on_stays_as_it_is(url: str, memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.runtime.folding.ROWS_BYTES_MAX", memory)
    async with engine_over(replace(small(), projections=(LABELS,)), url) as engine:
        for n in range(15):
            title = f'Caf\u00e9 "{n}" \\ \n \U0001f600'
            await engine.handle("demo", CLERK, Lend(copy_id=f"C-{n:02}", title=title), Return(copy_id=f"C-{n:02}"))
        before = (await engine.page(LABELS, "demo")).items
        done = await replay(engine, None, LABELS, silent)
        after = (await engine.page(LABELS, "demo")).items
        found = await compare(engine, None, LABELS, silent)

    assert after == before
    assert (after[3].title, after[3].returned) == ('Caf\u00e9 "3" \\ \n \U0001f600', True)
    assert (done.events, done.rows, found.differences) == (30, 15, 0)


async def test_what_is_written_after_the_swap_goes_into_the_new_table(engine: Engine) -> None:
    await lend_and_return(engine, 3)
    await rebuilt(engine)
    await engine.handle("demo", CLERK, Lend(copy_id="C-0"))
    found = await compare(engine, None, SHELVES, silent)

    assert (await shelves(engine))["C-0"].times == 2
    assert (found.differences, found.rows, found.events) == (0, 3, 7)


async def test_readers_and_writers_of_two_processes_notice_nothing(engine: Engine, url: str) -> None:
    await lend_and_return(engine, 50)
    seen: list[int] = []
    async with engine_over(small(), url) as other:

        async def write() -> int:
            n = 0
            while not done.done():
                who = (engine, other)[n % 2]
                await who.handle("demo", CLERK, Lend(copy_id=f"D-{n}"))
                n += 1
            return n

        async def read() -> None:
            while not done.done():
                seen.append(len(await shelves(other)))

        async def rebuild_often() -> None:
            for _ in range(5):
                await rebuilt(engine)

        done = asyncio.create_task(rebuild_often())
        written, _ = await asyncio.gather(write(), read())
        await done
        found = await compare(engine, None, SHELVES, silent)
        both = [await shelves(each) for each in (engine, other)]

    assert written > 5
    assert seen == sorted(seen)
    assert seen[0] >= 50
    assert found.differences == 0
    assert found.rows == 50 + written
    assert both[0] == both[1]


async def test_a_rebuild_waits_for_the_disk_where_others_write(asked: list[str], engine: Engine, url: str) -> None:
    """Who writes next would else wait for all that it wrote."""

    def somebody_writes(name: str, done: int, total: int) -> None:
        del name, total

        async def write() -> None:
            async with engine_over(small(), url) as other:
                await other.handle("demo", CLERK, Lend(copy_id=f"D-{done}"))

        thread = Thread(target=asyncio.run, args=(write(),))
        thread.start()
        thread.join()

    await lend_and_return(engine, 20)
    asked.clear()
    await rebuilt(engine)
    alone = asked.count(UNWAITED)
    asked.clear()
    done = await replay(engine, None, SHELVES, somebody_writes)

    assert (alone, done.events) == (2, 45)  # of four chunks; after two of them it is sure that nobody else writes
    assert UNWAITED not in asked


async def test_old_generations_are_gone(engine: Engine, url: str) -> None:
    await lend_and_return(engine, 3)
    for _ in range(3):
        await rebuilt(engine)
    connection = await asyncpg.connect(url)
    tables = await connection.fetch("select tablename from pg_tables where tablename like 'rm_shelves%'")
    indexes = await connection.fetch("select indexname from pg_indexes where tablename = 'rm_shelves_v1_g4'")
    left = await connection.fetch("select * from rebuild")
    await connection.close()

    assert [row[0] for row in tables] == ["rm_shelves_v1_g4"]
    assert len(indexes) == 1 + len(SHELVES.filters)
    assert left == []


async def test_process_that_starts_later_finds_the_generation(engine: Engine, url: str) -> None:
    await lend_and_return(engine, 3)
    await rebuilt(engine)
    async with engine_over(small(), url) as later:
        await later.handle("demo", CLERK, Lend(copy_id="C-0"))

        assert (await shelves(later))["C-0"].times == 2
        assert await later.counts(SHELVES, "demo", by="away") == {"True": 1, "False": 2}


async def test_broken_read_model_is_mended_by_a_rebuild_with_better_code(url: str) -> None:
    def fails(row: Shelf | None, event: CopyEvent) -> Shelf:
        if event.copy_id == "C-2":
            raise ValueError("a defect")
        return SHELVES.apply(row, event) or Shelf("", 0, away=False)

    broken = replace(SHELVES, apply=fails)
    async with engine_over(replace(small(), projections=(broken,)), url) as engine:
        await lend_and_return(engine, 5)
        with pytest.raises(ProjectionBroken):
            await shelves(engine)
        with pytest.raises(FactNotFolded, match="position 3: ValueError"):
            await rebuilt(engine, broken)
        with pytest.raises(ProjectionBroken):
            await compare(engine, None, broken, silent)
    async with engine_over(small(), url) as engine:
        await rebuilt(engine)
        await engine.handle("demo", CLERK, Lend(copy_id="C-2"))

        assert {each.times for each in (await shelves(engine)).values()} == {1, 2}
        assert (await compare(engine, None, SHELVES, silent)).differences == 0


async def test_new_version_is_filled_before_its_release_serves(engine: Engine, url: str) -> None:
    await lend_and_return(engine, 20)
    newer = replace(SHELVES, version=2, apply=lambda row, event: replace(SHELVES.apply(row, event), pages=7))  # type: ignore[type-var]
    async with engine_over(replace(small(), projections=(newer,)), url) as release:
        done = await rebuilt(release, newer)
        await engine.handle("demo", CLERK, Lend(copy_id="C-0"))  # an old replica
        await release.handle("demo", CLERK, Lend(copy_id="C-1"))
        rows = {each.copy_id: each for each in (await release.page(newer, "demo")).items}

    assert (done.version, done.rows) == (2, 20)
    assert {each.pages for each in rows.values()} == {7}
    assert (rows["C-0"].times, rows["C-1"].times) == (2, 2)
    assert (await shelves(engine))["C-0"].pages == 100


async def test_two_rebuilds_of_one_read_model_take_turns(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    await lend_and_return(engine, 3)
    monkeypatch.setattr("shared.runtime.rebuild._OTHER_SECONDS_MAX", 1)
    async with engine.store.apart() as other:  # type: ignore[attr-defined]
        await other.execute("select pg_advisory_lock(hashtextextended('claimlog replay rm_shelves_v1', 0))")
        with pytest.raises(ReplayRunning):
            await rebuilt(engine)


async def test_an_operation_rebuilds_and_tells_its_progress_to_every_replica(engine: Engine, url: str) -> None:
    for number in range(30):
        await engine.handle("demo", CLERK, Lend(copy_id=f"C-{number}"))
    asked = Operation(
        operation_id=new_id(),
        tenant_id="demo",
        kind="rebuild",
        subject=SHELVES.name,
        actor=CLERK,
        correlation_id=new_id(),
        created_at=now(),
    )
    await engine.store.operations.add(asked)
    await one_worked_off(engine, None, asked)
    async with engine_over(small(), url) as replica:
        found = await replica.store.operations.find("demo", asked.operation_id)
        told = [piece async for piece in results(engine, structs.replace(asked, worked=1))]
        newest = await replica.store.operations.newest("demo", before=None, rows_max=10)
        nothing_left = await replica.store.operations.next_running()
        late = await replica.store.operations.change(structs.replace(asked, state="cancelled"))

    assert found is not None
    assert (found.state, found.done, found.total) == ("succeeded", 30, 30)
    assert b'"generation":2' in told[0]
    assert ([each.operation_id for each in newest], nothing_left, late) == ([asked.operation_id], None, False)
    assert await engine.store.operations.forget(ended_before=now(), sent_before=now()) == 1
    assert await engine.store.operations.find("demo", asked.operation_id) is None
