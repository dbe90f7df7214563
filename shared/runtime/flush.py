"""The one writer of a process: what is pending is decided under the lock of the store and written in one transaction.

Owns: order, batching, halving a batch that the database refuses, cutting one that takes long, answering after the
commit, how long states and rows are kept in memory. Refuses: rules, and several flushers in one process. Several
processes on one store are safe: the lock orders them, and what is decided is decided on what the lock shows
(docs/adr/0002). Next: `working_set.py`, `store_postgres.py`.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any, Final, TypeAlias

from msgspec import Struct, structs
from structlog import get_logger

from shared.events.envelope import Actor, Envelope, Event
from shared.kernel.errors import KnownError, Malformed, Rejected, Unavailable
from shared.kernel.reaction import Reaction
from shared.runtime.ahead import Cause
from shared.runtime.clock import new_id, now
from shared.runtime.failpoints import pass_written, point
from shared.runtime.keys import Vault
from shared.runtime.metrics import ADDED, AWAY, DEFECT, NOTHING, REFUSED, TAKEN, FlushMeter
from shared.runtime.missed import ReadingAhead
from shared.runtime.parking import KeyParked, KeyReleased, Park, RecordDiscarded, Unpark
from shared.runtime.row_cache import RowCache
from shared.runtime.state_cache import StateCache
from shared.runtime.store import (
    OWN,
    AskedOfLock,
    Checkpoint,
    Head,
    Parked,
    Place,
    RowKey,
    RowPlace,
    Standing,
    Store,
    StoreTx,
    StoreUnavailable,
    Stream,
    UnstorableValue,
)
from shared.runtime.unit import Outcome, Unit, reaction_ids
from shared.runtime.wiring import Wiring
from shared.runtime.working_set import WorkingSet
from shared.runtime.written import Written

_LOG = get_logger("flush")
_CONSUMER: Final = Actor(kind="service", id="consumer")
_AHEAD_SECONDS_MAX: Final = 1.0
_SECONDS_MAX: Final = 2.0
"""Of looking ahead and of deciding under the lock; what is left waits for the next transaction. Slow units, handed over
together, would else hold the lock until their session is ended for it, and begin again for ever."""


class Unstorable(Malformed):
    """The database cannot keep a value of this request, such as a NUL in a text."""

    slug = "unstorable-value"


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


class Overloaded(Unavailable):
    """More units wait than one process should promise: callers are pushed back, nothing is lost."""

    slug = "overloaded"


class Fenced(Exception):
    """Another worker moved the checkpoint: this one's units are thrown away and the partition is sought anew."""


class StillNotHandled(Rejected):
    """A released record cannot be handled yet; it stays parked. **Shape**: `cause` says why, as at parking."""

    slug = "still-not-handled"

    def __init__(self, cause: str) -> None:
        super().__init__("the record cannot be handled yet; mend its cause, then release its key again")
        self.cause = cause


Pending: TypeAlias = Unit | Consumed
Result: TypeAlias = Outcome | Exception | None


class _Together:
    """What was handed over together: one future for all of it, because one each costs more than to take a record."""

    def __init__(self, count: int) -> None:
        self.answer: asyncio.Future[list[Result]] = asyncio.get_running_loop().create_future()
        self._results: list[Result] = [None] * count
        self._missing = count

    def take(self, n: int, result: Result) -> None:
        """Keep the result of one; the last one that was missing answers."""
        self._results[n] = result
        self._missing -= 1
        if not self._missing and not self.answer.done():
            self.answer.set_result(self._results)


@dataclass(slots=True)
class _Waiting:
    what: Pending
    n: int
    together: _Together


@dataclass(slots=True)
class _Taken:
    """What a transaction came to: an answer for each unit, and what to remember once it is committed."""

    results: list[Result] = field(default_factory=list)
    states: dict[Stream, tuple[int, Any]] = field(default_factory=dict)
    position: int = 0
    head: Head | None = None
    facts: Sequence[Envelope] = ()
    is_current: bool = True
    is_whole: bool = False
    rows: dict[RowPlace, Any] = field(default_factory=dict)
    consumed: int | None = None  # where records were taken


class Flusher:
    """The writer of one store in this process; `run` it as a task, ask it from anywhere on the same loop."""

    def __init__(
        self,
        store: Store,
        wiring: Wiring,
        vault: Vault,
        clock: Callable[[], datetime],
        on_taken: Callable[[], None],
    ) -> None:
        self.position = 0
        self.written = Written()
        self._on_taken = on_taken
        self._clock = clock
        self._seen = (0, 0, 0)  # session, incarnation, generations of read models
        self._is_whole = False  # whether all read models were where the facts were when this process wrote last
        self._meter = FlushMeter(wiring.service.name)
        self._store = store
        self._wiring = wiring
        self._vault = vault
        self._commands: list[_Waiting] = []
        self._records: list[_Waiting] = []
        self._records_first = False
        self._wake = asyncio.Event()
        self._cache = StateCache()
        self._rows = RowCache()
        self._ahead: ReadingAhead | None = None  # while this process catches up at its start
        self._consumed = 0  # by all who write this store, when this process took records last

    async def decided(self, units: Sequence[Unit]) -> list[Result]:
        """Return what came of units of commands, decided in order, each an outcome or an error of its own."""
        if len(self._commands) >= self._wiring.service.settings.pending_units_max:
            return [Overloaded("more is asked at once than can be written; try again in a moment")] * len(units)
        return await self._submit(self._commands, units) if units else []

    async def consumed(self, records: Sequence[Consumed]) -> list[Result]:
        """Take records in order; return for each a `KnownError`, `Fenced`, or None where it is in."""
        return await self._submit(self._records, records) if records else []

    def _submit(self, pending: list[_Waiting], given: Sequence[Pending]) -> "asyncio.Future[list[Result]]":
        together = _Together(len(given))
        pending += [_Waiting(what, n, together) for n, what in enumerate(given)]
        self._wake.set()
        return together.answer

    async def catch_up(self) -> None:
        """Fold what own read models have missed, until none is behind. **Errors**: `StoreUnavailable`."""
        self._ahead = ahead = ReadingAhead(self._store, self._vault)
        try:
            while not (await self._transaction([])).is_current:
                await ahead.settle()
        finally:
            self._ahead = None
            await ahead.close()

    async def run(self) -> None:
        """Write for ever. A database that is away is waited for; its callers are told at once."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._commands or self._records:
                    await self._flush_pending()
        finally:
            for waiting in (*self._commands, *self._records):
                waiting.together.answer.cancel()

    async def _flush_pending(self) -> None:
        limit = self._wiring.service.settings.flush_events_max
        commands, records = self._commands[:limit], self._records[: max(limit - len(self._commands), limit // 4)]
        batch = records + commands if self._records_first else commands + records
        taken = {id(each) for each in batch}
        self._commands = [each for each in self._commands if id(each) not in taken]
        self._records = [each for each in self._records if id(each) not in taken]
        batch = [each for each in batch if not each.together.answer.cancelled()]
        point("flush.taken")
        started = perf_counter()
        try:
            results = await self._answered([waiting.what for waiting in batch])
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.together.answer.cancel()
            raise
        batch, left = batch[: len(results)], batch[len(results) :]
        unread = [each for each in left if isinstance(each.what, Consumed)]
        is_taken = any(isinstance(each.what, Consumed) for each in batch)
        self._records_first = bool(unread) and not is_taken  # else slow commands would hold them up
        self._commands[:0] = [each for each in left if isinstance(each.what, Unit)]
        self._records[:0] = unread
        for waiting, result in zip(batch, results, strict=True):
            waiting.together.take(waiting.n, result)
        told = zip(batch, results, strict=True)
        outcomes = [(_kind(waiting.what), _outcome(waiting.what, result)) for waiting, result in told]
        self._meter.ended(outcomes, perf_counter() - started)
        if left:
            await asyncio.sleep(0)  # who was answered and asks again goes before the slow ones that are left

    async def _answered(self, batch: Sequence[Pending]) -> list[Result]:
        """Return an answer for each unit, whatever happens to the batch: its callers alone hear of a failure.

        **Shape**: slow units are a reason to answer the first ones only.
        """
        try:
            return await self._flush(batch)
        except StoreUnavailable as error:
            self._forget()
            return [error] * len(batch)
        except Exception as error:  # noqa: BLE001 (a defect is its own callers' alone; it is logged)
            _LOG.exception("flush-failed", units=len(batch), kind=type(error).__name__)
            self._forget()
            return [error] * len(batch)

    def _forget(self) -> None:
        self._cache.clear()
        self._rows.clear()
        self.written.forget()  # a store that was set back may not have it: who goes on from there reads

    async def _flush(self, batch: Sequence[Pending]) -> list[Result]:
        """Write a batch; where the database refuses a value, halves of it, until the offender stands alone."""
        try:
            taken = await self._transaction(batch)
        except UnstorableValue:
            self._forget()
            if len(batch) > 1:
                half = len(batch) // 2
                first = await self._answered(batch[:half])
                return first if len(first) < half else [*first, *await self._answered(batch[half:])]
            (alone,) = batch
            if isinstance(alone, Consumed) and alone.envelope and alone.cause is None:
                return await self._flush([structs.replace(alone, cause=Unstorable.slug, event=None)])
            return [Unstorable("a text holds a character that cannot be kept, such as NUL; remove it")]
        point("flush.committed")
        self._meter.wrote(len(taken.facts))
        if taken.head and taken.facts:
            self.written.add(taken.head, taken.facts)
        self.position, self._is_whole = max(self.position, taken.position), taken.is_whole
        self._cache.keep(taken.states, taken.position)
        if taken.consumed is not None:
            self._consumed = taken.consumed
            self._on_taken()
        if taken.is_whole:  # else rows may change under a read model that catches up, and no fact says so
            self._rows.keep(taken.rows)
        return taken.results

    async def _transaction(self, batch: Sequence[Pending]) -> _Taken:
        taken = _Taken()
        records = [each for each in batch if isinstance(each, Consumed)]
        causes = [self._cause(each, each.envelope, each.event) for each in records if each.envelope and each.event]
        units = [each for each in batch if isinstance(each, Unit)]
        async with self._store.locked(_asked(units, records, causes, self._unknown(units))) as tx:
            point("flush.locked")
            seen = (tx.head.session, tx.head.incarnation, tx.head.read_models)
            if seen != self._seen or tx.head.position < self.position:
                self._forget()  # another connection may lead to a store that was set back, or was restored since
                self._seen, self.position, self._is_whole = seen, tx.head.position, False
            locked = await tx.locked_streams() if tx.head.streams_locked else frozenset()
            alone = tx.head.position == self.position
            if not alone:
                self._cache.doubt(tx.head.position)
            others_took = bool(records) and tx.standing.consumed != self._consumed
            if others_took or not (alone and self._is_whole):
                self._rows.clear()  # records change rows without a fact
            work = WorkingSet(
                tx,
                self._wiring,
                self._vault,
                self._cache,
                self._rows,
                moment=self._clock(),
                locked=locked,
                ahead=self._ahead,
            )
            await work.catch_up(nothing_missed=self._is_whole and alone)
            gate = await _Gate.open(tx, records)
            await work.prefetch(units, causes, is_late=_late(_AHEAD_SECONDS_MAX))
            is_late = _late(_SECONDS_MAX)
            for each in batch:
                taken.results.append(await self._take(work, gate, each))
                if is_late():
                    break
            written = await work.finish()
            written.checkpoints = gate.moves
            point("flush.decided")
            if not written.is_empty():
                await tx.write(written)
                pass_written(event.type for event in written.events)
            taken.is_current = work.is_current()
            taken.is_whole = work.is_whole()
            taken.states = work.states
            taken.rows = work.rows
            taken.consumed = gate.consumed_after() if records else None
            taken.position = work.position
            taken.head, taken.facts = tx.head, written.events
        return taken

    def _unknown(self, units: Sequence[Unit]) -> set[Stream]:
        """Return the streams of units of which this process knows nothing."""
        found: set[Stream] = set()
        for unit in units:
            with suppress(Exception):  # whatever it is shows again when the unit is decided
                found.update(stream for stream, _ in self._wiring.targets(unit.tenant_id, unit.commands))
        return self._cache.unknown(found)

    def _cause(self, record: Consumed, envelope: Envelope, event: Event) -> Cause:
        ids = [(how, next(reaction_ids(envelope.event_id, how.name))) for how in self._reactions(record)]
        return Cause(envelope, event, record.place != OWN, ids)

    def _reactions(self, record: Consumed) -> Sequence[Reaction[Any]]:
        reactions = self._wiring.own_reactions if record.place == OWN else self._wiring.foreign_reactions
        return reactions.get(type(record.event), ()) if record.event else ()

    async def _take(self, work: WorkingSet, gate: "_Gate", what: Pending) -> Result:
        if isinstance(what, Unit):
            return await self._decide(work, what)
        if what.released:
            return await self._release(work, gate, what, what.released)
        if gate.is_fenced(what):
            return Fenced()
        if what.envelope and gate.was_discarded(what.envelope):
            gate.move(what)
            return None
        cause = what.cause
        if what.envelope and gate.waits(what.place, what.offset, what.envelope):
            cause = cause or "waits-behind-its-key"
        if cause is None and what.envelope and what.event:
            try:
                cause = await self._handle(work, what, what.envelope, what.event)
            except Unavailable as error:  # the record is good: tried again later; the fence holds those behind it
                return error
        if cause is not None and what.envelope:
            await self._park(work, gate, what, what.envelope, cause)
        gate.move(what)
        return None

    async def _decide(self, work: WorkingSet, unit: Unit) -> Result:
        """Decide a unit, whole or not at all; a defect in it is its caller's alone."""
        mark = work.mark()
        try:
            return await work.decide(unit)
        except KnownError as error:
            work.undo(mark)
            return error
        except UnstorableValue:
            raise
        except Exception as error:  # noqa: BLE001 (a defect is its own callers' alone; it is logged)
            work.undo(mark)
            _LOG.exception("unit-not-decided", kind=type(error).__name__)
            return error

    async def _handle(self, work: WorkingSet, record: Consumed, envelope: Envelope, event: Event) -> str | None:
        """Fold and react to one record, whole or not at all; return why it could not be done.

        **Errors**: `Unavailable`: the database of the keys is away, say; that is no fault of the record.
        """
        mark = work.mark()
        try:
            if record.place != OWN:
                await work.fold_foreign(envelope, event)
            for reaction in self._reactions(record):
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

    async def _park(self, work: WorkingSet, gate: "_Gate", record: Consumed, envelope: Envelope, cause: str) -> None:
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
        await work.decide(_parking(envelope, fact))
        work.batch.parked.append(
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
        gate.park(record.place, record.offset, envelope)
        point("flush.parked")
        _LOG.warning("key-parked", topic=topic, partition=partition, offset=record.offset, cause=cause)

    async def _release(self, work: WorkingSet, gate: "_Gate", record: Consumed, row: Parked) -> Result:
        """Handle a parked record after all, or give it up; only the oldest of its key, and once."""
        key = (row.tenant_id, row.key)
        if gate.oldest.get(key) != (row.place, row.offset):
            return Fenced()
        del gate.oldest[key]  # what is the oldest after this one shows in the next transaction
        cause = record.cause
        if not record.discarded and cause is None and record.envelope and record.event:
            try:
                cause = await self._handle(work, record, record.envelope, record.event)
            except Unavailable as error:
                return error
        if cause is not None and not record.discarded:
            return StillNotHandled(cause)
        await work.decide(_unparking(record, row))
        work.batch.released.append((row.place, row.offset))
        if record.discarded:
            work.batch.discarded.append(row)
        return None


def _asked(
    units: Sequence[Unit], records: Sequence[Consumed], causes: Sequence[Cause], streams: Collection[Stream]
) -> AskedOfLock:
    """Return what a batch asks of the lock. **Shape**: of each reaction the id of the first fact that it adds."""
    return AskedOfLock(
        places=sorted({each.place for each in records}),
        keys=sorted({(each.envelope.tenant_id, each.envelope.key) for each in records if each.envelope}),
        event_ids=[first_id for each in causes for _, first_id in each.reactions],
        answers={each.answer_key for each in units if each.answer_key},
        streams=streams,
    )


def _late(seconds: float) -> Callable[[], bool]:
    """Return what says whether so much time has gone since now."""
    until = perf_counter() + seconds
    return lambda: perf_counter() > until


def _kind(what: Pending) -> str:
    return "command" if isinstance(what, Unit) else "record"


def _outcome(what: Pending, result: Result) -> str:
    """Return what came of a unit, in the words of the metrics; a record says no more than that it is in."""
    match result:
        case None:
            return TAKEN
        case Outcome():
            is_written = result.added and not (isinstance(what, Unit) and what.validate_only)
            return ADDED if is_written else NOTHING
        case Fenced() | Unavailable():
            return AWAY
        case KnownError():
            return REFUSED
        case _:
            return DEFECT


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


class _Gate:
    """What the lock shows about the partitions and keys of a batch's records."""

    def __init__(self, standing: Standing, oldest: dict[RowKey, tuple[Place, int]]) -> None:
        self.oldest = oldest
        self.moves: dict[Place, tuple[Checkpoint, Checkpoint]] = {}
        self._stored = standing.checkpoints
        self._consumed = standing.consumed
        self._parked = {key: dict(places) for key, places in standing.held_back.parked.items()}
        self._discarded = standing.held_back.discarded
        self._fenced: dict[Place, bool] = defaultdict(bool)

    @classmethod
    async def open(cls, tx: StoreTx, records: Sequence[Consumed]) -> "_Gate":
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
