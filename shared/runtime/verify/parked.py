"""Parked records: the table is what the facts about parking say, and each record can be read again.

Owns: `parked` = fold(`KeyParked` …) and the look into the log. Refuses: why a record parked.
"""

from typing import Final

import asyncpg

from shared.events.envelope import Envelope
from shared.kernel.unions import members
from shared.runtime.consumer import opened
from shared.runtime.engine import Engine
from shared.runtime.log import Log
from shared.runtime.parking import KeyParked, ParkingEvent
from shared.runtime.store import OWN, Parked, Place
from shared.runtime.verify.finding import About, Finding
from shared.runtime.verify.snapshot import Snapshot
from shared.runtime.wire import arrived

PARKED: Final = About(name="parked", about="Parked records are those that the facts say, and the log has them.")
_FACTS_MAX: Final = 1_000
_Waiting = dict[tuple[Place, int], tuple[str, str | None]]
"""Key and event id of the record at a place and offset."""


async def check_parked(engine: Engine, log: Log | None, connection: asyncpg.Connection, seen: Snapshot) -> Finding:
    """Return whether parked rows and facts agree, and whether each record is still there."""
    told = await _told(engine, seen.head.position)
    rows = {(row.place, row.offset): row for row in seen.parked}
    complaint = _difference(told, rows)
    unread = 0
    for row in seen.parked:
        if row.place != OWN and log is None:
            unread += 1
        elif complaint is None and not await _is_there(connection, log, row):
            complaint = f"table parked: {_at(row.place, row.offset)} is not the record that parked, key {row.key}"
    note = f"{unread} of them cannot be read: the log is away" if unread else None
    return PARKED.found(complaint, checked=len(rows) - unread, left_out=unread, note=note)


async def _told(engine: Engine, to: int) -> _Waiting:
    """Return the records that wait by what the facts say."""
    types = [each.__name__ for each in members(ParkingEvent)]
    waiting: _Waiting = {}
    after = 0
    while facts := await engine.store.events(after, types=types, events_max=_FACTS_MAX):
        for envelope in facts:
            if envelope.position <= to:
                _take(waiting, envelope, opened(engine.vault, envelope)[0])
        after = facts[-1].position
    return waiting


def _take(waiting: _Waiting, envelope: Envelope, event: object) -> None:
    if isinstance(event, members(ParkingEvent)):
        place = ((event.topic, event.partition), event.offset)
        if isinstance(event, KeyParked):
            waiting[place] = (event.parked_key, envelope.causation_id)
        else:
            waiting.pop(place, None)


def _difference(told: _Waiting, rows: dict[tuple[Place, int], Parked]) -> str | None:
    for place, offset in sorted(told.keys() | rows.keys()):
        said, row = told.get((place, offset)), rows.get((place, offset))
        if row is None:
            return f"table parked: {_at(place, offset)} is missing"
        if said is None:
            return f"table parked: no fact says that {_at(place, offset)} waits"
        if said != (row.key, row.event_id):
            return f"table parked: {_at(place, offset)} is not the record that its fact names"
    return None


async def _is_there(connection: asyncpg.Connection, log: Log | None, row: Parked) -> bool:
    if row.place == OWN:
        found = await connection.fetchval("select event_id::text from events where position = $1", row.offset)
        return bool(found == row.event_id)
    record = await log.record(row.place, row.offset) if log else None
    fact = arrived(record) if record else None
    return fact is not None and fact.envelope.event_id == row.event_id


def _at(place: Place, offset: int) -> str:
    topic, partition = place
    return f"{topic}/{partition} offset {offset}"
