"""Records that cannot be handled, 1 in 500: a defect, a value that no database keeps, one that ends the process (F10).

Their keys wait, in order, over restarts; all others move; once the service is mended everything is handled after all.
"""

from collections import Counter
from dataclasses import replace

from tests.support.dose import dose
from tests.support.invariants import check
from tests.support.line import Line, run
from tests.support.processes import KILLED, program
from tests.support.shelving import DEADLY, POISON, UNSTORABLE

COUNT, EVERY = dose(400, 4_000), dose(50, 500)


async def test_poison_parks_with_what_follows_it_and_is_handled_once_mended(line: Line) -> None:
    poisoned = replace(
        line, count=COUNT, poison_every=EVERY, poisons=(POISON, UNSTORABLE), flush_events_max=100, thanks=False
    )
    await run(replace(poisoned, releases=False))
    waiting = await poisoned.evidence()
    await run(poisoned)
    released = await poisoned.evidence()
    causes = Counter(fact.body["cause"] for fact in waiting.shelver.facts if fact.type == "KeyParked")

    check(waiting)
    check(released)
    assert len(waiting.shelver.parked) == 2 * COUNT // EVERY
    assert causes == {
        "ValueError": COUNT // EVERY // 2,
        "unstorable-value": COUNT // EVERY // 2,
        "waits-behind-its-key": COUNT // EVERY,
    }
    assert not released.shelver.parked
    assert Counter(fact.type for fact in released.shelver.facts)["CopyShelved"] == COUNT


async def test_record_that_ends_the_process_parks_after_some_tries(line: Line) -> None:
    tries = dose(2, 5)
    deadly = replace(line, count=60, poison_every=60, poisons=(DEADLY,), record_attempts_max=tries)
    codes: list[int] = []
    while not codes or codes[-1] == KILLED:
        assert len(codes) < 2 * tries + 2, "it is tried for ever"
        async with program("tests.support.line", deadly.text) as running:
            codes.append(await running.ended())
    found = await deadly.evidence()

    assert codes.pop() == 0
    assert len(codes) >= tries
    assert "attempts-exceeded" in {fact.body["cause"] for fact in found.shelver.facts if fact.type == "KeyParked"}
    check(found)
