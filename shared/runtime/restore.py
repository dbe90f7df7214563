"""A lost or rewound store, rebuilt from its own two topics.

Owns: proving what the store has, appending what was published behind it, telling what is lost for good. Everything that
was published comes back as it was: positions, versions, ids, names, hashes, parking. Refuses: writing where the store
went another way, altering a stored fact, declaring positions lost unasked. Effects are held afterwards.
What a restore keeps, loses and locks: docs/adr/0010. Next: `losses.py`, `topics.py`; `store_postgres_tx.py` writes.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Final, Literal, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from msgspec import json, structs

from shared.events.envelope import Actor, Envelope, link
from shared.kernel.errors import Rejected
from shared.runtime.clock import now
from shared.runtime.engine import Engine
from shared.runtime.failpoints import point
from shared.runtime.locks import JOBS, PING_SECONDS, Locks
from shared.runtime.log import Log, partition_of, topic_of
from shared.runtime.losses import PositionLost, follows, next_link
from shared.runtime.parking import KeyParked, KeyReleased, ParkingEvent, RecordDiscarded
from shared.runtime.progress import Progress
from shared.runtime.store import OWN, Batch, Head, Parked, Place, Restoration, Stream
from shared.runtime.topics import last_fact, merged, own_topics, place_of
from shared.runtime.wire import arrived
from shared.runtime.wiring import RUNTIME_EVENTS

LISTED_MAX: Final = 1_000
_CHUNK: Final = 2_000
_MARKERS_MAX: Final = 1_000
_ACTOR: Final = Actor(kind="service", id="restore")
_FILE: Final = re.compile(rb'"(?:file|note)_sha256":"([0-9a-f]{64})"')
_PARKING: Final[Mapping[str, type[ParkingEvent]]] = {
    each.__name__: each for each in (KeyParked, KeyReleased, RecordDiscarded)
}
NOT_ON_TOPICS: Final = (
    "idempotency keys: a request that is repeated under a key from the restored time is decided anew",
    "number sequences: each goes on 1,000 above the highest number that is known",
    "checkpoints: kept as they are; what is read again has no second effect",
    "files and keys: they have backups of their own",
)

Outcome: TypeAlias = Literal["nothing-to-restore", "would-restore", "restored", "diverged", "positions-lost"]


class WorkersRunning(Rejected):
    """A worker of this service still runs."""

    slug = "workers-running"


class TopicsDamaged(Rejected):
    """The topics contradict themselves: two stores, or a fact that does not follow from the one before it."""

    slug = "topics-damaged"


class StoreMovedOn(Rejected):
    """Somebody wrote while the store was compared with its topics."""

    slug = "store-moved-on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a restore did or would do. **Shape**: lists have at most `LISTED_MAX` entries, counts count all."""

    outcome: Outcome
    position_before: int
    position: int
    incarnation: int
    facts: int = 0
    lost_count: int = 0
    lost: tuple[int, ...] = ()
    locked_streams: tuple[tuple[str, str], ...] = ()
    files_missing_count: int = 0
    files_missing: tuple[tuple[str, str], ...] = ()
    first_differing_position: int | None = None
    would_be_lost_count: int = 0
    would_be_lost: tuple[tuple[int, str], ...] = ()
    not_on_topics: tuple[str, ...] = ()
    next: str = ""


@dataclass(slots=True, kw_only=True)
class _Survey:
    """What the topics say, read once before anything is written."""

    head: Head
    store_id: str = ""
    incarnation: int = 0
    facts: int = 0
    proof: Envelope | None = None  # the last published fact that the store should have
    last: Envelope | None = None  # the last published fact
    whole: int = 0  # every position up to here was published
    differs: bool = False
    lost: list[int] = field(default_factory=list)
    tails: dict[Place, int] = field(default_factory=dict)
    began: dict[Place, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    files: set[tuple[str, str]] = field(default_factory=set)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    unproven: bool = False  # whether neither the fact at the head nor the next one was published
    versions: dict[Stream, int] = field(default_factory=dict)  # then: the first published one of each stream behind it

    @property
    def highest(self) -> int:
        """Return the highest position that was published."""
        return self.last.position if self.last else 0


async def restore(engine: Engine, log: Log, progress: Progress, *, dry_run: bool, accept_losses: bool) -> Report:
    """Bring a store up to what its topics hold, or say why not; an interrupted one goes on where it was.

    **Errors**: `WorkersRunning`, `TopicsDamaged`, `StoreMovedOn`; `StoreUnavailable`, `LogUnavailable`: run it again.
    """
    if dry_run:
        return await _restored(engine, log, progress, dry_run=True, accept_losses=accept_losses)
    async with _alone(engine):
        return await _restored(engine, log, progress, dry_run=False, accept_losses=accept_losses)


@asynccontextmanager
async def _alone(engine: Engine) -> AsyncIterator[None]:
    """Hold the locks of a worker's jobs while the block runs, or until their connection breaks.

    Without them the mark `restoring` still keeps writers out. **Errors**: `WorkersRunning`.
    """
    async with Locks.open(engine.service.settings.database_url) as locks:
        if await locks.take(JOBS) != frozenset(JOBS):
            raise WorkersRunning("a worker of this service still runs; stop it, then restore again")
        held = asyncio.create_task(_held(locks))
        try:
            yield
        finally:
            held.cancel()


async def _held(locks: Locks) -> None:
    while True:
        await locks.take(())
        await asyncio.sleep(PING_SECONDS)


async def _restored(engine: Engine, log: Log, progress: Progress, *, dry_run: bool, accept_losses: bool) -> Report:
    survey = await _surveyed(engine, log, progress)
    if survey.differs:
        return await _diverged(engine, log, survey)
    if survey.highest <= survey.head.position and not survey.head.restoring:
        return _report(survey, "nothing-to-restore", (), "start the worker: it publishes what the topics lack")
    missing = await _files_missing(engine, survey)
    if dry_run:
        return _report(survey, "would-restore", missing, "run it again without --dry-run")
    if survey.lost and not accept_losses:
        said = "restore a newer copy of the database first; or say --yes, and these positions are told as lost for good"
        return _report(survey, "positions-lost", missing, said)
    await _append(engine, log, survey, progress)
    locked = tuple((await engine.store.locked_streams())[:LISTED_MAX])
    said = "start the worker; look at what the other side has seen (`claimlog effects list`), then `effects resume`"
    return replace(_report(survey, "restored", missing, said), locked_streams=locked)


# -- comparing -------------------------------------------------------------------------------------------------------


async def _surveyed(engine: Engine, log: Log, progress: Progress) -> _Survey:
    """Read the topics once. **Errors**: `TopicsDamaged`."""
    survey = _Survey(head=await engine.store.head())
    topics, partitions = own_topics(engine), engine.service.settings.topic_partitions
    total = await _newest(log, topics)
    async with aclosing(merged(log, topics)) as facts:
        async for fact in facts:
            if survey.store_id and fact.store_id != survey.store_id:
                raise TopicsDamaged("the topics hold facts of two stores; restore from a backup of the database")
            survey.store_id = fact.store_id
            survey.incarnation = max(survey.incarnation, fact.incarnation)
            envelope = fact.envelope
            if envelope.position <= survey.head.position:
                survey.proof = envelope
                if survey.head.restoring:  # a run that was ended wrote it; numbers and files are told of at the end
                    _note(engine, survey, envelope)
            else:
                if survey.highest <= survey.head.position and not await _proves(engine, survey, envelope):
                    survey.differs = True
                    return survey
                _take(engine, survey, envelope)
            survey.last = envelope
            place = place_of(envelope, topics, partitions)
            survey.began[place].setdefault(fact.incarnation, survey.tails.get(place, 0))
            survey.tails[place] = envelope.position
            survey.whole += envelope.position == survey.whole + 1
            if envelope.position % _CHUNK == 0:
                progress("compared", envelope.position, total)
    if survey.highest <= survey.head.position:
        survey.differs = not await _is_stored(engine, survey.proof)
    elif survey.last is not None:
        survey.lost += range(survey.highest + 1, survey.last.unit_last + 1)
        survey.differs = await _is_taken(engine, survey)
    return survey


async def _newest(log: Log, topics: Sequence[str]) -> int:
    """Return the newest position at the end of a partition, for a bar that knows where it ends."""
    places = [(topic, partition) for topic in topics for partition in range(await log.partitions(topic))]
    facts = [await last_fact(log, place) for place in places]
    return max((fact.envelope.position for fact in facts if fact), default=0)


def _take(engine: Engine, survey: _Survey, envelope: Envelope) -> None:
    """Note what a fact behind the store's head brings, and the positions before it that no topic has."""
    if survey.highest == envelope.position - 1 and not follows(survey.last, envelope):
        raise TopicsDamaged("a published fact does not follow from the one before it; restore from a backup")
    survey.lost += range(max(survey.highest, survey.head.position) + 1, envelope.position)
    survey.facts += 1
    if survey.unproven:
        survey.versions.setdefault((envelope.tenant_id, envelope.stream), envelope.version)
    _note(engine, survey, envelope)


def _note(engine: Engine, survey: _Survey, envelope: Envelope) -> None:
    """Note which files a fact names, and which number of a sequence it says was given out."""
    survey.files.update((envelope.tenant_id, each.decode()) for each in _FILE.findall(envelope.data))
    for event_class, numbered in engine.service.numbered.items():
        event = engine.vault.open(envelope) if envelope.type == event_class.__name__ else None
        if event is not None:
            sequence, number = numbered(event)
            key = (envelope.tenant_id, sequence)
            survey.numbers[key] = max(number, survey.numbers.get(key, 0))


async def _proves(engine: Engine, survey: _Survey, first: Envelope) -> bool:
    """Return whether the first published fact behind the store's head goes on from what the store has.

    The chain hash of one fact covers all before it. Where the fact at the head was not published, the next one must
    follow from it; where that is missing too, it must at least not be of a unit that the store should have, and no
    version that was published may be taken.
    """
    head = survey.head.position
    if not await _is_stored(engine, survey.proof):
        return False
    if head and survey.store_id != survey.head.store_id:
        return False
    if head == 0 or (survey.proof is not None and survey.proof.position == head):
        return True
    if first.position == head + 1:
        (at_head,) = await engine.store.events(head - 1, events_max=1)
        return follows(at_head, first)
    survey.unproven = True
    return first.unit_first > head


async def _is_taken(engine: Engine, survey: _Survey) -> bool:
    """Return whether facts of an unproven tail took versions that were published behind it: another history."""
    if not survey.versions:
        return False
    async with engine.store.locked(restoring=True) as tx:
        return bool(await tx.events_after({stream: version - 1 for stream, version in survey.versions.items()}))


async def _is_stored(engine: Engine, published: Envelope | None) -> bool:
    if published is None:
        return True
    stored = await engine.store.events(published.position - 1, events_max=1)
    return bool(stored) and stored[0].chain_hash == published.chain_hash


async def _diverged(engine: Engine, log: Log, survey: _Survey) -> Report:
    """Say where the store went another way, and what of it would be lost."""
    first = await _first_difference(engine, log, survey.head)
    facts = await engine.store.events(first - 1, events_max=LISTED_MAX)
    return replace(
        _report(survey, "diverged", (), "restore into an empty database; what would be lost is listed"),
        facts=0,
        first_differing_position=first,
        would_be_lost_count=survey.head.position - first + 1,
        would_be_lost=tuple((each.position, each.type) for each in facts),
    )


async def _first_difference(engine: Engine, log: Log, head: Head) -> int:
    """Return the position behind the last one where store and topics agree."""
    agreed = 0
    stored: dict[int, bytes] = {}
    async with aclosing(merged(log, own_topics(engine))) as facts:
        async for fact in facts:
            position = fact.envelope.position
            if position > head.position:
                break
            if position not in stored:
                found = await engine.store.events(position - 1, events_max=_CHUNK)
                stored = {each.position: each.chain_hash for each in found}
            if stored.get(position) != fact.envelope.chain_hash:
                break
            agreed = position
    return agreed + 1


# -- writing ---------------------------------------------------------------------------------------------------------


async def _append(engine: Engine, log: Log, survey: _Survey, progress: Progress) -> None:
    """Write what was published behind the store's head, in chunks; the last one ends the restore."""
    async with engine.store.locked(restoring=True) as tx:
        if (tx.head.position, tx.head.chain_hash) != (survey.head.position, survey.head.chain_hash):
            raise StoreMovedOn("somebody wrote to the store; stop all its processes, then restore again")
        await tx.begin_restore(survey.store_id)
    point("restore.begun")
    chunk: list[Envelope] = []
    async for envelope in _missing(engine, log, survey):
        chunk.append(envelope)
        if len(chunk) >= engine.service.settings.flush_events_max and envelope.type != PositionLost.__name__:
            await _write(engine, log, chunk, None)
            point("restore.chunk")
            progress("restored", envelope.position, survey.highest)
            chunk = []
    incarnation = max(survey.incarnation, survey.head.incarnation) + 1
    ended = Restoration(
        incarnation=incarnation,
        relayed=survey.whole,
        sent=survey.tails,
        began={place: {**survey.began[place], incarnation: tail} for place, tail in survey.tails.items()},
        numbers=survey.numbers,
        unit_events_max=engine.service.settings.unit_events_max,
        never_locked=[each.__name__ for each in RUNTIME_EVENTS],
    )
    await _write(engine, log, chunk, ended)
    point("restore.ended")
    progress("restored", survey.highest, survey.highest)


async def _write(engine: Engine, log: Log, chunk: Sequence[Envelope], ended: Restoration | None) -> None:
    batch = Batch(events=list(chunk))
    for envelope in chunk:
        for kind, hmac in envelope.names:
            batch.names[envelope.tenant_id, kind, hmac] = envelope.stream
    await _take_parking(log, chunk, batch)
    async with engine.store.locked(restoring=True) as tx:
        if not tx.head.restoring or (chunk and tx.head.position != chunk[0].position - 1):
            raise StoreMovedOn("somebody wrote to the store; stop all its processes, then restore again")
        if chunk:
            await tx.write(batch)
        if ended is not None:
            await tx.end_restore(ended)


async def _take_parking(log: Log, chunk: Sequence[Envelope], batch: Batch) -> None:
    """Take into a batch what facts say of parked records: the last word on each counts."""
    last: dict[tuple[Place, int], tuple[Envelope, ParkingEvent]] = {}
    for envelope in chunk:
        if envelope.type in _PARKING:
            fact = json.decode(envelope.data, type=_PARKING[envelope.type])
            last[(fact.topic, fact.partition), fact.offset] = (envelope, fact)
    for (place, offset), (envelope, fact) in last.items():
        row = Parked(
            tenant_id=envelope.tenant_id,
            key=fact.parked_key,
            place=place,
            offset=offset,
            position=await _position_of(log, place, offset),
            event_id=envelope.causation_id or "",
            cause=fact.cause if isinstance(fact, KeyParked) else "",
            parked_at=fact.parked_at if isinstance(fact, KeyParked) else None,
        )
        if isinstance(fact, KeyParked):
            batch.parked.append(row)
        else:
            batch.released.append((place, offset))
        if isinstance(fact, RecordDiscarded):
            batch.discarded.append(row)


async def _position_of(log: Log, place: Place, offset: int) -> int:
    """Return the position of a parked record in the store that it came from, 0 where the log lost it."""
    if place == OWN:
        return offset
    record = await log.record(place, offset)
    fact = arrived(record) if record else None
    return fact.envelope.position if fact else 0


async def _missing(engine: Engine, log: Log, survey: _Survey) -> AsyncIterator[Envelope]:
    """Yield what the store lacks in order: published facts, and a told loss for each position that no topic has."""
    head = survey.head.position
    last = next(iter(await engine.store.events(head - 1, events_max=1) if head else ()), None)
    async with aclosing(merged(log, own_topics(engine))) as facts:
        async for fact in facts:
            if fact.envelope.position > survey.highest:
                break
            if fact.envelope.position > head:
                for lost in _told(engine, survey, last, fact.envelope, fact.envelope.position):
                    yield lost
                last = fact.envelope
                yield last
    if last is not None:
        for lost in _told(engine, survey, last, last, last.unit_last + 1):
            yield lost


def _told(engine: Engine, survey: _Survey, before: Envelope | None, beside: Envelope, end: int) -> Iterator[Envelope]:
    """Yield a told loss for each position from behind a fact to an end; their tenant is that of the fact beside."""
    for position in range((before.position if before else 0) + 1, end):
        before = _loss(engine, survey, before, beside, position)
        yield before


def _loss(engine: Engine, survey: _Survey, before: Envelope | None, beside: Envelope, position: int) -> Envelope:
    marker, public = _marker(engine, survey, position)
    event_id = str(uuid5(NAMESPACE_URL, f"{survey.store_id}/lost/{position}"))
    link_behind = next_link(beside) if beside.position == position + 1 else ""
    fact = PositionLost(marker=marker, position=position, next_link=link_behind, lost_at=now())
    told = Envelope(
        position=position,
        tenant_id=beside.tenant_id,
        stream=f"lost-{position}",
        version=1,
        event_id=event_id,
        type=PositionLost.__name__,
        schema_version=PositionLost.schema_version,
        key=marker,
        public=public,
        occurred_at=fact.lost_at,
        recorded_at=(before or beside).recorded_at,  # never goes back, and those behind have theirs already
        actor=_ACTOR,
        correlation_id=event_id,
        causation_id=None,
        unit_first=position,
        unit_last=position,
        names=(),
        chain_hash=b"",
        data=json.encode(fact),
    )
    return structs.replace(told, chain_hash=link(before.chain_hash if before else bytes(32), told))


def _marker(engine: Engine, survey: _Survey, position: int) -> tuple[str, bool]:
    """Return a record key, and whether in the public topic, that a partition takes in order: its end lies before."""
    settings = engine.service.settings
    for public, n in product((False, True), range(_MARKERS_MAX)):
        marker = f"lost-{position}-{n}"
        topic = topic_of(settings.topic_prefix, engine.service.name, public=public)
        if survey.tails.get((topic, partition_of(marker, settings.topic_partitions)), 0) < position:
            return marker, public
    raise TopicsDamaged("no partition ends before a lost position; restore from a backup of the database")


# -- saying ----------------------------------------------------------------------------------------------------------


async def _files_missing(engine: Engine, survey: _Survey) -> tuple[tuple[str, str], ...]:
    """Return tenant and hash of files that facts name and the store lacks; some were never kept, being others'."""
    stored = {(tenant_id, sha256) for tenant_id, sha256, _ in await engine.store.files(0)}
    return tuple(sorted(survey.files - stored))


def _report(survey: _Survey, outcome: Outcome, missing: Sequence[tuple[str, str]], what_next: str) -> Report:
    position = max(survey.head.position, survey.highest, *survey.lost[-1:])
    writes = outcome in {"restored", "would-restore"}
    return Report(
        outcome=outcome,
        position_before=survey.head.position,
        position=position if writes else survey.head.position,
        incarnation=max(survey.incarnation, survey.head.incarnation) + writes,
        facts=survey.facts,
        lost_count=len(survey.lost),
        lost=tuple(survey.lost[:LISTED_MAX]),
        files_missing_count=len(missing),
        files_missing=tuple(missing[:LISTED_MAX]),
        not_on_topics=NOT_ON_TOPICS if writes else (),
        next=what_next,
    )
