"""A store that was restored with losses: what was lost for good is said, and is no fault."""

from dataclasses import replace

import pytest

from shared.runtime.hosting import open_log
from shared.runtime.progress import silent
from shared.runtime.restore import restore
from shared.runtime.worker import work
from tests.integration.verify.conftest import KEYS, Line, broken, settings
from tests.support.databases import fresh_database
from tests.support.engines import beside, engine_at_rest, engine_over, until
from tests.support.lending import lending

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
CUT = (
    "delete from log_record where topic = 'healthy.lending.internal' and partition = 0 and offset_ >"
    " (select max(offset_) - 4 from log_record where topic = 'healthy.lending.internal' and partition = 0)"
)
MOVE = (
    "update log_partition p set next_offset ="
    " (select max(offset_) + 1 from log_record r where (r.topic, r.partition) = (p.topic, p.partition))"
    " where topic = 'healthy.lending.internal' and partition = 0"
)


@pytest.fixture
async def restored(line: Line) -> Line:
    """Return the line whose lender lost its store, and one partition its tail."""
    cut = await line.damaged("log", CUT, MOVE)
    lost = replace(cut, lender=await fresh_database(line.server))
    service = lending(**settings(lost.lender))
    async with engine_at_rest(service, lost.lender, keys=KEYS) as engine, open_log(lost.log) as log:
        report = await restore(engine, log, silent, dry_run=False, accept_losses=True)
        assert report.lost_count > 0
    return lost


async def test_lost_positions_are_told_and_no_fault(restored: Line) -> None:
    found = await restored.of_lender()

    assert broken(found) == {}
    assert found["chain"].left_out == found["positions"].left_out > 0
    assert "were lost before a restore, the first is" in (found["chain"].note or "")


async def test_topics_have_the_lost_positions_once_they_were_relayed(restored: Line) -> None:
    async with (
        open_log(restored.log) as log,
        engine_over(lending(**settings(restored.lender)), restored.lender, keys=KEYS) as lender,
        beside(work(lender, log)),
    ):

        async def relayed() -> bool:
            return (await lender.store.relayed())[0] == (await lender.store.head()).position

        await until(relayed)
    found = await restored.of_lender()

    assert broken(found) == {}
    assert found["topics"].note is None


async def test_missing_version_is_a_fault_where_nothing_was_lost(restored: Line) -> None:
    damaged = await restored.damaged(
        "lender", "update events set version = 9 where stream = 'copy-C-1' and version = 2"
    )

    assert "stream copy-C-1 comes to version 9" in (broken(await damaged.of_lender())["versions"] or "")


async def test_loss_that_was_altered_breaks_the_chain(restored: Line) -> None:
    damaged = await restored.damaged("lender", "update events set data = 'x' where type = 'PositionLost'")

    assert "chain" in broken(await damaged.of_lender())
