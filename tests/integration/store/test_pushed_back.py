"""What a store refuses to do on a guess, and what one caller's trouble must not do to others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor
from shared.kernel.errors import Unavailable
from shared.runtime.acting import Runner
from shared.runtime.effects import Outside, Round, Timer, Work
from shared.runtime.engine import Engine
from shared.runtime.flush import Overloaded, Unstorable
from shared.runtime.store_postgres import ReadModelUnfilled, StoreMoved
from tests.support.databases import fresh_database
from tests.support.engines import beside, engine_over, until
from tests.support.lending import DONORS, SHELVES, Issue, Lend, Return, lending

CLERK = Actor(kind="human", id="clerk-1")


@pytest.fixture
async def url(database_server: DatabaseServer) -> str:
    return await fresh_database(database_server)


async def test_store_on_another_server_writes_nothing_until_its_relay_compared_it(url: str) -> None:
    async with engine_over(lending(), url) as engine:
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
    await _execute(url, "update store_head set system_id = 'another'")

    with pytest.raises(StoreMoved):
        async with engine_over(lending(), url):
            pass
    async with engine_over(lending(), await _settled(url)) as engine:
        assert (await engine.handle("demo", CLERK, Return(copy_id="C-1"))).version == 2


async def test_cached_states_do_not_outlive_the_connection_that_they_were_read_on(url: str) -> None:
    async with engine_over(lending(), url) as engine:
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
        await _execute(url, "delete from events")  # what a server that was set back would show
        await _execute(url, "update store_head set position = 0")
        await _execute(
            url,
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid()",
        )
        await until(lambda: _lends(engine))
        versions: list[int] = []

        async def shown() -> bool:
            with suppress(Unavailable):  # sessions end some time after they were told to
                versions[:] = [each.version for each in await engine.store.events(0, events_max=10)]
            return bool(versions)

        await until(shown)

        assert versions == [1]


async def _lends(engine: Engine) -> bool:
    try:
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
    except Unavailable:
        return False
    return True


async def test_more_than_can_be_written_is_pushed_back(url: str) -> None:
    async with engine_over(lending(pending_units_max=5), url) as engine:
        asked = [engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}")) for n in range(50)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        refused = sum(isinstance(each, Overloaded) for each in answers)

        assert refused > 0
        assert (await engine.store.head()).position == 50 - refused


async def test_text_that_no_index_takes_fails_its_command_alone(url: str) -> None:
    wide = lending()
    by_text = replace(SHELVES, name="by_text", filters=("copy_id",))
    service = replace(wide, projections=(*wide.projections, by_text))
    long = "".join(sha256(b"%d" % n).hexdigest() for n in range(200))  # cannot be compressed to fit
    async with engine_over(service, url) as engine:
        answers = await asyncio.gather(
            engine.handle("demo", CLERK, Lend(copy_id=long)),
            engine.handle("demo", CLERK, Lend(copy_id="C-1")),
            return_exceptions=True,
        )

        assert isinstance(answers[0], Unstorable)
        assert not isinstance(answers[1], BaseException)


async def test_version_is_that_of_the_object_before_the_unit(url: str) -> None:
    async with engine_over(lending(), url) as engine:
        await engine.handle("demo", CLERK, Lend(copy_id="C-1"))
        unit = (Return(copy_id="C-1"), Lend(copy_id="C-1"))

        assert (await engine.handle("demo", CLERK, *unit, expected_version=1)).version == 3


async def test_refused_piece_of_work_does_not_hold_up_those_behind_it(url: str) -> None:
    async def due(_: Outside) -> AsyncIterator[Round]:
        yield (Work(commands=(Issue(reader_id="R-1", name="a\x00b"),)), Work(commands=(Lend(copy_id="C-1"),)))

    timer = Timer(name="due", every_seconds=60, due=due)
    service = replace(lending(tenant_id="demo"), effects=(timer,))
    async with engine_over(service, url) as engine, beside(Runner(engine).run()):
        await until(lambda: _has(engine, "C-1"))


async def test_foreign_read_model_that_is_new_to_a_store_with_a_past_is_refused(url: str) -> None:
    service = lending()
    async with engine_over(service, url):
        pass
    await _execute(
        url,
        "insert into checkpoint (topic, partition, next_offset, store_id, incarnation, position)"
        " values ('claimlog.registration', 0, 7, 's', 1, 7)",
    )
    newer = replace(service, projections=(SHELVES, replace(DONORS, version=2)))

    with pytest.raises(ReadModelUnfilled):
        async with engine_over(newer, url):
            pass
    async with engine_over(service, url) as engine:
        assert (await engine.store.head()).position == 0


async def _has(engine: Engine, copy_id: str) -> bool:
    return await engine.row(SHELVES, "demo", copy_id) is not None


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _settled(url: str) -> str:
    await _execute(
        url,
        "update store_head set system_id = system_identifier::text, timeline = timeline_id"
        " from pg_control_system(), pg_control_checkpoint()",
    )
    return url
