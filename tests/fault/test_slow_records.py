"""Records that take 200 ms each, handed over all at once: they get through, and nobody waits for all of them (F13).

A transaction that took all of them would hold the lock of the store for as long as they take together: its session
would be ended for that, and everything tried again from the start, for ever.
"""

import asyncio
from dataclasses import replace

from tests.support.dose import dose
from tests.support.invariants import AT_REST, check, no_phantom, one_effect_per_fact
from tests.support.line import ACTOR, Line, finish, give_all, opened, working
from tests.support.shelving import SLOW, Attempt

SLOW_COUNT = dose(40, 300)
COMMANDS = SLOW_COUNT // 20
ANSWER_SECONDS_MAX = 8


async def test_slow_records_get_through_and_commands_are_answered_meanwhile(line: Line) -> None:
    slow = replace(line, count=2 * SLOW_COUNT, poison_every=2, poisons=(SLOW,), flush_events_max=1_000, thanks=False)
    async with opened(slow) as open_:
        await give_all(slow, open_.giver)
        async with working(slow, open_):
            for n in range(COMMANDS):
                async with asyncio.timeout(ANSWER_SECONDS_MAX):
                    await open_.shelver.handle("demo", ACTOR, Attempt(letter_id=f"C-1/{n}"))
            shelved = (await open_.shelver.store.head()).position - COMMANDS
            await finish(slow, open_)
    found = await slow.evidence()

    check(found, {name: each for name, each in AT_REST.items() if each not in {no_phantom, one_effect_per_fact}})
    assert shelved < slow.count, "the commands were answered after all records"
    assert not found.shelver.parked
