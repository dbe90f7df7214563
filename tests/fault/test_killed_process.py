"""SIGKILL at every named place between command, log, reaction and effect: nothing is lost, nothing happens twice.

One line is killed at all places in turn, in an order that follows from the seed; each start has to mend what the last
one left. After each kill what must hold at every moment is checked, at the end everything. The full dose also tries
each place on a line of its own, at several passages. A place that was never passed fails the run.
"""

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from shared.runtime.failpoints import POINTS
from tests.support.dose import IS_FULL, chance
from tests.support.invariants import SAFETY, check
from tests.support.line import Line
from tests.support.processes import KILLED, program
from tests.support.proxy import Cut, proxy

ELSEWHERE: Final = {
    "effect.prepared": "test_killed_while_a_file_goes_out.py",
    "operation.taken": "test_worker_killed_between_lines.py",
    "log.between": "test_relay_killed_between_batches.py",
    "restore.begun": "test_restored_line.py",
    "restore.chunk": "test_restored_line.py",
    "restore.ended": "test_restored_line.py",
    "rebuild.chunk": "../integration/rebuild/test_command.py",
    "rebuild.swap": "../integration/rebuild/test_command.py",
}
"""Places that need another line, and the file that kills a process there."""
ONCE: Final = {"relay.proved", "store.unknown", "consumer.fenced"}
"""Places that one run passes once or twice."""
WRITTEN: Final = (
    "PayerAdded",
    "CopyShelved",
    "CopyStamped",
    "LetterAttempted",
    "LetterSent",
    "KeyParked",
    "KeyReleased",
)
GIFTS: Final = 20
HERE: Final = Path(__file__).parent


def places() -> list[str]:
    return [*(name for name in POINTS if name not in ELSEWHERE), *(f"written.{each}" for each in WRITTEN)]


def scenario(line: Line, place: str) -> Line:
    """Return a line that passes a place; rivals take little at once, so that one of them does not get everything."""
    is_contested = place == "consumer.fenced"
    return replace(line, count=GIFTS, poison_every=10, poll_size=2 if is_contested else 8, is_contested=is_contested)


async def killed(line: Line, place: str, passage: int) -> None:
    """Run a line until it is killed at a passage of a place."""
    with_poison = scenario(line, place)
    # the first two make tables and read models; the third is the first of the flusher
    plan: list[Cut | None] = [None, None, "answered"] if place == "store.unknown" else []
    async with AsyncExitStack() as stack:
        if plan:
            between = proxy(line.giver, Path(line.folder), lambda: plan.pop(0) if plan else None)
            address, _ = await stack.enter_async_context(between)
            with_poison = replace(with_poison, giver=address)
        failpoint = f"{place}:kill:{passage}"
        running = await stack.enter_async_context(program("tests.support.line", with_poison.text, failpoint=failpoint))
        code = await running.ended()

        assert code == KILLED, f"{failpoint} was never passed: {code} {running.complaints[-2000:]}"


async def whole(line: Line) -> None:
    """Run a line to its end; then no promise is broken."""
    async with program("tests.support.line", line.text) as running:
        assert await running.ended() == 0, running.complaints[-2000:]
    check(await line.evidence())


async def test_line_that_is_killed_at_every_place_in_turn_ends_as_if_nothing_had_happened(line: Line) -> None:
    luck = chance("places in turn")
    order = places()
    luck.shuffle(order)
    for n, place in enumerate(order):
        await killed(replace(line, first=n * GIFTS), place, 1 if place in ONCE else luck.choice((1, 2)))
        check(await line.evidence(), SAFETY)
    await whole(replace(line, first=len(order) * GIFTS, count=GIFTS, poison_every=10))


def lonely() -> list[tuple[str, int]]:
    """Return each place with the passages at which the full dose tries it on a line of its own."""
    luck = chance("lonely places")
    return [(place, n) for place in places() for n in ((1,) if place in ONCE else (1, luck.choice((2, 3))))]


@pytest.mark.skipif(not IS_FULL, reason="a part of the full dose: the short one tries all places in turn")
@pytest.mark.parametrize(("place", "passage"), lonely())
async def test_line_that_is_killed_once_ends_as_if_nothing_had_happened(line: Line, place: str, passage: int) -> None:
    await killed(line, place, passage)
    check(await line.evidence(), SAFETY)
    await whole(replace(scenario(line, place), is_contested=False))


@pytest.mark.parametrize(("place", "file"), list(ELSEWHERE.items()))
def test_place_of_another_line_is_tried_there(place: str, file: str) -> None:
    assert f'"{place}' in (HERE / file).read_text()
