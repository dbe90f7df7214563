"""Carrying out effects: intents once, mailboxes and due rows again and again.

Owns: the protocol intent → (prepare) → attempt → act → result, and asking the world after an attempt without a result
instead of acting again. One runner per service leads. After a restore effects and timers are held until a person
resumes them: the world may have seen what the store lost. Polls go on, because they only read, and tell what the world
knows. Refuses: rules, and any part in a replay.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import chain, repeat
from time import monotonic
from typing import Any, Final, TypeVar

from structlog import get_logger

from shared.events.envelope import Actor, Envelope, Event
from shared.kernel.errors import Conflict, KnownError, Rejected, Unavailable
from shared.kernel.projection import Projection
from shared.runtime import clock
from shared.runtime.effects import Effect, Poll, Round, Timer, Work, actor_id_of, checkpoint_of
from shared.runtime.engine import Engine
from shared.runtime.failpoints import point
from shared.runtime.keys import KeyNotFound
from shared.runtime.listening import LOOK_SECONDS
from shared.runtime.store import StoreUnavailable
from shared.runtime.taking import Fenced
from shared.runtime.unit import StreamLocked

Row = TypeVar("Row")

_LOG = get_logger("effects")
_EAGERNESS: Final = 16
_INTENTS_MAX: Final = 100
_PAGE_ROWS: Final = 500
_HELD_SECONDS: Final = 1
_BACKOFF_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_WORKED_SECONDS: Final = 60  # who acted for so long begins with short pauses again


def _pauses() -> Iterator[float]:
    """Yield the seconds between tries."""
    return chain(_BACKOFF_SECONDS, repeat(_BACKOFF_SECONDS[-1]))


def _job(effect: str) -> str:
    """Return the name under which readiness tells of an effect."""
    return f"effect {effect}"


class OfTenant:
    """What an effect may ask, for one tenant. **Shape**: `Outside`."""

    def __init__(self, engine: Engine, tenant_id: str) -> None:
        self.tenant_id = tenant_id
        self._engine = engine

    def now(self) -> datetime:
        """Return the current instant."""
        return clock.now()

    def new_id(self) -> str:
        """Return an id that nobody has."""
        return clock.new_id()

    async def number(self, sequence: str) -> int:
        """Return the next number of a sequence."""
        return await self._engine.store.number(self.tenant_id, sequence)

    async def file(self, sha256: str) -> bytes:
        """Return a stored file."""
        return await self._engine.file(self.tenant_id, sha256)

    async def row(self, projection: Projection[Row, Any], key: str) -> Row | None:
        """Return one row of a read model."""
        return await self._engine.row(projection, self.tenant_id, key)

    async def rows_by_key(self, projection: Projection[Row, Any], keys: Collection[str]) -> Mapping[str, Row]:
        """Return those rows of a read model that exist."""
        return await self._engine.store.rows_by_key(projection, self.tenant_id, keys)

    async def rows(
        self, projection: Projection[Row, Any], *, where: Mapping[str, object] | None = None, rows_max: int = 500
    ) -> tuple[Row, ...]:
        """Return rows of a read model whose filters have these values, by key."""
        found = await self._engine.store.select(
            projection, self.tenant_id, where=where or {}, after=None, rows_max=rows_max
        )
        return tuple(row for _, row in found)

    async def every_row(self, projection: Projection[Row, Any], *, where: Mapping[str, object]) -> AsyncIterator[Row]:
        """Yield all rows of a read model whose filters have these values, by key, a page at a time."""
        last: str | None = None
        while page := await self._engine.store.select(
            projection, self.tenant_id, where=where, after=last, rows_max=_PAGE_ROWS
        ):
            for _, row in page:
                yield row
            last = page[-1][0]


class Runner:
    """All effects of one service, while this process leads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def run(self) -> None:
        """Act for ever. **Errors**: `StoreUnavailable`: start again."""
        effects = self._engine.service.effects
        try:
            async with asyncio.TaskGroup() as tasks:
                for effect in effects:
                    match effect:
                        case Effect():
                            acting = partial(self._carry_out, effect)
                        case Poll():
                            acting = partial(self._repeat, effect, effect.fetch)
                        case Timer():
                            acting = partial(self._repeat, effect, effect.due)
                    tasks.create_task(self._alone(effect.name, acting))
        finally:
            for effect in effects:  # another process may lead from now on
                self._engine.stopped.pop(_job(effect.name), None)

    async def _alone(self, name: str, acting: Callable[[], Awaitable[None]]) -> None:
        """Act for ever, again after a defect: readiness names it until something works, and no other effect waits."""
        pauses, began = _pauses(), monotonic()
        while True:
            try:
                await acting()
            except (StoreUnavailable, OSError, Fenced):
                raise  # of all of them: somebody else may lead from now on
            except Exception as error:  # noqa: BLE001 (what is away comes again; at a defect a person has to look)
                if isinstance(error, Unavailable) and not isinstance(error, KeyNotFound):
                    _LOG.warning("effect-failed", effect=name, kind=type(error).__name__)
                else:
                    self._engine.stopped[_job(name)] = type(error).__name__
                    _LOG.exception("effect-stopped", effect=name, kind=type(error).__name__)
            if monotonic() - began > _WORKED_SECONDS:
                pauses = _pauses()
            await asyncio.sleep(next(pauses))
            began = monotonic()

    def _actor(self, name: str) -> Actor:
        return Actor(kind="service", id=actor_id_of(self._engine.service.name, name))

    async def _repeat(self, effect: Poll | Timer, rounds_of: Callable[[Any], AsyncIterator[Round]]) -> None:
        """Look for work again and again: soon after a look that brought some, then more and more seldom."""
        shortest, longest = effect.every_seconds / _EAGERNESS, effect.every_seconds
        types = [each.__name__ for each in effect.on]
        seen, pause = (await self._engine.store.head()).position, longest
        while True:
            if isinstance(effect, Timer):
                await self._until_resumed()
            pause = shortest if await self._look(effect.name, rounds_of) else min(pause * 2, longest)
            self._engine.stopped.pop(_job(effect.name), None)
            await asyncio.sleep(shortest)  # a busy line adds facts all the time: a look costs more than it brings
            if types:
                seen = await self._engine.store.wait_for_facts(seen, seconds=pause, types=types)
            else:
                await asyncio.sleep(pause - shortest)

    async def _look(self, name: str, rounds_of: Callable[[Any], AsyncIterator[Round]]) -> int:
        """Return how many facts one look for work added, for all tenants."""
        added = 0
        for tenant_id in await self._engine.tenants():
            try:
                async for works in rounds_of(OfTenant(self._engine, tenant_id)):
                    added += await self.hand_over(tenant_id, name, works)
            except Exception as error:  # noqa: BLE001 (the world failed; what it is matters only to a person)
                _LOG.warning("effect-failed", effect=name, kind=type(error).__name__)
        return added

    async def hand_over(self, tenant_id: str, name: str, works: Round) -> int:
        """Return how many facts a round added, once all of it was decided. **Errors**: the first of them."""
        results = await asyncio.gather(*[self._try(tenant_id, name, each) for each in works], return_exceptions=True)
        failed = [each for each in results if isinstance(each, BaseException)]
        if failed:
            raise failed[0]
        return sum(each for each in results if isinstance(each, int))

    async def _try(self, tenant_id: str, name: str, work: Work) -> int:
        """Hand over one piece of work; a refused one must not hold up those behind it."""
        try:
            return await self._handle(tenant_id, name, work)
        except Unavailable:
            raise
        except KnownError as error:
            _LOG.warning("effect-refused", effect=name, slug=error.slug)
            return 0

    async def _handle(self, tenant_id: str, name: str, work: Work, cause: Envelope | None = None) -> int:
        if not work.commands:
            return 0
        outcome = await self._engine.handle(
            tenant_id,
            self._actor(name),
            *work.commands,
            files=work.files,
            correlation_id=cause.correlation_id if cause else None,
            causation_id=cause.event_id if cause else None,
        )
        return outcome.added

    async def _carry_out(self, effect: Effect[Any]) -> None:
        """Follow own intents in order; the next one waits until this one has a result that needs no more attempts."""
        place = checkpoint_of(effect)
        store = self._engine.store
        checkpoint = await store.checkpoint(place)
        seen = checkpoint.position
        while True:
            head = await store.wait_for_facts(seen, seconds=LOOK_SECONDS, types=[effect.on.__name__])
            found = await store.events(checkpoint.position, types=[effect.on.__name__], events_max=_INTENTS_MAX)
            for envelope, event in await self._engine.opened(found):
                if event is not None:
                    await self._until_resumed()
                    await self._until_done(effect, envelope, event)
                checkpoint = await self._engine.move(place, checkpoint, envelope.position)
                self._engine.stopped.pop(_job(effect.name), None)
            if not found:
                checkpoint = await self._engine.pass_over(place, checkpoint, [effect.on.__name__], heard=head)
            seen = checkpoint.position if len(found) == _INTENTS_MAX else max(head, checkpoint.position)

    async def _until_resumed(self) -> None:
        """Return when effects may act; after a restore a person says when."""
        said = False
        while (await self._engine.store.head()).effects_held:
            if not said:
                _LOG.warning("effects-held", service=self._engine.service.name)
            said = True
            await asyncio.sleep(_HELD_SECONDS)

    async def _until_done(self, effect: Effect[Any], envelope: Envelope, event: Event) -> None:
        """Carry out one intent until it has a result; what fails for good or is tried anew is another intent."""
        outside = OfTenant(self._engine, envelope.tenant_id)
        point("effect.read")
        work = await self._acted(effect, envelope, event, outside)
        for pause in _pauses():
            if work is not None:
                await self._finish(effect, envelope, work)
                point("effect.recorded")
                return
            await asyncio.sleep(pause)
            work = await self._probed(effect, event, outside)

    async def _finish(self, effect: Effect[Any], envelope: Envelope, work: Work) -> None:
        """Record a result. One that is refused is a defect of ours: it is said, and later intents go on."""
        try:
            await self._once_unlocked(effect, envelope, lambda: work)
        except Unavailable:
            raise
        except KnownError as error:
            _LOG.error("effect-result-refused", effect=effect.name, slug=error.slug, event_id=envelope.event_id)

    async def _once_unlocked(self, effect: Effect[Any], envelope: Envelope, work: Callable[[], Work]) -> None:
        """Hand over what an intent leads to, made anew at each try, once nothing of it is locked after a restore.

        A locked history refuses everything, which says nothing of an attempt or a result: a person releases it.
        """
        for pause in _pauses():
            try:
                await self._handle(envelope.tenant_id, effect.name, work(), envelope)
            except StreamLocked as error:
                self._engine.stopped[_job(effect.name)] = error.slug  # until this intent is done with
                _LOG.warning("effect-waits", effect=effect.name, slug=error.slug, event_id=envelope.event_id)
                await asyncio.sleep(pause)
            else:
                return

    async def _acted(self, effect: Effect[Any], envelope: Envelope, event: Event, outside: OfTenant) -> Work | None:
        """Attempt and act; None where the outcome is unknown: an attempt was there before, or the call broke."""
        prepared = await self._prepared(effect, event, outside)
        try:
            await self._once_unlocked(
                effect, envelope, lambda: Work(commands=(effect.attempt(event, clock.now(), prepared),))
            )
        except (Rejected, Conflict):
            return await self._probed(effect, event, outside)
        point("effect.attempted")
        try:
            work = await effect.act(event, outside, prepared)
        except Exception as error:  # noqa: BLE001 (what became of it is unknown: the world is asked, never told again)
            _LOG.warning("effect-unknown", effect=effect.name, kind=type(error).__name__)
            return None
        point("effect.called")
        return work

    async def _prepared(self, effect: Effect[Any], event: Event, outside: OfTenant) -> str | None:
        """Return what was prepared, once it is; nothing is fenced before."""
        if effect.prepare is None:
            return None
        for pause in _pauses():
            try:
                prepared = await effect.prepare(event, outside)
            except Exception as error:  # noqa: BLE001 (nobody was told anything: it is tried until it works)
                _LOG.warning("effect-not-prepared", effect=effect.name, kind=type(error).__name__)
                await asyncio.sleep(pause)
            else:
                point("effect.prepared")
                return prepared
        return None

    async def _probed(self, effect: Effect[Any], event: Event, outside: OfTenant) -> Work | None:
        try:
            return await effect.probe(event, outside)
        except Exception as error:  # noqa: BLE001 (still unknown)
            _LOG.warning("probe-failed", effect=effect.name, kind=type(error).__name__)
            return None
