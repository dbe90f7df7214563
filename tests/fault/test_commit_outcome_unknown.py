"""Connections that are cut around COMMIT, in all services at once: nobody knows what became of it, and nothing is lost.

Before the server hears of it, right after it was sent, and when its answer is back and nobody was told (F7).
"""

import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.support.dose import chance, dose
from tests.support.invariants import check
from tests.support.line import Line, run
from tests.support.proxy import Cut, Proxy, proxy

CUTS: Final = dose(24, 204)  # in six equal parts: two services, each in three ways
OPENING: Final = 3
"""Commits of a service that opens; a cut there ends the opening, which is another story."""


def chooser(name: str) -> Callable[[], Cut | None]:
    """Return what cuts every second commit, until there were enough of each kind."""
    luck = chance(name)
    left: Counter[Cut] = Counter({"before": CUTS // 6, "sent": CUTS // 6, "answered": CUTS // 6})
    passed = 0

    def choose() -> Cut | None:
        nonlocal passed
        passed += 1
        kinds: list[Cut] = sorted(+left)
        if passed <= OPENING or not kinds or luck.random() < 0.5:
            return None
        cut = luck.choice(kinds)
        left[cut] -= 1
        return cut

    return choose


async def test_commit_of_unknown_outcome_has_one_effect_per_key_and_fact(line: Line) -> None:
    between: list[Proxy] = []
    async with AsyncExitStack() as stack:
        addresses = []
        for name in ("giver", "shelver"):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cl-")))
            cutting = proxy(getattr(line, name), folder, chooser(f"cuts of {name}"))
            address, cut = await stack.enter_async_context(cutting)
            addresses.append(address)
            between.append(cut)
        giver, shelver = addresses
        cut_line = replace(line, giver=giver, shelver=shelver, count=dose(160, 500), flush_events_max=3, poll_size=20)
        await run(cut_line)

    assert [sum(each.cuts.values()) for each in between] == [CUTS // 6 * 3] * 2
    check(await line.evidence())
