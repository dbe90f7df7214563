"""A service's topics as an operator sees to them: whether they are as they must be, and facts sent again.

Owns: the republication that closes a gap (protocol 10.3): every fact from a position on, with the right
`ce_previousposition`; what a consumer has already, it drops. Refuses: to begin with what was never published (the
relay's business), and publishing from a store that differs from its topics. A relay may lead meanwhile: what it sent in
between is sent again behind, until a round has the end of each partition for itself. A round goes to the end of the
store: what the relay has still to send comes twice, and is dropped once.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from shared.events.envelope import Envelope
from shared.kernel.errors import Conflict, Malformed
from shared.runtime.engine import Engine
from shared.runtime.log import Log, Publisher, Record
from shared.runtime.progress import Progress
from shared.runtime.relay import StoreAndTopicsDiffer
from shared.runtime.settings import RuntimeSettings
from shared.runtime.store import Began, Head, Place
from shared.runtime.topics import incarnation_of, last_fact, next_offset, own_topics, place_of
from shared.runtime.wire import to_record

_EVENTS_MAX: Final = 2_000
_ROUNDS_MAX: Final = 20
_ROUND_PAUSE_SECONDS: Final = 0.3


class NotPublishedYet(Malformed):
    """The position is none that was published: there is nothing to send again from there."""

    slug = "not-published-yet"


class NeverAlone(Conflict):
    """A relay published in between, round after round; stop the service's worker, or try again when it is calm."""

    slug = "republication-never-alone"


async def differences(engine: Engine, log: Log) -> Mapping[str, str]:
    """Return what is wrong with the topics of a service, by topic. **Errors**: `LogUnavailable`."""
    settings: RuntimeSettings = engine.service.settings
    return await log.differences(own_topics(engine), partitions=settings.topic_partitions)


async def republish(engine: Engine, log: Log, progress: Progress, *, first: int, dry_run: bool) -> Mapping[str, int]:
    """Send every fact from a published position on again; return how many, by topic.

    **Errors**: `NotPublishedYet`, `StoreAndTopicsDiffer`, `NeverAlone`; `LogUnavailable`: run it again.
    """
    await _prove(engine, log)
    relayed, _ = await engine.store.relayed()
    if not 1 <= first <= relayed:
        raise NotPublishedYet(f"facts 1 to {relayed} were published")
    sending = _Republication(engine, log, progress, await engine.store.began(), dry_run=dry_run)
    await sending.find_previous(first)
    async with log.publisher() as publisher:
        after = first - 1
        for _ in range(_ROUNDS_MAX):
            ends = await sending.ends()
            to = (await engine.store.head()).position  # whatever a relay sent so far, remembered or not, is no later
            sent = await sending.send(publisher, after, to)
            reached = await sending.ends()
            if dry_run or all(end == ends[place] + sent[place] for place, end in reached.items()):
                return dict(sending.counted)
            after = to
            await asyncio.sleep(_ROUND_PAUSE_SECONDS)
    raise NeverAlone("the relay publishes all the time; stop the service's worker, or try again when it is calm")


async def _prove(engine: Engine, log: Log) -> None:
    """Refuse to publish unless the store has the newest fact of each partition."""
    for topic in own_topics(engine):
        for partition in range(await log.partitions(topic)):
            fact = await last_fact(log, (topic, partition))
            if fact is None:
                continue
            stored = await engine.store.events(fact.envelope.position - 1, events_max=1)
            if not stored or stored[0].chain_hash != fact.envelope.chain_hash:
                raise StoreAndTopicsDiffer("the topics hold facts that the store does not have; run `claimlog restore`")


class _Republication:
    """One run over the facts of a store."""

    def __init__(self, engine: Engine, log: Log, progress: Progress, began: Began, *, dry_run: bool) -> None:
        settings = engine.service.settings
        self._engine = engine
        self._log = log
        self._progress = progress
        self._dry_run = dry_run
        self._began = began
        self._topics = own_topics(engine)
        self._partitions = settings.topic_partitions
        self._previous: dict[Place, int] = {}
        self.counted: dict[str, int] = dict.fromkeys(self._topics, 0)

    def _place(self, envelope: Envelope) -> Place:
        return place_of(envelope, self._topics, self._partitions)

    async def find_previous(self, first: int) -> None:
        """Learn which fact stands before the first one in each partition, going back as far as is needed."""
        wanted = {(topic, n) for topic in self._topics for n in range(self._partitions)}
        before = first
        while before > 1 and wanted - set(self._previous):
            start = max(0, before - 1 - _EVENTS_MAX)
            for envelope in reversed(await self._engine.store.events(start, events_max=before - 1 - start)):
                self._previous.setdefault(self._place(envelope), envelope.position)
            before = start + 1

    async def ends(self) -> Mapping[Place, int]:
        """Return the next offset of each partition."""
        places = [(topic, n) for topic in self._topics for n in range(self._partitions)]
        return {place: await next_offset(self._log, place) for place in places}

    async def send(self, publisher: Publisher, after: int, to: int) -> Mapping[Place, int]:
        """Send the facts of a stretch; return how many went to each partition."""
        head, sent, start = await self._engine.store.head(), defaultdict[Place, int](int), after
        while after < to:
            events = await self._engine.store.events(after, events_max=min(_EVENTS_MAX, to - after))
            batches = self._batches(events, head)
            if not self._dry_run:
                await publisher.publish(batches)
            for place, records in batches.items():
                sent[place] += len(records)
                self.counted[place[0]] += len(records)
            after = events[-1].position
            self._progress("sending again", after - start, to - start)
        return sent

    def _batches(self, events: Sequence[Envelope], head: Head) -> Mapping[Place, Sequence[Record]]:
        batches: dict[Place, list[Record]] = defaultdict(list)
        for envelope in events:
            place = self._place(envelope)
            record = to_record(
                envelope,
                service=self._engine.service.name,
                store_id=head.store_id,
                incarnation=incarnation_of(self._began, place, envelope.position, head.incarnation),
                previous_position=self._previous.get(place, 0),
            )
            batches[place].append(record)
            self._previous[place] = envelope.position
        return batches
