"""Reading what one wrote: a read that brings a token waits until this service has applied the facts that it names.

Owns: the token of a unit, what "applied" means, and one look at the database for all who wait in this process; nobody
looks while nobody waits. Own facts are there as soon as they are written; those of another service once the checkpoint
of their partition has passed them, because rows and checkpoint are one transaction. A consumer in this process wakes
who waits; for one in another process the database is asked every few milliseconds, because a notification with each
record that is taken would make the commits of all services wait for one another. Refuses: what follows from the facts
in third services. Next: `consistent_reads.py` reads the headers. **Source**: docs/adr/0017.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Final

from shared.events.envelope import Envelope
from shared.kernel.consistency_token import PositionRange, token_of
from shared.kernel.errors import Unavailable
from shared.runtime.calling_off import call_off
from shared.runtime.definition import Service
from shared.runtime.log import partition_of, topic_of
from shared.runtime.metrics import CONSISTENT_READS
from shared.runtime.store import NOTHING_READ, OWN, Applied, Checkpoint, Head, Place, Sought, Store, table_name
from shared.runtime.wiring import Wiring

_LOOK_SECONDS: Final = 0.025


class NotYetConsistent(Unavailable):
    """What the token names is not applied here: it is on its way, or a record of it is parked."""

    slug = "not-yet-consistent"


class TokenOfAnotherStore(Unavailable):
    """The token was given before the store was restored, or by another one: its facts may be lost."""

    slug = "token-of-another-store"


_LATE: Final = "what the token names has not arrived here yet; ask again, or send Prefer: respond-stale"
_PARKED: Final = (
    "a record of what the token names is parked here until a person releases it; send Prefer: respond-stale to read on"
)
_ANOTHER: Final = "the store was restored or replaced since; read again what you wrote, then go on without the token"


def token_for(facts: Iterable[Envelope], service: Service, head: Head) -> str:
    """Return where the public ones of a unit's facts are; empty where it has none."""
    settings = service.settings
    spans: dict[int, tuple[int, int]] = {}
    for fact in facts:
        if fact.public:
            partition = partition_of(fact.key, settings.topic_partitions)
            spans[partition] = (spans.get(partition, (fact.position, 0))[0], fact.position)
    if not spans:
        return ""
    topic = topic_of(settings.topic_prefix, service.name, public=True)
    return token_of(
        PositionRange(topic, head.store_id, head.incarnation, partition, *span) for partition, span in spans.items()
    )


@dataclass(slots=True, eq=False)
class _Waiter:
    """One read that waits. **Shape**: each range of its token, as the database is asked about it."""

    wanted: Sequence[tuple[PositionRange, Sought]]
    answer: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Consistency:
    """Whoever waits in this process for facts to be applied to one store."""

    def __init__(self, wiring: Wiring, store: Store) -> None:
        self._wiring = wiring
        self._store = store
        self._own_tables = [table_name(each) for each in wiring.own_projections]
        self._waiters: set[_Waiter] = set()
        self._changed = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._seconds = {
            outcome: CONSISTENT_READS.labels(wiring.service.name, outcome) for outcome in ("applied", "not_applied")
        }

    @cached_property
    def _topics(self) -> frozenset[str]:
        """The topics that this service reads, and its own."""
        settings = self._wiring.service.settings
        producers = (self._wiring.service.name, *self._wiring.foreign_producers)
        return frozenset(topic_of(settings.topic_prefix, each, public=True) for each in producers)

    async def wait(self, tenant_id: str, ranges: Iterable[PositionRange]) -> None:
        """Return once facts are applied here, or at once where this service does not learn of their kind.

        **Errors**: `NotYetConsistent` after `consistent_within_seconds`, and at once for what is parked;
        `TokenOfAnotherStore`; `StoreUnavailable`.
        """
        wanted = [
            (each, Sought(tenant_id, self._place(each), each.first, each.last))
            for each in ranges
            if self._learns_of(each)
        ]
        if not wanted:
            return
        waiter = _Waiter(wanted)
        started, outcome = perf_counter(), "not_applied"
        self._waiters.add(waiter)
        self.wake()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_on(), name=f"{self._wiring.service.name}-consistency")
        try:
            async with asyncio.timeout(self._wiring.service.settings.consistent_within_seconds):
                await waiter.answer
            outcome = "applied"
        except TimeoutError:
            raise NotYetConsistent(_LATE) from None
        finally:
            self._waiters.discard(waiter)
            self._seconds[outcome].observe(perf_counter() - started)

    def wake(self) -> None:
        """Look again at once: this process took records, or somebody came."""
        self._changed.set()

    async def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            await call_off(self._looking)

    def _learns_of(self, each: PositionRange) -> bool:
        return each.topic in self._topics and each.partition < self._wiring.service.settings.topic_partitions

    def _place(self, each: PositionRange) -> Place:
        settings = self._wiring.service.settings
        is_own = each.topic == topic_of(settings.topic_prefix, self._wiring.service.name, public=True)
        return OWN if is_own else (each.topic, each.partition)

    async def _look_on(self) -> None:
        """Look for all who wait, as long as somebody does."""
        while waiters := [each for each in self._waiters if not each.answer.done()]:
            self._changed.clear()
            sought = list(dict.fromkeys(each for waiter in waiters for _, each in waiter.wanted))
            try:
                applied = await self._store.applied(sought, self._own_tables)
            except Exception as error:  # noqa: BLE001 (whatever it is, it is those who wait that hear of it)
                _tell(waiters, error)
                continue
            parked = {sought[n] for n in applied.parked}
            for waiter in waiters:
                _judge(waiter, applied, parked)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._changed.wait()


def _judge(waiter: _Waiter, applied: Applied, parked: set[Sought]) -> None:
    """Answer one who waits, if there is an answer yet."""
    if waiter.answer.done():
        return
    states = {_state(each, sought.place, applied.checkpoints) for each, sought in waiter.wanted}
    if not parked.isdisjoint(sought for _, sought in waiter.wanted):
        waiter.answer.set_exception(NotYetConsistent(_PARKED))
    elif None in states:
        waiter.answer.set_exception(TokenOfAnotherStore(_ANOTHER))
    elif False not in states:
        waiter.answer.set_result(None)


def _state(wanted: PositionRange, place: Place, checkpoints: Mapping[Place, Checkpoint]) -> bool | None:
    """Return whether facts are applied, None where they never will be."""
    found = checkpoints.get(place, NOTHING_READ)
    if found.store_id != wanted.store_id:
        return None if place == OWN else False  # a consumer may come to a store that it has not read yet
    if found.incarnation > wanted.incarnation:
        return None
    return found.incarnation == wanted.incarnation and found.position >= wanted.last


def _tell(waiters: Iterable[_Waiter], error: Exception) -> None:
    for waiter in waiters:
        if not waiter.answer.done():
            waiter.answer.set_exception(error)
