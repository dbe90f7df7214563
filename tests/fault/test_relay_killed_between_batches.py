"""A relay that is killed on a real Kafka after one batch of a partition, and before the next one of the same partition.

The facts of one round do not fit into one batch there. What is acknowledged and not remembered is sent again, in order,
without a hole.
"""

from dataclasses import replace

import pytest

from tests.support.invariants import SAFETY, check
from tests.support.line import Line
from tests.support.processes import KILLED, program

LONG = 20_000
"""Length of a name: a dozen of these fill a batch."""


@pytest.mark.parametrize("place", ["log.between:kill:1", "log.between:kill:2", "log.sent:kill:2"])
async def test_partition_has_no_hole_after_a_relay_that_died_between_two_batches(
    line: Line, kafka_bootstrap: str, place: str
) -> None:
    prefix = place.replace(":", "-").replace(".", "-")
    over_kafka = replace(line, log=f"kafka://{kafka_bootstrap}", prefix=prefix, count=60, name_length=LONG)
    late = replace(over_kafka, relays_late=True).text
    async with program("tests.support.line", late, failpoint=place) as running:
        assert await running.ended() == KILLED, running.complaints[-2000:]
    check(await over_kafka.evidence(), SAFETY)
    async with program("tests.support.line", over_kafka.text) as running:
        assert await running.ended() == 0, running.complaints[-2000:]

    check(await over_kafka.evidence())
