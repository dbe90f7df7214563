"""Claims in memory beside the simulator: foreign facts in, looks of timers and polls when a test says so.

The clock of the effects is the test's own, an hour ahead of the store's, so that pauses are a matter of setting it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from apps.simulator.main import simulator
from apps.simulator.settings import Settings as SimulatorSettings
from services.claims.domain.batch_facts import BatchQueued, BatchRequeued
from services.claims.effects import effects
from services.claims.main import service
from services.claims.settings import Settings
from shared.events.envelope import Actor, Event
from shared.kernel.errors import KnownError, Unavailable
from shared.runtime.acting import OfTenant
from shared.runtime.clearinghouse.over_http import HttpClearinghouse
from shared.runtime.clearinghouse.port import Clearinghouse
from shared.runtime.clock import now
from shared.runtime.effects import Effect, Poll, Round, Timer, Work
from shared.runtime.engine import Engine
from tests.support.memory import TENANT, Running, running
from tests.support.own_invariants import broken_in

RUNNER = Actor(kind="service", id="claims/effects")


class Outside(OfTenant):
    """What effects may ask of the service of a test, at the time that the test has set."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, TENANT)
        self.at = now() + timedelta(hours=1)

    def now(self) -> datetime:
        """Return that time."""
        return self.at


@dataclass(slots=True)
class Driver:
    """A service of claims, its effects, and what they did."""

    svc: Running
    outside: Outside
    effects: tuple[Effect[Any] | Poll | Timer, ...]
    refused: list[KnownError] = field(default_factory=list)
    refuse_next: int = 0
    """How many of the next units the store refuses, whatever they hold."""
    _acted: int = 0

    async def look(self, *names: str) -> None:
        """Let timers and polls look once, two seconds later, all or those named; then carry out what they led to."""
        await self.look_only(*names)
        await self.act()

    async def look_only(self, *names: str) -> None:
        """Let timers and polls look once, and carry out nothing yet."""
        self.outside.at += timedelta(seconds=2)
        for each in self.effects:
            if names and each.name not in names:
                continue
            if isinstance(each, Timer):
                await self._do(each.due(self.outside))
            elif isinstance(each, Poll):
                await self._do(each.fetch(self.outside))

    async def act(self) -> None:
        """Carry out the intents that were not looked at yet."""
        facts = await self.svc.facts()
        for fact in facts[self._acted :]:
            await self.carry_out(fact)
        self._acted = len(facts)

    async def carry_out(self, fact: Event) -> None:
        """Carry out one intent: act behind the fence, or ask where somebody has acted before."""
        for effect in self.effects:
            if not isinstance(effect, Effect) or type(fact) is not effect.on:
                continue
            prepared, fenced = await self._fence(effect, fact)
            try:
                work = await (effect.act(fact, self.outside, prepared) if fenced else effect.probe(fact, self.outside))
            except Unavailable:
                continue
            if work is not None and work.commands:
                await self._unit(work)

    async def stop_before_sending(self, fact: Event) -> None:
        """Carry out one intent up to its fence, as a process that is killed there."""
        for effect in self.effects:
            if isinstance(effect, Effect) and type(fact) is effect.on:
                await self._fence(effect, fact)

    async def _fence(self, effect: Effect[Any], fact: Event) -> tuple[str | None, bool]:
        prepared = await effect.prepare(fact, self.outside) if effect.prepare else None
        return prepared, await self._unit(Work(commands=(effect.attempt(fact, self.outside.now(), prepared),)))

    async def intents(self) -> list[BatchQueued | BatchRequeued]:
        """Return every intent so far."""
        return [fact for fact in await self.svc.facts() if isinstance(fact, BatchQueued | BatchRequeued)]

    async def names(self, *kinds: type[Event]) -> list[str]:
        """Return the types of the facts of some kinds, in order."""
        return [type(fact).__name__ for fact in await self.svc.facts() if isinstance(fact, kinds)]

    async def _do(self, rounds: AsyncIterator[Round]) -> None:
        async for works in rounds:
            for work in works:
                await self._unit(work)

    async def _unit(self, work: Work) -> bool:
        if self.refuse_next:
            self.refuse_next -= 1
            return False
        try:
            await self.svc.engine.handle(TENANT, RUNNER, *work.commands, files=work.files, at=self.outside.now())
        except KnownError as error:
            self.refused.append(error)
            return False
        await self.svc.settle()
        return True


@asynccontextmanager
async def driven(
    settings: Settings | None = None, *, clearinghouse: Clearinghouse | None = None
) -> AsyncIterator[Driver]:
    """Run claims over a store in memory, beside a simulator of its own unless a clearinghouse is given."""
    chosen = settings or Settings(batch_wait_seconds=0)
    transport = httpx.ASGITransport(app=simulator(SimulatorSettings()))
    other = clearinghouse or HttpClearinghouse("http://clearinghouse", timeout_seconds=5, transport=transport)
    async with running(service(chosen)) as svc:
        yield Driver(svc, Outside(svc.engine), effects(other, chosen))
        assert await broken_in(svc) == {}
