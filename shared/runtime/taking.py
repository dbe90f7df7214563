"""Records on their way in, in order, under the lock of the store: handled, parked behind their key, or thrown away.

Owns: the fence of a partition, the order of a key's records, what a release and a discard come to. Refuses:
transactions and answers (`flush.py`), folding and deciding (`working_set.py`), reading the log (`consumer.py`,
`releasing.py`). Next: `parking.py` has the facts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import Struct
from structlog import get_logger

from shared.events.envelope import Actor, Envelope, Event
from shared.kernel.errors import KnownError, Rejected, Unavailable
from shared.kernel.reaction import Reaction
from shared.runtime.ahead import Cause
from shared.runtime.clock import new_id, now
from shared.runtime.failpoints import point
from shared.runtime.parking import KeyParked, KeyReleased, Park, RecordDiscarded, Unpark
from shared.runtime.store import OWN, Checkpoint, Parked, Place, RowKey, Standing, StoreTx, UnstorableValue
from shared.runtime.unit import Unit, reaction_ids
from shared.runtime.wiring import Wiring
from shared.runtime.working_set import WorkingSet

_LOG = get_logger("taking")
_CONSUMER: Final = Actor(kind="service", id="consumer")


class Consumed(Struct, frozen=True, kw_only=True, eq=False):
    """One record on its way in. **Shape**: `event` is None where only the checkpoint moves (a repeat, an unknown type).

    `cause` says why it cannot be handled, where that is known already: then its key parks. `released` is the parked row
    of a record that `by` tries again, or gives up for the reason in `discarded`: it moves no checkpoint.
    """

    place: Place
    offset: int
    read_from: Checkpoint
    moved: Checkpoint
    envelope: Envelope | None = None
    event: Event | None = None
    cause: str | None = None
    released: Parked | None = None
    by: Actor = _CONSUMER
    discarded: str = ""


class Fenced(Exception):
    """Another worker moved the checkpoint: this one's units are thrown away and the partition is sought anew."""


class StillNotHandled(Rejected):
    """A released record cannot be handled yet; it stays parked. **Shape**: `cause` says why, as at parking."""

    slug = "still-not-handled"

    def __init__(self, cause: str) -> None:
        super().__init__("the record cannot be handled yet; mend its cause, then release its key again")
        self.cause = cause


class Taking:
    """The records of one flush; what they come to joins its working set."""

    def __init__(self, work: WorkingSet, wiring: Wiring, gate: "Gate") -> None:
        self._work = work
        self._wiring = wiring
        self._gate = gate

    async def take(self, record: Consumed) -> KnownError | Fenced | None:
        """Take one record; return why it is not in, or None. **Errors**: `UnstorableValue`, of the whole batch."""
        gate = self._gate
        if record.released:
            return await self._release(record, record.released)
        if gate.is_fenced(record):
            return Fenced()
        if record.envelope and gate.was_discarded(record.envelope):
            gate.move(record)
            return None
        cause = record.cause
        if record.envelope and gate.waits(record.place, record.offset, record.envelope):
            cause = cause or "waits-behind-its-key"
        if cause is None and record.envelope and record.event:
            try:
                cause = await self._handle(record, record.envelope, record.event)
            except Unavailable as error:  # the record is good: tried again later; the fence holds those behind it
                return error
        if cause is not None and record.envelope:
            await self._park(record, record.envelope, cause)
        gate.move(record)
        return None

    async def _handle(self, record: Consumed, envelope: Envelope, event: Event) -> str | None:
        """Fold and react to one record, whole or not at all; return why it could not be done.

        **Errors**: `Unavailable`: the database of the keys is away, say; that is no fault of the record.
        """
        work = self._work
        mark = work.mark()
        try:
            if record.place != OWN:
                await work.fold_foreign(envelope, event)
            for reaction in _reactions(self._wiring, record):
                await work.react(reaction, envelope, event)
        except UnstorableValue:
            raise
        except Unavailable:
            work.undo(mark)
            raise
        except KnownError as error:
            work.undo(mark)
            return error.slug
        except Exception as error:  # noqa: BLE001 (a defect is its own callers' alone; it is logged)
            work.undo(mark)
            _LOG.exception("record-not-handled", event_id=envelope.event_id, kind=type(error).__name__)
            return type(error).__name__
        return None

    async def _park(self, record: Consumed, envelope: Envelope, cause: str) -> None:
        topic, partition = record.place
        moment = now()
        fact = KeyParked(
            parked_key=envelope.key,
            topic=topic,
            partition=partition,
            offset=record.offset,
            cause=cause,
            parked_at=moment,
        )
        await self._work.decide(_parking(envelope, fact))
        self._work.batch.parked.append(
            Parked(
                tenant_id=envelope.tenant_id,
                key=envelope.key,
                place=record.place,
                offset=record.offset,
                position=envelope.position,
                event_id=envelope.event_id,
                cause=cause,
                parked_at=moment,
            )
        )
        self._gate.park(record.place, record.offset, envelope)
        point("flush.parked")
        _LOG.warning("key-parked", topic=topic, partition=partition, offset=record.offset, cause=cause)

    async def _release(self, record: Consumed, row: Parked) -> KnownError | Fenced | None:
        """Handle a parked record after all, or give it up; only the oldest of its key, and once."""
        if not self._gate.let_out(row):
            return Fenced()
        cause = record.cause
        if not record.discarded and cause is None and record.envelope and record.event:
            try:
                cause = await self._handle(record, record.envelope, record.event)
            except Unavailable as error:
                return error
        if cause is not None and not record.discarded:
            return StillNotHandled(cause)
        await self._work.decide(_unparking(record, row))
        self._work.batch.released.append((row.place, row.offset))
        if record.discarded:
            self._work.batch.discarded.append(row)
        return None


def causes(wiring: Wiring, records: Iterable[Consumed]) -> list[Cause]:
    """Return the facts of records that are to be folded and reacted to, as a flush looks at them ahead."""
    return [
        Cause(
            each.envelope,
            each.event,
            each.place != OWN,
            [(how, next(reaction_ids(each.envelope.event_id, how.name))) for how in _reactions(wiring, each)],
        )
        for each in records
        if each.envelope and each.event
    ]


def _reactions(wiring: Wiring, record: Consumed) -> Sequence[Reaction[Any]]:
    reactions = wiring.own_reactions if record.place == OWN else wiring.foreign_reactions
    return reactions.get(type(record.event), ()) if record.event else ()


def _parking(envelope: Envelope, fact: KeyParked) -> Unit:
    return Unit(
        tenant_id=envelope.tenant_id,
        actor=_CONSUMER,
        commands=(Park(parked=fact),),
        ids=iter(new_id, ""),  # a record may park again after its release: it is read again after a restore
        now=fact.parked_at,
        correlation_id=envelope.correlation_id,
        causation_id=envelope.event_id,
    )


def _unparking(record: Consumed, row: Parked) -> Unit:
    topic, partition = row.place
    moment = now()
    fact: KeyReleased | RecordDiscarded
    if record.discarded:
        fact = RecordDiscarded(
            parked_key=row.key,
            topic=topic,
            partition=partition,
            offset=row.offset,
            reason=record.discarded,
            discarded_at=moment,
        )
    else:
        fact = KeyReleased(parked_key=row.key, topic=topic, partition=partition, offset=row.offset, released_at=moment)
    correlation_id = record.envelope.correlation_id if record.envelope else row.event_id
    return Unit(
        tenant_id=row.tenant_id,
        actor=record.by,
        commands=(Unpark(ended=fact),),
        ids=iter(new_id, ""),
        now=moment,
        correlation_id=correlation_id,
        causation_id=row.event_id,
    )


class Gate:
    """What the lock shows about partitions and keys of a batch's records. **Shape**: `moves` are its checkpoints."""

    def __init__(self, standing: Standing, oldest: dict[RowKey, tuple[Place, int]]) -> None:
        self.moves: dict[Place, tuple[Checkpoint, Checkpoint]] = {}
        self._oldest = oldest
        self._stored = standing.checkpoints
        self._consumed = standing.consumed
        self._parked = {key: dict(places) for key, places in standing.held_back.parked.items()}
        self._discarded = standing.held_back.discarded
        self._fenced: dict[Place, bool] = defaultdict(bool)

    @classmethod
    async def open(cls, tx: StoreTx, records: Sequence[Consumed]) -> "Gate":
        """Take what the lock shows, and ask what else the release of a parked record needs."""
        released = sorted({(each.released.tenant_id, each.released.key) for each in records if each.released})
        return cls(tx.standing, dict(await tx.oldest_parked(released)) if released else {})

    def consumed_after(self) -> int:
        """Return what all checkpoints sum up to once the batch is written."""
        return self._consumed + sum(to.next_offset - stored.next_offset for stored, to in self.moves.values())

    def is_fenced(self, record: Consumed) -> bool:
        """Return whether somebody else moved the partition; then all later ones of it are thrown away too."""
        place = record.place
        current = self.moves[place][1] if place in self.moves else self._stored[place]
        same = (current.next_offset, current.position) == (record.read_from.next_offset, record.read_from.position)
        self._fenced[place] = self._fenced[place] or not same
        return self._fenced[place]

    def move(self, record: Consumed) -> None:
        """Take a record's checkpoint into the batch."""
        first = self.moves[record.place][0] if record.place in self.moves else self._stored[record.place]
        self.moves[record.place] = (first, record.moved)

    def was_discarded(self, envelope: Envelope) -> bool:
        """Return whether a person gave the record up: it is read again after a restore."""
        return envelope.event_id in self._discarded

    def waits(self, place: Place, offset: int, envelope: Envelope) -> bool:
        """Return whether an earlier record of the key is parked; of another partition, nobody knows which is earlier.

        **Shape**: a record before the parked one, which is read again after a restore, waits for nothing.
        """
        parked = self._parked.get((envelope.tenant_id, envelope.key), {})
        return any(other != place or first <= offset for other, first in parked.items())

    def park(self, place: Place, offset: int, envelope: Envelope) -> None:
        """Let later records of the key wait too."""
        self._parked.setdefault((envelope.tenant_id, envelope.key), {}).setdefault(place, offset)

    def let_out(self, row: Parked) -> bool:
        """Let a parked record be tried, where it is the oldest of its key; its next one shows in the next flush."""
        key = (row.tenant_id, row.key)
        if self._oldest.get(key) != (row.place, row.offset):
            return False
        del self._oldest[key]
        return True
