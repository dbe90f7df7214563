"""What a person does about parked records: try them again, or give one up.

Owns: reading a record's bytes again, from the log or, for own facts, from the store. Refuses: passing over the oldest
record of a key, because what belongs together keeps its order. Next: `taking.py` handles it under the lock.
"""

from typing import Protocol

from shared.events.envelope import Actor, Envelope
from shared.kernel.errors import NotFound, Rejected
from shared.runtime.consumer import opened
from shared.runtime.engine import Engine
from shared.runtime.failpoints import point
from shared.runtime.log import Fetched
from shared.runtime.store import NOTHING_READ, OWN, Parked, Place
from shared.runtime.taking import Consumed, Fenced
from shared.runtime.wire import arrived


class RecordGone(NotFound):
    """The log does not hold a parked record any more: it can only be discarded."""

    slug = "record-gone"


class NotTheOldest(Rejected):
    """The record waits behind another one of its key: that one is released or discarded first."""

    slug = "not-the-oldest-of-its-key"


class Records(Protocol):
    """Where a record's bytes are read again: a log, or one that is opened only then."""

    async def record(self, place: Place, offset: int) -> Fetched | None:
        """Return one record. **Errors**: `LogUnavailable`."""


async def release(engine: Engine, log: Records, tenant_id: str, key: str, *, by: Actor) -> int:
    """Handle the parked records of a key after all, oldest first, one transaction each; return how many.

    **Errors**: `StillNotHandled`: that one stays parked, and all behind it; `RecordGone`, `Unavailable`.
    """
    released = 0
    while await release_one(engine, log, tenant_id, key, by=by):
        released += 1
    return released


async def release_one(engine: Engine, log: Records, tenant_id: str, key: str, *, by: Actor) -> bool:
    """Handle the oldest parked record of a key after all; return whether there was one. **Errors**: as `release`."""
    while True:
        rows = await engine.store.parked(tenant_id, key=key, rows_max=1)
        if not rows:
            return False
        envelope = await read(engine, log, rows[0])
        await engine.vault.prepare_to_open([envelope])
        event, cause = opened(engine.vault, envelope)
        record = Consumed(
            place=rows[0].place,
            offset=rows[0].offset,
            read_from=NOTHING_READ,
            moved=NOTHING_READ,
            envelope=envelope,
            event=event,
            cause=cause,
            released=rows[0],
            by=by,
        )
        point("release.read")
        is_ended = await _is_ended(engine, record)
        point("release.ended")
        if is_ended:
            return True


async def discard(engine: Engine, row: Parked, *, reason: str, by: Actor) -> None:
    """Give up a parked record, the oldest of its key; those behind it wait on.

    **Errors**: `NotTheOldest`, also where somebody else was faster: no other record is taken in its place.
    """
    record = Consumed(
        place=row.place,
        offset=row.offset,
        read_from=NOTHING_READ,
        moved=NOTHING_READ,
        released=row,
        by=by,
        discarded=reason,
    )
    if not await _is_ended(engine, record):
        raise NotTheOldest("an older record of its key is parked, or this one is not any more; look again")


async def read(engine: Engine, log: Records, row: Parked) -> Envelope:
    """Return a parked record's fact: the bytes are kept once, where they came from.

    **Errors**: `RecordGone`, `Unavailable`.
    """
    if row.place == OWN:
        found = await engine.store.events(row.offset - 1, events_max=1)
        envelope = found[0] if found else None
    else:
        record = await log.record(row.place, row.offset)
        fact = arrived(record) if record else None
        envelope = fact.envelope if fact else None
    if envelope is None or envelope.event_id != row.event_id:
        raise RecordGone("the log does not hold this record any more; discard it, or mend the log")
    return envelope


async def _is_ended(engine: Engine, record: Consumed) -> bool:
    """Return whether it was this call that ended a parked record; False where somebody else was faster."""
    (result,) = await engine.consume([record])
    if isinstance(result, Fenced):
        return False
    if isinstance(result, Exception):
        raise result
    return True
