"""Facts in order of position: no gap, each chained to the one before, time never back, units whole.

Owns: one pass over all facts, in chunks. Facts up to the snapshot's position never change again, so a chunk that is
read later shows the same as the snapshot would: nothing is held open meanwhile. A position that a restore told as lost
is counted, no fault: the fact behind it is tied as `losses.py` says. Refuses: streams (`streams.py`).
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import asyncpg
from msgspec import DecodeError

from shared.events.envelope import Envelope
from shared.runtime.losses import PositionLost, follows
from shared.runtime.progress import Progress
from shared.runtime.store_postgres_tx import EVENT_COLUMNS, envelope_of
from shared.runtime.verify.finding import About, Finding
from shared.runtime.verify.snapshot import Snapshot

_CHUNK: Final = 1_000
POSITIONS: Final = About(name="positions", about="Positions run from 1 to the head, without a gap.")
CHAIN: Final = About(name="chain", about="The chain hash of each fact covers it and all before it.")
TIMES: Final = About(name="recorded-times", about="The time of recording never goes back.")
UNITS: Final = About(name="units", about="What was decided together is there together.")
HEAD: Final = About(name="head", about="The head of the store is its newest fact.")
_COLUMNS: Final = EVENT_COLUMNS.replace(" names,", " '[]',")  # what facts reserved is for `streams.py` to look at
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def _chunks(connection: asyncpg.Connection, to: int) -> AsyncIterator[list[Envelope]]:
    """Yield all facts up to a position, in order."""
    for after in range(0, to, _CHUNK):
        rows = await connection.fetch(
            f"select {_COLUMNS} from events where position > $1 and position <= $2 order by position",  # noqa: S608
            after,
            min(after + _CHUNK, to),
        )
        yield [envelope_of(row) for row in rows]


async def check_chain(connection: asyncpg.Connection, to: int, progress: Progress) -> tuple[Finding, ...]:
    """Return whether positions, chain, times and units are whole up to a position."""
    walk = _Walk()
    async for facts in _chunks(connection, to):
        for fact in facts:
            walk.take(fact)
        progress("chain", min(walk.position, to), to)
    walk.end(to)
    checked, lost = walk.count - walk.lost, walk.lost
    note = f"{lost} positions were lost before a restore, the first is {walk.first_lost}" if lost else None
    return tuple(
        each.found(walk.complaints.get(each.name), checked=checked, left_out=lost, note=note)
        for each in (POSITIONS, CHAIN, TIMES, UNITS)
    )


@dataclass(slots=True)
class _Walk:
    """How far the walk is. **Shape**: `complaints` has the first of each invariant.

    `lost_from` is where the lost positions right before begin, behind `position` where there are none.
    """

    before: Envelope | None = None
    position: int = 0
    unit: tuple[int, int] = (0, 0)
    count: int = 0
    lost: int = 0
    first_lost: int = 0
    lost_from: int = 1
    complaints: dict[str, str] = field(default_factory=dict)

    def take(self, fact: Envelope) -> None:
        """Compare a fact with all before it."""
        if fact.position != self.position + 1:
            self._complain(POSITIONS, f"position {self.position + 1} is missing")
        if not self._follows(fact):
            self._complain(CHAIN, f"position {fact.position} does not follow from the facts before it")
        if self.before is not None and fact.recorded_at < self.before.recorded_at:
            self._complain(TIMES, f"position {fact.position} was recorded before position {self.position}")
        if fact.type == PositionLost.__name__:
            self.lost += 1
            self.first_lost = self.first_lost or fact.position
        else:
            self._take_unit(fact)
            self.lost_from = fact.position + 1
        self.before, self.position = fact, fact.position
        self.count += 1

    def _follows(self, fact: Envelope) -> bool:
        try:
            return follows(self.before, fact)
        except DecodeError:  # the fact before it tells of a loss, and was damaged
            return False

    def _take_unit(self, fact: Envelope) -> None:
        unit = (fact.unit_first, fact.unit_last)
        begins = fact.position == fact.unit_first
        if begins and self.position < self.unit[1]:
            self._complain(UNITS, f"position {self.unit[1]} is missing from the unit of position {self.unit[0]}")
        elif not begins and unit != self.unit and fact.unit_first < self.lost_from:
            self._complain(UNITS, f"position {fact.position} belongs to no unit that began")
        elif fact.position > fact.unit_last:
            self._complain(UNITS, f"position {fact.position} is not in the unit that it names")
        self.unit = unit

    def end(self, to: int) -> None:
        """Look at what is missing at the end."""
        if self.position < to:
            self._complain(POSITIONS, f"position {self.position + 1} is missing")
        if self.position < self.unit[1]:
            self._complain(UNITS, f"position {self.position + 1} is missing from the unit of position {self.unit[0]}")

    def _complain(self, about: About, words: str) -> None:
        self.complaints.setdefault(about.name, words)


def check_head(seen: Snapshot) -> Finding:
    """Return whether the head row and the newest fact are one: a tail that was cut leaves the head behind."""
    head = seen.head
    newest = seen.newest or (0, bytes(32), _BEGINNING)
    complaint = None
    if newest[0] != head.position:
        complaint = f"the newest fact has position {newest[0]}, the head says {head.position}"
    elif newest[1:] != (head.chain_hash, head.recorded_at):
        complaint = f"position {head.position} is not the fact that the head speaks of"
    return HEAD.found(complaint, checked=1)
