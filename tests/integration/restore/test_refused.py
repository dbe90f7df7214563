"""When a restore writes nothing, who may write while it runs, and that it goes on where it was interrupted."""

import pytest

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Envelope
from shared.runtime import restore as restore_module
from shared.runtime.engine import Engine
from shared.runtime.failpoints import Failed
from shared.runtime.relay import Relay, StoreRestored
from shared.runtime.restore import TopicsDamaged, WorkersRunning
from shared.runtime.store_postgres import StoreRestoring
from shared.runtime.topics import merged
from shared.runtime.worker import work
from tests.support.databases import fresh_database
from tests.support.donating import Donate
from tests.support.engines import beside, engine_at_rest, engine_over, until
from tests.support.restoring import CLERK, Line, check_chain, failing_at, give
from tests.support.rewinding import put_back, save

pytestmark = [
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.parametrize("log", ["postgres"], indirect=True),
]


async def all_out(line: Line, engine: Engine) -> None:
    async def out() -> bool:
        return (await engine.store.relayed())[0] == (await engine.store.head()).position

    async with beside(Relay(engine, line.log).run()):
        await until(out)


async def facts(line: Line) -> list[Envelope]:
    async with engine_at_rest(line.service("registration"), line.urls["registration"]) as resting:
        return list(await resting.store.events(0, events_max=10_000))


async def set_back(line: Line) -> int:
    """Publish thirty gifts, and put the store back to the tenth."""
    async with engine_over(line.service("registration"), line.urls["registration"]) as giver:
        await give(giver, 1, 10)
        await save(line.urls["registration"])
        await give(giver, 11, 30)
        await all_out(line, giver)
    return await put_back(line.urls["registration"])


@pytest.mark.parametrize("more", [5, 40], ids=["shorter than the topics", "longer than the topics"])
async def test_store_that_went_another_way_is_left_alone(line: Line, more: int) -> None:
    at = await set_back(line)
    async with engine_over(line.service("registration"), line.urls["registration"]) as giver:
        await give(giver, 101, 100 + more)
    before = await facts(line)
    report = await line.restored("registration", accept_losses=True)
    async with engine_over(line.service("registration"), line.urls["registration"]) as giver:
        head = await giver.store.head()

    assert report.outcome == "diverged"
    assert report.first_differing_position == at + 1
    assert report.would_be_lost_count == more
    assert report.would_be_lost == tuple((at + n, "PayerAdded") for n in range(1, more + 1))
    assert "empty database" in report.next
    assert await facts(line) == before
    assert not head.restoring
    assert not head.effects_held


async def test_running_worker_refuses_a_restore(line: Line) -> None:
    await set_back(line)
    async with (
        engine_over(line.service("registration"), line.urls["registration"]) as giver,
        beside(work(giver, line.log)),
    ):

        async def stopped() -> bool:
            return "relay" in giver.stopped

        await until(stopped)
        with pytest.raises(WorkersRunning):
            await line.restored("registration")


async def test_nobody_else_writes_while_a_store_is_restored(line: Line) -> None:
    await set_back(line)
    async with engine_over(line.service("registration"), line.urls["registration"]) as giver:
        async with giver.store.locked(restoring=True) as tx:
            await tx.begin_restore((await giver.store.head()).store_id)
        with pytest.raises(StoreRestoring, match="claimlog restore"):
            await giver.handle("demo", CLERK, Donate(donor_id="D-99"))
        report = await line.restored("registration")
        outcome = await giver.handle("demo", CLERK, Donate(donor_id="D-99"))

    assert report.outcome == "restored"
    assert outcome.position == 31


async def test_relay_that_outlives_a_restore_publishes_nothing(line: Line) -> None:
    async with engine_over(line.service("registration"), line.urls["registration"]) as outliving:
        await give(outliving, 1, 10)
        await save(line.urls["registration"])
        await give(outliving, 11, 20)
        relay = Relay(outliving, line.log)
        await all_out(line, outliving)
        await relay._find_place()  # noqa: SLF001 (it leads, and stands still while all this happens)
        await give(outliving, 21, 25)
        await put_back(line.urls["registration"])
        await line.restored("registration")
        await outliving.handle("demo", CLERK, Donate(donor_id="D-26"))
        with pytest.raises(StoreRestored):
            async with line.log.publisher() as publisher:
                await relay.publish_next(publisher)
    async with engine_over(line.service("registration"), line.urls["registration"]) as giver:
        await all_out(line, giver)
    published = [fact async for fact in merged(line.log, [f"{line.prefix}.registration"])]

    assert [(fact.envelope.position, fact.incarnation) for fact in published[-2:]] == [(20, 1), (21, 2)]
    assert published[-1].envelope.key == "D-26"


@pytest.mark.parametrize("name", ["restore.begun", "restore.chunk", "restore.ended"])
async def test_interrupted_restore_goes_on_where_it_was(
    line: Line, database_server: DatabaseServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engine_over(line.service("registration"), line.urls["registration"]) as giver:
        await give(giver, 1, 50)
        await all_out(line, giver)
    before = await facts(line)
    line.urls["registration"] = await fresh_database(database_server)
    with monkeypatch.context() as patch:
        patch.setattr(restore_module, "point", failing_at(name))
        with pytest.raises(Failed):
            await line.restored("registration")
    between = await facts(line)
    report = await line.restored("registration")
    after = await facts(line)
    check_chain(after)

    assert len(between) == {"restore.begun": 0, "restore.chunk": 8, "restore.ended": 50}[name]
    assert report.outcome == ("nothing-to-restore" if name == "restore.ended" else "restored")
    assert after == before


async def test_altered_record_of_a_topic_is_not_brought_back(line: Line, database_server: DatabaseServer) -> None:
    await set_back(line)
    await line.log.fetch_rows(  # type: ignore[attr-defined]  # the log of this test is in tables
        "update log_record set value = set_byte(value, 20, 88) where (topic, partition, offset_) in"
        " (select topic, partition, max(offset_) from log_record group by topic, partition limit 1)"
    )
    line.urls["registration"] = await fresh_database(database_server)

    with pytest.raises(TopicsDamaged):
        await line.restored("registration")
    assert await facts(line) == []
