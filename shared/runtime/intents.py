"""What effects have still to do, for a person who decides whether they may.

Owns: telling intents that nobody attempted from attempts without a result. A result that the store lost in a restore
shows as one of the two: whoever resumes effects asks the other side first. Refuses: acting (`acting.py`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from shared.runtime.effects import Effect, actor_id_of, checkpoint_of
from shared.runtime.engine import Engine

IntentState: TypeAlias = Literal["not-attempted", "attempted"]
_INTENTS_MAX: Final = 1_000
_UNITS_OF_A_DONE_ONE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """An intent without a result. **Shape**: after an attempt the outcome is unknown: the world is asked, not told."""

    effect: str
    event_id: str
    stream: str
    position: int
    recorded_at: datetime
    state: IntentState


async def open_intents(engine: Engine) -> tuple[Intent, ...]:
    """Return the intents without a result, those of each effect in order; at most `_INTENTS_MAX` of one."""
    found: list[Intent] = []
    for effect in engine.wiring.own_effects:
        found += await _of(engine, effect)
    return tuple(found)


async def _of(engine: Engine, effect: Effect[Any]) -> list[Intent]:
    done = (await engine.store.checkpoint(checkpoint_of(effect))).position
    units = await engine.store.units_caused(actor_id_of(engine.service.name, effect.name), done)
    found: list[Intent] = []
    while len(found) < _INTENTS_MAX:
        envelopes = await engine.store.events(done, types=[effect.on.__name__], events_max=_INTENTS_MAX)
        if not envelopes:
            break
        done = envelopes[-1].position
        for envelope in envelopes:
            told = units.get(envelope.event_id, 0)  # the attempt is one unit, its result another
            if told < _UNITS_OF_A_DONE_ONE:
                found.append(
                    Intent(
                        effect=effect.name,
                        event_id=envelope.event_id,
                        stream=envelope.stream,
                        position=envelope.position,
                        recorded_at=envelope.recorded_at,
                        state="attempted" if told else "not-attempted",
                    )
                )
    return found[:_INTENTS_MAX]
