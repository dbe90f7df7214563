"""Effects that are held until a person resumes them, and what they have still to do."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import asyncpg
import pytest
from structlog.testing import capture_logs

from apps.embedded.database_server import DatabaseServer
from shared.events.envelope import Actor
from shared.runtime.acting import Runner
from shared.runtime.definition import Service
from shared.runtime.effects import Effect, Outside, Poll, Round, Timer, Work, checkpoint_of
from shared.runtime.engine import Engine
from shared.runtime.intents import open_intents
from shared.runtime.unlocking import unlock
from tests.support.databases import fresh_database
from tests.support.engines import beside, engine_over, until
from tests.support.lending import CardIssued, Issue, Lend, Return, lending

CLERK = Actor(kind="human", id="clerk-1")


@dataclass(slots=True)
class World:
    """What an effect does, and whether its outcome is known."""

    answers: bool = True
    while_asked: Callable[[], Awaitable[None]] | None = None
    told: list[str] = field(default_factory=list)

    async def act(self, event: CardIssued, _: Outside, __: str | None) -> Work:
        """Tell the world."""
        self.told.append(event.patient_id)
        if self.while_asked:
            await self.while_asked()
        if not self.answers:
            raise TimeoutError
        return Work(commands=(Return(copy_id=event.patient_id),))

    async def probe(self, _: CardIssued, __: Outside) -> Work | None:
        """Say that nobody knows."""
        return None

    async def look(self, _: Outside) -> AsyncIterator[Round]:
        """Look into a mailbox with one entry."""
        yield (Work(commands=(Lend(copy_id="polled"),)),)

    async def due(self, _: Outside) -> AsyncIterator[Round]:
        """Say what is due."""
        yield (Work(commands=(Lend(copy_id="due"),)),)


def acting(world: World) -> Service:
    effect = Effect(name="tell", on=CardIssued, attempt=_attempt, act=world.act, probe=world.probe)
    poll = Poll(name="look", every_seconds=0.2, fetch=world.look)
    timer = Timer(name="due", every_seconds=0.2, due=world.due)
    return replace(lending(tenant_id="demo"), effects=(effect, poll, timer))


def _attempt(event: CardIssued, _now: datetime, _prepared: str | None) -> Lend:
    return Lend(copy_id=event.patient_id)


@pytest.fixture
async def url(database_server: DatabaseServer) -> str:
    return await fresh_database(database_server)


async def lent(engine: Engine) -> list[str]:
    return [each.key for each in await engine.store.events(0, events_max=100) if each.type == "CopyLent"]


async def test_held_effects_and_timers_wait_and_polls_go_on(url: str) -> None:
    world = World()
    async with engine_over(acting(world), url) as engine:
        await engine.store.hold_effects(held=True)
        await engine.handle("demo", CLERK, Issue(reader_id="R-1", name="Ada"))
        async with beside(Runner(engine).run()):

            async def polled() -> bool:
                return "polled" in await lent(engine)

            await until(polled)
            held, waiting = await lent(engine), await open_intents(engine)
            await engine.store.hold_effects(held=False)

            async def done() -> bool:
                return {"R-1", "due"} <= set(await lent(engine)) and not await open_intents(engine)

            await until(done)

    assert held == ["polled"]
    assert [(each.effect, each.stream, each.state) for each in waiting] == [("tell", "card-R-1", "not-attempted")]
    assert world.told == ["R-1"]


async def test_attempt_without_a_result_is_listed_as_such(url: str) -> None:
    world = World(answers=False)
    async with engine_over(acting(world), url) as engine:
        await engine.handle("demo", CLERK, Issue(reader_id="R-1", name="Ada"))
        await engine.handle("demo", CLERK, Issue(reader_id="R-2", name="Bob"))
        async with beside(Runner(engine).run()):

            async def told() -> bool:
                return bool(world.told)

            await until(told)
        waiting = await open_intents(engine)

    assert [(each.stream, each.state) for each in waiting] == [("card-R-1", "attempted"), ("card-R-2", "not-attempted")]


@pytest.mark.parametrize("is_attempted", [False, True], ids=["before the attempt", "before the result"])
async def test_effect_on_a_locked_history_waits_until_a_person_released_it(url: str, *, is_attempted: bool) -> None:
    """What refuses it says nothing of an attempt or a result that is there already."""
    history = partial(locked, url, "copy-R-1")
    world = World(while_asked=history if is_attempted else None)
    async with engine_over(acting(world), url) as engine:
        if not is_attempted:
            await history()
        await engine.handle("demo", CLERK, Issue(reader_id="R-1", name="Ada"))
        with capture_logs() as said:
            async with beside(Runner(engine).run()):

                async def waits() -> bool:
                    return any(each["event"] == "effect-waits" for each in said)

                await until(waits)
                told, (intent,) = list(world.told), await open_intents(engine)
                stopped = dict(engine.stopped)
                await unlock(engine, "demo", "copy-R-1", reason="nothing-missing", by=CLERK)

                async def done() -> bool:
                    return not await open_intents(engine)

                await until(done)
        facts = [each.type for each in await engine.store.events(0, events_max=100) if each.stream == "copy-R-1"]

    assert stopped == {"effect tell": "stream-locked"}
    assert (told, intent.state) == ((["R-1"], "attempted") if is_attempted else ([], "not-attempted"))
    assert world.told == ["R-1"]
    assert facts == ["CopyLent", "CopyReturned"]


async def test_defect_of_one_effect_holds_up_no_other_and_readiness_names_it(url: str) -> None:
    world = World()
    service = acting(world)
    tell, *others = service.effects
    assert isinstance(tell, Effect)
    is_mended = False

    def attempt(event: CardIssued, moment: datetime, prepared: str | None) -> Lend:
        if not is_mended:
            raise ZeroDivisionError
        return _attempt(event, moment, prepared)

    service = replace(service, effects=(replace(tell, attempt=attempt), *others))
    async with engine_over(service, url) as engine:
        await engine.handle("demo", CLERK, Issue(reader_id="R-1", name="Ada"))
        async with beside(Runner(engine).run()):

            async def others_go_on() -> bool:
                return {"polled", "due"} <= set(await lent(engine)) and bool(engine.stopped)

            await until(others_go_on)
            stopped, is_mended = dict(engine.stopped), True

            async def done() -> bool:
                return not engine.stopped and not await open_intents(engine)

            await until(done)

    assert stopped == {"effect tell": "ZeroDivisionError"}
    assert world.told == ["R-1"]


async def locked(url: str, stream: str) -> None:
    """Lock a history, as a restore does that found facts of it missing."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("insert into locked_stream values ('demo', $1, 1)", stream)
        await connection.execute("update store_head set streams_locked = true")
    finally:
        await connection.close()


async def test_effect_without_intents_passes_over_what_is_none_of_its_own(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.runtime.engine._PASSED_OVER_MIN", 3)
    async with engine_over(acting(World()), url) as engine:
        place = checkpoint_of(engine.wiring.own_effects[0])
        for n in range(4):
            await engine.handle("demo", CLERK, Lend(copy_id=f"C-{n}"))
        async with beside(Runner(engine).run()):

            async def passed() -> bool:
                return (await engine.store.checkpoint(place)).position >= 4

            await until(passed)
            await engine.handle("demo", CLERK, Issue(reader_id="R-1", name="Ada"))

            async def done() -> bool:
                return "R-1" in await lent(engine) and not await open_intents(engine)

            await until(done)
