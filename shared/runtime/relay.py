"""From the store to the log: every fact once, in order, with the position of the one before it in its partition.

Owns: publishing, the proof that store and topics agree, going on after a crash. One leader per store. Refuses:
skipping: where store and topics differ it stops and names `claimlog restore`. It looks again before each batch, whose
facts must follow, hash by hash, from the last one that it published: a relay that outlives a restore publishes nothing,
and no altered byte leaves. What a partition has is read from the log itself at the start, so that a crash between
publishing and the checkpoint sends nothing twice that is known to be there; what arrives late all the same, a consumer
drops by its position.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from time import monotonic

from structlog import get_logger

from shared.events.envelope import Envelope
from shared.kernel.errors import Unavailable
from shared.runtime.engine import Engine
from shared.runtime.failpoints import point
from shared.runtime.listening import LOOK_SECONDS
from shared.runtime.log import Log, Publisher, Record
from shared.runtime.losses import follows
from shared.runtime.metrics import RELAYED
from shared.runtime.store import Began, Head, Place
from shared.runtime.topics import incarnation_of, last_fact, own_topics, place_of
from shared.runtime.wire import to_record

_LOG = get_logger("relay")
_EVENTS_MAX = 2_000
_REMEMBER_SECONDS = 0.2  # each round anew, it was half of what a round asks of the database


class StoreAndTopicsDiffer(Unavailable):
    """The topics hold facts that the store does not have, or others at their place: the store was set back."""

    slug = "store-and-topics-differ"


class StoreRestored(Unavailable):
    """The store was restored while this relay led: what it knows of partitions may be wrong, so it starts anew."""

    slug = "store-restored"


class Relay:
    """The publisher of one store, while it leads."""

    def __init__(self, engine: Engine, log: Log) -> None:
        settings = engine.service.settings
        name = engine.service.name
        self._engine = engine
        self._log = log
        self._partitions = settings.topic_partitions
        self.topics = own_topics(engine)
        self._sent: dict[Place, int] = {}
        self._position = 0
        self._remembered = 0  # how far the checkpoint is, what was sent since, and when that was written
        self._unremembered: dict[Place, int] = {}
        self._remembered_at = 0.0
        self._relayed = RELAYED.labels(name)
        self._ahead: Sequence[Envelope] = ()
        self._last: Envelope | None = None  # the fact at that position: the next one follows from it
        self._incarnation = 0
        self._began: Began = {}

    async def run(self) -> None:
        """Publish for ever.

        **Errors**: `LogUnavailable`, `StoreUnavailable`, `StoreRestored`: start again; `StoreAndTopicsDiffer`: stop.
        """
        settings = self._engine.service.settings
        await self._log.ensure_topics(
            self.topics, partitions=settings.topic_partitions, replicas=settings.topic_replicas
        )
        await self._find_place()
        point("relay.proved")
        async with self._log.publisher() as publisher:
            while True:
                seconds = _REMEMBER_SECONDS if self._is_ahead() else LOOK_SECONDS
                await self._engine.store.wait_for_facts(self._position, seconds=seconds)
                is_more = await self.publish_next(publisher)
                is_time = not is_more or monotonic() - self._remembered_at >= _REMEMBER_SECONDS
                if is_time and self._is_ahead():
                    await self._remember()

    async def _find_place(self) -> None:
        """Compare the newest record of each partition with the store, and go on where the furthest behind stands."""
        head = await self._engine.store.head()
        self._engine.written.forget()  # from here on it has facts of this incarnation alone
        position, relayed = await self._engine.store.relayed()
        places = [(topic, partition) for topic in self.topics for partition in range(self._partitions)]
        newest: Envelope | None = None
        for place in places:
            found = await last_fact(self._log, place)
            self._sent[place] = found.envelope.position if found else 0
            if found and (newest is None or found.envelope.position > newest.position):
                newest = found.envelope
        if newest is not None:
            await self._prove(newest, head)
        await self._engine.store.settle_here()
        behind = [self._sent[place] for place in places if self._sent[place] < relayed.get(place, 0)]
        self._position = self._remembered = min([position, *behind])
        self._incarnation, self._began = head.incarnation, await self._engine.store.began()
        found_there = await self._engine.store.events(self._position - 1, events_max=1) if self._position else []
        self._last = found_there[0] if found_there else None

    async def _prove(self, newest: Envelope, head: Head) -> None:
        """Refuse to go on unless the store has the newest published fact: its chain hash covers all before it."""
        stored = await self._engine.store.events(newest.position - 1, events_max=1)
        if newest.position > head.position or not stored or stored[0].chain_hash != newest.chain_hash:
            raise _differing(newest.position, head.position)

    def _check(self, head: Head, events: Sequence[Envelope]) -> None:
        """Refuse to publish unless this is still the store that was proven, and facts follow, each from the last."""
        if head.incarnation != self._incarnation:
            raise StoreRestored("the store was restored; the relay compares it with its topics again")
        if head.position < self._position:
            raise _differing(self._position, head.position)
        before = self._last
        for envelope in events:
            if not follows(before, envelope):
                raise _differing(envelope.position, head.position)
            before = envelope

    async def publish_next(self, publisher: Publisher) -> bool:
        """Publish what is next; return whether there was anything."""
        handed = () if self._ahead else self._handed()
        events = self._ahead or handed or await self._engine.store.events(self._position, events_max=_EVENTS_MAX)
        self._ahead = ()
        head = await self._engine.store.head()
        if handed and handed[-1].position > head.position:
            raise StoreRestored("the store was set back; the relay compares it with its topics again")
        self._check(head, handed[:1] or events)  # what is handed over is chained already, by who wrote it
        if not events:
            return False
        batches, sent = self._batches(events, head)
        point("relay.read")
        reading = asyncio.create_task(self._read_ahead(events))
        try:
            if batches:
                await publisher.publish(batches)
            ahead = await reading
        finally:
            reading.cancel()
        point("relay.acknowledged")
        self._sent |= sent
        self._unremembered |= sent
        self._position, self._last, self._ahead = events[-1].position, events[-1], ahead
        self._relayed.inc(len(events))
        return True

    def _is_ahead(self) -> bool:
        """Return whether more was published than the checkpoint says."""
        return self._position > self._remembered

    async def _remember(self) -> None:
        """Move the checkpoint behind several rounds: what it does not say yet, the log itself tells at a start."""
        await self._engine.store.remember_relayed(self._position, self._unremembered)
        point("relay.remembered")
        self._remembered, self._unremembered, self._remembered_at = self._position, {}, monotonic()

    def _handed(self) -> Sequence[Envelope]:
        """Return what this process wrote next; nothing where another one wrote, or at the start: the store is read."""
        return self._engine.written.after(self._position) if self._last else ()

    async def _read_ahead(self, events: Sequence[Envelope]) -> Sequence[Envelope]:
        """Return what follows, read while the log acknowledges; nothing where that was all that there is, most likely.

        What was read is checked like the rest when its turn comes, against the head as it is then.
        """
        if len(events) < _EVENTS_MAX:
            return ()
        return await self._engine.store.events(events[-1].position, events_max=_EVENTS_MAX)

    def _batches(
        self, events: Sequence[Envelope], head: Head
    ) -> tuple[Mapping[Place, Iterator[Record]], dict[Place, int]]:
        """Return what goes to each partition, made into records only as the log takes them, and up to where."""
        batches: dict[Place, list[tuple[Envelope, int]]] = defaultdict(list)
        sent: dict[Place, int] = {}
        for envelope in events:
            place = place_of(envelope, self.topics, self._partitions)
            previous = sent.get(place, self._sent[place])
            if envelope.position <= previous:
                continue  # the partition has it already
            batches[place].append((envelope, previous))
            sent[place] = envelope.position
        return {place: self._records(place, facts, head) for place, facts in batches.items()}, sent

    def _records(self, place: Place, facts: Iterable[tuple[Envelope, int]], head: Head) -> Iterator[Record]:
        name = self._engine.service.name
        for envelope, previous in facts:
            yield to_record(
                envelope,
                service=name,
                store_id=head.store_id,
                incarnation=incarnation_of(self._began, place, envelope.position, head.incarnation),
                previous_position=previous,
            )


def _differing(position: int, found: int) -> StoreAndTopicsDiffer:
    _LOG.error("store-and-topics-differ", position=position, found=found)
    return StoreAndTopicsDiffer(
        "the topics are ahead of the store, or differ from it: was an old copy put back? run `claimlog restore`;"
        " or a stored fact was altered: `claimlog verify` says where"
    )
