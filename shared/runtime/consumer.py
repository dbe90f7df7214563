"""From the log into the service: facts of others, and the service's own, become rows and commands.

Owns: reading from stored offsets, dropping repeats, noticing gaps, handing records to the flusher in order. Refuses:
skipping a gap: the partition waits, says both positions, and goes on when the missing records are sent again; the
others go on meanwhile.
Next: `taking.py` fences and parks, `worker.py` says which partitions this process has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from msgspec.structs import replace
from structlog import get_logger

from shared.events.envelope import Envelope, Event
from shared.events.registry import UnknownVersion
from shared.kernel.errors import Unavailable
from shared.runtime.clock import now
from shared.runtime.engine import Engine
from shared.runtime.failpoints import point
from shared.runtime.keys import Vault
from shared.runtime.listening import LOOK_SECONDS
from shared.runtime.log import RECORD_BYTES_MAX, Fetched, Log, Reader
from shared.runtime.metrics import CONSUMED, CONSUMER_LAG, SKIPPED, STOPPED
from shared.runtime.store import OWN, Checkpoint, Place
from shared.runtime.taking import Consumed, Fenced
from shared.runtime.topics import following
from shared.runtime.tracing import consuming
from shared.runtime.wire import Arrived, Standing, arrived_if

Read: TypeAlias = tuple[int, Standing | None]
"""What counts of a record: its offset, and its fact, None where it is not one of ours."""

_LOG = get_logger("consumer")
_ONE_BY_ONE_FROM = 2


@dataclass(slots=True)
class _Partition:
    """Where this process stands in a partition.

    **Shape**: `read` is ahead of what is committed by at most one batch; `recorded_at` of the newest fact of it. With a
    `gap` it waits for the records in between; where it `is_diverged`, for a person: what it read is not what follows.
    """

    read: Checkpoint
    recorded_at: datetime | None = None
    attempts: int = 0
    counted: bool = False
    gap: tuple[int, int] | None = None
    is_diverged: bool = False


class Consumer:
    """One service's reader of topics, over the partitions that it was given."""

    def __init__(self, engine: Engine, log: Log) -> None:
        self._engine = engine
        self._log = log
        self._partitions: dict[Place, _Partition] = {}
        self._wanted = {event.__name__ for event in (*engine.wiring.foreign, *engine.wiring.foreign_reactions)}

    async def run(self, places: Sequence[Place]) -> None:
        """Consume partitions for ever. **Errors**: as `run_with`."""
        async with self._log.reader() as reader:
            await self.run_with(reader, places)

    async def run_with(self, reader: Reader, places: Sequence[Place]) -> None:
        """Consume partitions for ever, with a reader that may have had others before.

        **Errors**: `LogUnavailable`, `StoreUnavailable`: start again with a new reader; `OffsetGone`: stop.
        """
        size = self._engine.service.settings.poll_size
        try:
            await self._seek(reader, places)
            while True:
                found = await reader.fetch_as(self.read, records_max=size, seconds=1)
                if found and not await self.take(found):
                    await self._seek(reader, places)
                self._tell_lag(found)
        finally:
            self._let_go()

    def _let_go(self) -> None:
        """Tell nothing more of partitions that another process may read from now on."""
        for place, partition in self._partitions.items():
            CONSUMER_LAG.labels(self._engine.service.name, place[0], str(place[1])).set(0)
            self._go_on(place, partition)

    async def _seek(self, reader: Reader, places: Sequence[Place]) -> None:
        """Start at the stored offsets."""
        self._let_go()
        for place in places:
            self._partitions[place] = _Partition(await self._engine.store.checkpoint(place))
        await reader.assign({place: self._partitions[place].read.next_offset for place in places})

    def read(self, record: Fetched) -> Read:
        """Return what counts of a record."""
        return record.offset, arrived_if(self._wanted, record)

    async def take(self, found: Mapping[Place, Sequence[Read]]) -> bool:
        """Hand records over; return whether all are in, else the partitions are to be sought anew.

        Where one partition was tried before in vain, each goes alone: none of the others is to blame.
        """
        alone = any(self._was_tried(place) for place in found)
        for some in [{place: read} for place, read in found.items()] if alone else [found]:
            if not await self._take(some):
                return False
        return True

    async def _take(self, found: Mapping[Place, Sequence[Read]]) -> bool:
        records: list[Consumed] = []
        for place, read in found.items():
            records += await self._counted(place, await self._records(place, read))
        point("consumer.read")
        cautious = any(self._partitions[place].attempts >= _ONE_BY_ONE_FROM for place in found)
        with consuming(self._engine.service.name, ((r.place, r.offset, r.envelope) for r in records if r.envelope)):
            for some in [[record] for record in records] if cautious else [records]:
                for result in await self._engine.consume(some):
                    if isinstance(result, Fenced):
                        point("consumer.fenced")
                        return False
                    if isinstance(result, Unavailable):
                        await self._forgive(found)
                    if isinstance(result, Exception):
                        raise result
        for place, read in found.items():
            self._partitions[place].attempts = 0
            CONSUMED.labels(self._engine.service.name, place[0]).inc(len(read))
        point("consumer.taken")
        return True

    def _was_tried(self, place: Place) -> bool:
        """Return whether a try of what comes next was counted and never came to its end."""
        partition = self._partitions[place]
        return partition.attempts >= _ONE_BY_ONE_FROM or (not partition.counted and partition.read.attempts > 0)

    def _tell_lag(self, found: Mapping[Place, Sequence[Read]]) -> None:
        """Say how old is what was taken last, where there is more to take; once for each fetch, not for each record."""
        moment = now()
        for (topic, number), partition in self._partitions.items():
            is_behind = partition.recorded_at and (partition.gap or (topic, number) in found)
            seconds = (moment - partition.recorded_at).total_seconds() if is_behind and partition.recorded_at else 0.0
            CONSUMER_LAG.labels(self._engine.service.name, topic, str(number)).set(max(seconds, 0.0))

    async def _forgive(self, places: Iterable[Place]) -> None:
        for place in places:
            if self._partitions[place].counted:
                await self._engine.store.forgive(place)

    async def _counted(self, place: Place, records: list[Consumed]) -> list[Consumed]:
        """Count the first try after a start, before it is made: what ends the process must not be tried for ever."""
        partition = self._partitions[place]
        if records and not partition.counted:
            partition.counted = True
            partition.attempts = await self._engine.store.attempt(place)
            if partition.attempts > self._engine.service.settings.record_attempts_max and records[0].envelope:
                records[0] = replace(records[0], event=None, cause="attempts-exceeded")
        return records

    async def _records(self, place: Place, read: Sequence[Read]) -> list[Consumed]:
        partition = self._partitions[place]
        await self._engine.vault.prepare_to_open([fact.envelope for _, fact in read if isinstance(fact, Arrived)])
        records: list[Consumed] = []
        for offset, fact in read:
            taken = fact
            if fact is None:
                SKIPPED.labels(self._engine.service.name).inc()
                _LOG.warning("not-our-record", topic=place[0], partition=place[1], offset=offset)
                if partition.gap is not None:
                    continue  # the stored offset stays before the gap
                moved = replace(partition.read, next_offset=offset + 1, attempts=0)
            else:
                leads = self._leads(place, partition, fact)
                if leads is None or (leads is partition.read and partition.gap is not None):
                    continue
                if fact.type not in self._engine.vault.registry.events:
                    SKIPPED.labels(self._engine.service.name).inc()
                moved = replace(leads, next_offset=offset + 1, attempts=0)
                partition.recorded_at = fact.recorded_at
                if leads is partition.read:
                    taken = None  # a repeat: nothing but the stored offset moves
            self._add(records, place, offset, taken, moved)
        return records

    def _leads(self, place: Place, partition: _Partition, fact: Standing) -> Checkpoint | None:
        """Return where a record leads, None while it cannot be taken."""
        read = partition.read
        if partition.is_diverged:
            return None  # a later record may fit by its positions alone
        leads = following(read, fact)
        if leads is read:
            return read  # a repeat, or news from before a restore
        if leads is None:
            is_restored = fact.store_id == read.store_id and fact.incarnation > read.incarnation
            partition.is_diverged = is_restored and fact.previous_position < read.position  # else records are missing
            self._stop(place, partition, 0 if fact.store_id != read.store_id else read.position, fact.previous_position)
            return None
        if partition.gap is not None:
            self._go_on(place, partition)
            _LOG.info("gap-closed", topic=place[0], partition=place[1], position=leads.position)
        return leads

    def _go_on(self, place: Place, partition: _Partition) -> None:
        if partition.gap is not None:
            partition.gap = None
            self._engine.stopped.pop(f"{place[0]}/{place[1]}", None)
            STOPPED.labels(self._engine.service.name, place[0], str(place[1])).set(0)

    def _stop(self, place: Place, partition: _Partition, expected: int, found: int) -> None:
        if partition.gap is None or partition.is_diverged:
            partition.gap = (expected, found)
            why = "diverged" if partition.is_diverged else "gap"  # a restored store went on from another fact
            self._engine.stopped[f"{place[0]}/{place[1]}"] = f"{why}: expected {expected}, found {found}"
            STOPPED.labels(self._engine.service.name, place[0], str(place[1])).set(1)
            _LOG.error(why, topic=place[0], partition=place[1], expected=expected, found=found)

    def _add(
        self, records: list[Consumed], place: Place, offset: int, fact: Standing | None, moved: Checkpoint
    ) -> None:
        partition = self._partitions[place]
        envelope = fact.envelope if isinstance(fact, Arrived) else None
        event, cause = opened(self._engine.vault, envelope) if envelope else (None, None)
        made = Consumed(
            place=place,
            offset=offset,
            read_from=partition.read,
            moved=moved,
            envelope=envelope,
            event=event,
            cause=cause,
        )
        if records and envelope is None and records[-1].envelope is None and records[-1].place == place:
            records[-1] = replace(records[-1], moved=moved)  # nothing but the checkpoint moves: once is enough
        else:
            records.append(made)
        partition.read = moved

    @property
    def gaps(self) -> Mapping[Place, tuple[int, int]]:
        """Return the partitions that wait for missing records: the position that is expected, and the one found."""
        return {place: each.gap for place, each in self._partitions.items() if each.gap}


def opened(vault: Vault, envelope: Envelope) -> tuple[Event | None, str | None]:
    """Return the event of a record, or why it cannot be read. **Errors**: `Unavailable`: it cannot be read now."""
    if len(envelope.data) > RECORD_BYTES_MAX:
        return None, "record-too-large"  # nobody of ours publishes it, and a row of it would be too large for ever
    try:
        return vault.open(envelope), None
    except UnknownVersion:
        return None, "unknown-version"
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 (whatever is wrong with the bytes, their key parks)
        return None, type(error).__name__


class OwnFacts:
    """The service's own facts, from its store, or as this process wrote them: reactions go on when the log is away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._types = sorted(event.__name__ for event in engine.wiring.own_reactions)
        self._lag = CONSUMER_LAG.labels(engine.service.name, OWN[0], str(OWN[1]))

    async def run(self) -> None:
        """React for ever. **Errors**: `StoreUnavailable`: start again."""
        store = self._engine.store
        self._engine.written.forget()  # the store may have been set back since
        checkpoint = await store.checkpoint(OWN)
        attempts, counted = checkpoint.attempts + 1, False
        seen = checkpoint.position
        while self._types:
            head = await store.wait_for_facts(seen, seconds=LOOK_SECONDS, types=self._types)
            size = 1 if attempts >= _ONE_BY_ONE_FROM else self._engine.service.settings.poll_size
            found = self._handed(seen, head)[:size] or await store.events(
                checkpoint.position, types=self._types, events_max=size
            )
            if not found:
                checkpoint = await self._engine.pass_over(OWN, checkpoint, self._types, heard=head)
                seen = max(head, checkpoint.position)
                self._lag.set(0)
                continue
            if not counted:
                attempts, counted = await store.attempt(OWN), True
            point("own.read")
            records = await self._records(checkpoint, found, attempts)
            results = await self._engine.consume(records)
            failed = next((each for each in results if isinstance(each, Exception)), None)
            if isinstance(failed, Unavailable):
                await store.forgive(OWN)
            if failed is not None and not isinstance(failed, Fenced):
                raise failed
            attempts = 0
            self._lag.set(max((now() - found[-1].recorded_at).total_seconds(), 0.0))
            checkpoint = records[-1].moved if failed is None else await store.checkpoint(OWN)
            seen = checkpoint.position if failed or len(found) == size else max(head, checkpoint.position)

    def _handed(self, seen: int, head: int) -> list[Envelope]:
        """Return what this process wrote after a position; nothing where it did not write all up to the head."""
        facts = self._engine.written.after(seen)
        return [each for each in facts if each.type in self._types] if facts and facts[-1].position >= head else []

    async def _records(self, checkpoint: Checkpoint, found: Sequence[Envelope], attempts: int) -> list[Consumed]:
        records: list[Consumed] = []
        exceeded = attempts > self._engine.service.settings.record_attempts_max
        await self._engine.vault.prepare_to_open(found)
        for envelope in found:
            event, cause = opened(self._engine.vault, envelope)
            moved = replace(checkpoint, next_offset=envelope.position, position=envelope.position, attempts=0)
            if exceeded and not records:
                cause = "attempts-exceeded"
            records.append(
                Consumed(
                    place=OWN,
                    offset=envelope.position,
                    read_from=checkpoint,
                    moved=moved,
                    envelope=envelope,
                    event=None if cause else event,
                    cause=cause,
                )
            )
            checkpoint = moved
        return records
