"""Which facts of the past are folded, in which order, and how far a chunk leads."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.runtime.log import Fetched
from shared.runtime.past import (
    Chunk,
    End,
    Reached,
    RecordsMissing,
    Walk,
    foreign_facts,
    one_ahead,
    own_facts_of_topics,
)
from shared.runtime.store import NOTHING_READ, Checkpoint, Place
from shared.runtime.topics import following
from shared.runtime.wire import Arrived, to_record
from tests.support.donating import donated
from tests.support.lending import DONORS, SHELVES
from tests.support.memory import envelope_of

PLACE: Place = ("claimlog.registration", 0)
BUSY: Place = ("claimlog.registration", 1)
BEGAN_AT = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)


def fact(position: int, *, previous: int | None = None, store_id: str = "s", incarnation: int = 1) -> Arrived:
    envelope = envelope_of(donated(f"D-{position}"), position=position, at=BEGAN_AT + timedelta(minutes=position))
    before = position - 1 if previous is None else previous
    return Arrived(
        type=envelope.type,
        position=position,
        previous_position=before,
        recorded_at=envelope.recorded_at,
        store_id=store_id,
        incarnation=incarnation,
        envelope=envelope,
    )


def fetched(offset: int, arrived: Arrived) -> Fetched:
    record = to_record(
        arrived.envelope,
        service="registration",
        store_id=arrived.store_id,
        incarnation=arrived.incarnation,
        previous_position=arrived.previous_position,
    )
    return Fetched(place=PLACE, offset=offset, key=record.key, value=record.value, headers=record.headers)


def read(position: int, *, incarnation: int = 1) -> Checkpoint:
    return Checkpoint(next_offset=0, store_id="s", incarnation=incarnation, position=position)


@pytest.mark.parametrize(
    ("before", "arrived", "leads"),
    [
        (NOTHING_READ, fact(1), read(1)),
        (NOTHING_READ, fact(2), None),
        (read(4), fact(5), read(5)),
        (read(4), fact(7, previous=4), read(7)),
        (read(4), fact(4), read(4)),
        (read(4), fact(7), None),
        (read(4), fact(5, incarnation=2), read(5, incarnation=2)),
        (read(4, incarnation=2), fact(5), read(4, incarnation=2)),
        (read(4), fact(6, incarnation=2), None),
    ],
)
def test_record_leads_on_stands_still_or_lies_behind_a_gap(
    before: Checkpoint, arrived: Arrived, leads: Checkpoint | None
) -> None:
    assert following(before, arrived) == leads


class OnePartition:
    """A log of one partition."""

    def __init__(self, records: Sequence[Fetched]) -> None:
        self._records = records
        self._at = 0

    async def assign(self, offsets: Mapping[Place, int]) -> None:
        """Start at an offset."""
        self._at = offsets[PLACE]

    async def fetch(self, *, records_max: int, seconds: float) -> Mapping[Place, Sequence[Fetched]]:
        """Return some of the next records."""
        del seconds
        found = self._records[self._at : self._at + records_max]
        self._at += len(found)
        return {PLACE: found} if found else {}

    async def last(self, _: Place) -> Fetched | None:
        """Return the newest record."""
        return self._records[-1] if self._records else None

    @asynccontextmanager
    async def reader(self) -> AsyncIterator["OnePartition"]:
        """Return this."""
        yield self


async def walked(records: Sequence[Arrived], to: End, after: Reached | None = None, **named: datetime) -> list[Chunk]:
    walk = Walk(DONORS, after or Reached(), to, named.get("until"))
    log = OnePartition([fetched(offset, each) for offset, each in enumerate(records)])
    return [chunk async for chunk in foreign_facts(lambda: log, walk, size=2)]  # type: ignore[arg-type, return-value]


def positions(chunks: Sequence[Chunk]) -> list[int]:
    return [each.position for chunk in chunks for each in chunk.facts]


def end(next_offset: int) -> End:
    return End(checkpoints={PLACE: replace_offset(next_offset)})


def replace_offset(next_offset: int) -> Checkpoint:
    return Checkpoint(next_offset=next_offset, store_id="s", incarnation=1, position=next_offset)


async def test_nothing_is_read_past_the_checkpoint() -> None:
    chunks = await walked([fact(n) for n in range(1, 9)], end(5))

    assert positions(chunks) == [1, 2, 3, 4, 5]
    assert [each.reached.events for each in chunks] == [2, 4, 5]
    assert chunks[-1].reached.places[PLACE].next_offset == 5


async def test_repeats_and_what_lies_behind_a_gap_are_no_facts() -> None:
    chunks = await walked([fact(n) for n in (1, 2, 2, 5, 6, 3, 4, 5, 6, 1)], end(10))

    assert positions(chunks) == [1, 2, 3, 4, 5, 6]


async def test_goes_on_where_a_chunk_led() -> None:
    records = [fact(n) for n in range(1, 9)]
    first = await walked(records, end(8))
    rest = await walked(records, end(8), first[1].reached)

    assert positions(rest) == [5, 6, 7, 8]
    assert rest[-1].reached.events == 8


async def test_parked_records_are_remembered_and_discarded_ones_are_not() -> None:
    to = replace(end(5), parked=frozenset({(*PLACE, 1)}), discarded=frozenset({(*PLACE, 3)}))
    chunks = await walked([fact(n) for n in range(1, 6)], to)
    reached = chunks[-1].reached

    assert positions(chunks) == [1, 3, 5]
    assert reached.skipped == {(*PLACE, 1)}
    assert not to.is_out_of_turn(reached)
    assert replace(to, parked=frozenset()).is_out_of_turn(reached)
    assert not replace(to, parked=frozenset(), discarded=reached.skipped).is_out_of_turn(reached)


class BusyBeside(OnePartition):
    """The same beside another partition that has something new whenever it is asked."""

    async def fetch(self, *, records_max: int, seconds: float) -> Mapping[Place, Sequence[Fetched]]:
        """Return some of the next records, and one of the other partition."""
        await asyncio.sleep(0)
        return {**await super().fetch(records_max=records_max, seconds=seconds), BUSY: [fetched(0, fact(1))]}


async def test_partition_that_lost_its_tail_is_told_however_busy_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.runtime.past._SILENT_SECONDS_MAX", 0.05)
    to = End(checkpoints={PLACE: replace_offset(5), BUSY: replace_offset(1_000)})
    log = BusyBeside([fetched(n - 1, fact(n)) for n in range(1, 4)])
    walk = Walk(DONORS, Reached(), to, None)

    with pytest.raises(RecordsMissing, match="registration/0 ends before this service's checkpoint of it, 5"):
        async for _ in foreign_facts(lambda: log, walk, size=2):  # type: ignore[arg-type, return-value]
            pass


async def test_what_was_recorded_later_is_left_out() -> None:
    chunks = await walked([fact(n) for n in range(1, 6)], end(5), until=BEGAN_AT + timedelta(minutes=3))

    assert positions(chunks) == [1, 2, 3]


async def topic(*numbers: int) -> AsyncGenerator[Arrived, None]:
    for n in numbers:
        yield fact(n)


async def test_own_topics_hold_each_position_once() -> None:
    chunks = [each async for each in own_facts_of_topics(topic(*range(1, 8)), DONORS, Reached(), to=6, size=4)]
    rest = [each async for each in own_facts_of_topics(topic(*range(1, 8)), DONORS, chunks[0].reached, to=6, size=4)]

    assert positions(chunks) == [1, 2, 3, 4, 5, 6]
    assert [each.reached.position for each in chunks] == [4, 6]
    assert positions(rest) == [5, 6]


@pytest.mark.parametrize("numbers", [(1, 2, 4), (1, 2)])
async def test_position_that_no_topic_has_is_told(numbers: tuple[int, ...]) -> None:
    with pytest.raises(RecordsMissing, match="position 3"):
        _ = [each async for each in own_facts_of_topics(topic(*numbers), SHELVES, Reached(), to=4, size=9)]


async def test_one_ahead_yields_all_in_order_and_raises_what_its_source_raises() -> None:
    async def source() -> AsyncGenerator[int, None]:
        yield 1
        yield 2
        raise ZeroDivisionError

    seen: list[int] = []

    async def drain() -> None:
        async for each in one_ahead(source()):
            seen.append(each)  # noqa: PERF401 (what was seen before the error)

    with pytest.raises(ZeroDivisionError):
        await drain()

    assert seen == [1, 2]


async def test_nothing_is_fetched_ahead_while_that_is_not_wanted() -> None:
    fetched: list[int] = []

    async def source() -> AsyncGenerator[int, None]:
        for each in (1, 2, 3):
            fetched.append(each)
            yield each

    async for each in one_ahead(source(), is_wanted=lambda: False):
        await asyncio.sleep(0)
        assert fetched[-1] == each
    assert fetched == [1, 2, 3]
