"""Checkpoints: nobody is ahead of what there is to read.

Owns: positions of the store's own readers against its head, offsets of topics against the log. Refuses: how far behind
somebody is; that is lag, not damage. Next: `claimlog status` shows lag.
"""

from collections.abc import Iterator
from typing import Final

from shared.runtime.log import Log, OffsetGone
from shared.runtime.store import OWN, Checkpoint, Place
from shared.runtime.verify.finding import About, Finding
from shared.runtime.verify.records import records
from shared.runtime.verify.snapshot import Snapshot
from shared.runtime.wire import Arrived, arrived

CHECKPOINTS: Final = About(name="checkpoints", about="No reaction, effect, read model or relay is ahead of the facts.")
OFFSETS: Final = About(name="offsets", about="Each partition was read up to a record that it has, of that position.")
_EFFECT: Final = "effect:"
_PASSED_OVER_MAX: Final = 10_000


def check_checkpoints(seen: Snapshot) -> Finding:
    """Return whether everything that follows the store's own facts is at or behind its head."""
    stands = list(_stands(seen))
    ahead = next((f"{what} is at position {at}" for what, at in stands if at > seen.head.position), None)
    return CHECKPOINTS.found(ahead and f"{ahead}, the head at {seen.head.position}", checked=len(stands))


def _stands(seen: Snapshot) -> Iterator[tuple[str, int]]:
    for place, checkpoint in sorted(seen.checkpoints.items()):
        if _is_own(place):
            yield f"checkpoint {place[0]}", checkpoint.position
    for name, (position, _) in sorted(seen.projected.items()):
        yield f"projected {name}", position
    yield "relay_head", seen.relay_position
    for (topic, partition), position in sorted(seen.relayed.items()):
        yield f"relayed {topic}/{partition}", position


def _is_own(place: Place) -> bool:
    return place == OWN or place[0].startswith(_EFFECT)


async def check_offsets(log: Log, seen: Snapshot) -> Finding:
    """Return whether the log has what was read from it. It only grows, so it may be asked later.

    **Errors**: `LogUnavailable`.
    """
    read = {place: each for place, each in seen.checkpoints.items() if not _is_own(place) and each.next_offset}
    complaint = None
    for place, checkpoint in sorted(read.items()):
        complaint = complaint or await _complaint(log, place, checkpoint)
    return OFFSETS.found(complaint, checked=len(read))


async def _complaint(log: Log, place: Place, checkpoint: Checkpoint) -> str | None:
    where, offset = f"checkpoint {place[0]}/{place[1]}", checkpoint.next_offset - 1
    record = await log.record(place, offset)
    if record is None:
        return f"{where}: the partition has no offset {offset}"
    fact = arrived(record)
    if fact is None:
        return None  # not one of ours: passed over without moving the position
    if fact.store_id != checkpoint.store_id or fact.incarnation > checkpoint.incarnation:
        return f"{where}: offset {offset} is of another store or incarnation than what was read"
    if _is_last_taken(fact, checkpoint) or await _was_taken_before(log, place, checkpoint):
        return None
    return f"{where}: offset {offset} has position {fact.envelope.position}, it says {checkpoint.position}"


def _is_last_taken(fact: Arrived, checkpoint: Checkpoint) -> bool:
    return (fact.incarnation, fact.envelope.position) == (checkpoint.incarnation, checkpoint.position)


async def _was_taken_before(log: Log, place: Place, checkpoint: Checkpoint) -> bool:
    """Return whether the last record was only passed over, a repeat say: an earlier one has the position."""
    start = max(0, checkpoint.next_offset - _PASSED_OVER_MAX)
    try:
        async for _, some in records(log, {place: start}, {place: checkpoint.next_offset - 1}):
            facts = (arrived(record) for record in some)
            if any(fact and _is_last_taken(fact, checkpoint) for fact in facts):
                return True
    except OffsetGone:
        return True  # its beginning is gone, which `topics` of the service that publishes it finds
    return start > 0  # a longer tail was sent again than is looked through
