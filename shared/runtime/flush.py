"""The one writer of a process: what is pending is decided under the lock of the store and written in one transaction.

Owns: order, batching, halving a batch that the database refuses, cutting one that takes long, answering after the
commit, how long states and rows are kept in memory. Refuses: rules, and several flushers in one process. Several
processes on one store are safe: the lock orders them, and what is decided is decided on what the lock shows
(docs/adr/0002). Next: `working_set.py` decides, `taking.py` takes records, `store_postgres.py` writes.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any, Final, TypeAlias

from msgspec import structs
from structlog import get_logger

from shared.events.envelope import Envelope
from shared.kernel.errors import KnownError, Malformed, Unavailable
from shared.runtime.ahead import Cause
from shared.runtime.failpoints import pass_written, point
from shared.runtime.keys import Vault
from shared.runtime.metrics import ADDED, AWAY, DEFECT, NOTHING, REFUSED, TAKEN, FlushMeter
from shared.runtime.missed import ReadingAhead
from shared.runtime.row_cache import RowCache
from shared.runtime.state_cache import StateCache
from shared.runtime.store import (
    AskedOfLock,
    Head,
    RowPlace,
    Store,
    StoreTx,
    StoreUnavailable,
    Stream,
    UnstorableValue,
)
from shared.runtime.taking import Consumed, Fenced, Gate, Taking, causes
from shared.runtime.unit import Outcome, Unit
from shared.runtime.wiring import Wiring
from shared.runtime.working_set import WorkingSet
from shared.runtime.written import Written

_LOG = get_logger("flush")
_AHEAD_SECONDS_MAX: Final = 1.0
_SECONDS_MAX: Final = 2.0
"""Of looking ahead and of deciding under the lock; what is left waits for the next transaction. Slow units, handed over
together, would else hold the lock until their session is ended for it, and begin again for ever."""


class Unstorable(Malformed):
    """The database cannot keep a value of this request, such as a NUL in a text."""

    slug = "unstorable-value"


class Overloaded(Unavailable):
    """More units wait than one process should promise: callers are pushed back, nothing is lost."""

    slug = "overloaded"


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
class _Flushed:
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
            flushed = await self._transaction(batch)
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
        self._meter.wrote(len(flushed.facts))
        if flushed.head and flushed.facts:
            self.written.add(flushed.head, flushed.facts)
        self.position, self._is_whole = max(self.position, flushed.position), flushed.is_whole
        self._cache.keep(flushed.states, flushed.position)
        if flushed.consumed is not None:
            self._consumed = flushed.consumed
            self._on_taken()
        if flushed.is_whole:  # else rows may change under a read model that catches up, and no fact says so
            self._rows.keep(flushed.rows)
        return flushed.results

    async def _transaction(self, batch: Sequence[Pending]) -> _Flushed:
        flushed = _Flushed()
        records = [each for each in batch if isinstance(each, Consumed)]
        caused = causes(self._wiring, records)
        units = [each for each in batch if isinstance(each, Unit)]
        async with self._store.locked(_asked(units, records, caused, self._unknown(units))) as tx:
            point("flush.locked")
            work = await self._on(tx, takes_records=bool(records))
            gate = await Gate.open(tx, records)
            taking = Taking(work, self._wiring, gate)
            await work.prefetch(units, caused, is_late=_late(_AHEAD_SECONDS_MAX))
            is_late = _late(_SECONDS_MAX)
            for each in batch:
                flushed.results.append(await (_decided(work, each) if isinstance(each, Unit) else taking.take(each)))
                if is_late():
                    break
            written = await work.finish()
            written.checkpoints = gate.moves
            point("flush.decided")
            if not written.is_empty():
                await tx.write(written)
                pass_written(event.type for event in written.events)
            flushed.is_current = work.is_current()
            flushed.is_whole = work.is_whole()
            flushed.states = work.states
            flushed.rows = work.rows
            flushed.consumed = gate.consumed_after() if records else None
            flushed.position = work.position
            flushed.head, flushed.facts = tx.head, written.events
        return flushed

    async def _on(self, tx: StoreTx, *, takes_records: bool) -> WorkingSet:
        """Forget what the lock shows to be over, and return what this flush works on, its read models caught up."""
        seen = (tx.head.session, tx.head.incarnation, tx.head.read_models)
        if seen != self._seen or tx.head.position < self.position:
            self._forget()  # another connection may lead to a store that was set back, or was restored since
            self._seen, self.position, self._is_whole = seen, tx.head.position, False
        alone = tx.head.position == self.position
        if not alone:
            self._cache.doubt(tx.head.position)
        others_took = takes_records and tx.standing.consumed != self._consumed
        if others_took or not (alone and self._is_whole):
            self._rows.clear()  # records change rows without a fact
        work = WorkingSet(
            tx,
            self._wiring,
            self._vault,
            self._cache,
            self._rows,
            moment=self._clock(),
            locked=await tx.locked_streams() if tx.head.streams_locked else frozenset(),
            ahead=self._ahead,
        )
        await work.catch_up(nothing_missed=self._is_whole and alone)
        return work

    def _unknown(self, units: Sequence[Unit]) -> set[Stream]:
        """Return the streams of units of which this process knows nothing."""
        found: set[Stream] = set()
        for unit in units:
            with suppress(Exception):  # whatever it is shows again when the unit is decided
                found.update(stream for stream, _ in self._wiring.targets(unit.tenant_id, unit.commands))
        return self._cache.unknown(found)


async def _decided(work: WorkingSet, unit: Unit) -> Result:
    """Decide a unit, whole or not at all; a defect in it is its caller's alone. **Errors**: `UnstorableValue`."""
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
