"""Whole partitions that are read again from their first record, again and again under load: nothing happens twice."""

from dataclasses import replace

import asyncpg

from tests.support.dose import dose
from tests.support.engines import until
from tests.support.invariants import check
from tests.support.line import Line, finish, give_all, opened, working

TIMES = dose(3, 20)
GIFTS = 30


async def rewind(line: Line) -> int:
    """Set the stored offsets back to the first record; return how many partitions had been read."""
    connection = await asyncpg.connect(line.shelver)
    try:
        rows = await connection.fetch(
            "update checkpoint set next_offset = 0 where topic = $1 and next_offset > 0 returning 1",
            f"{line.prefix}.registration",
        )
        return len(rows)
    finally:
        await connection.close()


async def test_partition_that_is_read_again_from_its_start_has_no_second_effect(line: Line) -> None:
    rewound = 0
    async with opened(line) as open_, working(line, open_):
        for n in range(TIMES):
            part = replace(line, first=n * GIFTS, count=GIFTS)
            await give_all(part, open_.giver)

            async def read_some() -> bool:
                places = [(f"{line.prefix}.registration", n) for n in range(line.partitions)]
                return any([(await open_.shelver.store.checkpoint(place)).next_offset for place in places])

            await until(read_some, seconds=60)
            rewound += await rewind(line)
        await give_all(replace(line, first=TIMES * GIFTS, count=GIFTS), open_.giver)  # so that readers notice
        await finish(line, open_)

    assert rewound >= TIMES
    check(await line.evidence())
