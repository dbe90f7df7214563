"""`shared/runtime/acting.py`: what comes before the fence is tried until it works, and its word is handed on."""

from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from shared.events.envelope import Actor
from shared.runtime import acting
from shared.runtime.acting import Runner
from shared.runtime.effects import Effect, Outside, Work
from tests.support.engines import beside, until
from tests.support.lending import CardIssued, Issue, Lend, Return, lending
from tests.support.memory import TENANT, running


@dataclass
class World:
    """What was done, in order. **Shape**: `fails` counts the tries to prepare that fail."""

    fails: int
    done: list[str] = field(default_factory=list)

    async def prepare(self, event: CardIssued, _: Outside) -> str:
        """Prepare, perhaps in vain."""
        if self.fails:
            self.fails -= 1
            self.done.append("failed")
            raise ConnectionError
        self.done.append("prepared")
        return f"ready-for-{event.patient_id}"

    def attempt(self, event: CardIssued, _: datetime, prepared: str | None) -> Lend:
        """Return the fence."""
        self.done.append(f"attempt {prepared}")
        return Lend(copy_id=event.patient_id, title=prepared or "")

    async def act(self, event: CardIssued, _: Outside, prepared: str | None) -> Work:
        """Tell the world."""
        self.done.append(f"act {prepared}")
        return Work(commands=(Return(copy_id=event.patient_id),))

    async def probe(self, event: CardIssued, _: Outside) -> Work:
        """Ask the world."""
        self.done.append("probe")
        return Work(commands=(Return(copy_id=event.patient_id),))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "_BACKOFF_SECONDS", (0.01,))


async def carried_out(world: World, *before: object) -> list[str]:
    """Return what was done for one intent, in a store where some commands were handled before it."""
    effect = Effect(
        name="tell", on=CardIssued, prepare=world.prepare, attempt=world.attempt, act=world.act, probe=world.probe
    )
    async with running(replace(lending(), effects=(effect,))) as svc:
        for command in (*before, Issue(reader_id="R-1", name="Ada")):
            await svc.engine.handle(TENANT, Actor(kind="human", id="clerk-1"), command)

        async def is_told() -> bool:
            return [type(each).__name__ for each in await svc.facts()].count("CopyReturned") > 0

        async with beside(Runner(svc.engine).run()):
            await until(is_told)
    return world.done


@pytest.mark.parametrize("fails", [0, 3])
async def test_nothing_is_fenced_before_it_is_prepared(fails: int) -> None:
    done = await carried_out(World(fails))

    assert done == [*["failed"] * fails, "prepared", "attempt ready-for-R-1", "act ready-for-R-1"]


async def test_asks_where_an_attempt_was_there_before_whatever_was_prepared_now() -> None:
    done = await carried_out(World(0), Lend(copy_id="R-1"))

    assert done == ["prepared", "attempt ready-for-R-1", "probe"]
