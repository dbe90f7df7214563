"""What costs something is asked once for all who ask within a few seconds, and again after a failure."""

import asyncio

import pytest

from shared.runtime.engine import Engine
from shared.runtime.seldom import PAUSE_SECONDS, Seldom
from shared.runtime.store import StoreUnavailable
from tests.support.lending import lending
from tests.support.memory import running


class Asked:
    """A question that counts, and fails the first so many times."""

    def __init__(self, failures: int = 0) -> None:
        self.times = 0
        self._failures = failures

    async def answer(self, _: Engine) -> int:
        """Count, and return how often it was asked."""
        self.times += 1
        await asyncio.sleep(0)
        if self.times <= self._failures:
            raise StoreUnavailable("away")
        return self.times


async def test_all_who_ask_at_once_share_an_answer_until_it_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [100.0]
    monkeypatch.setattr("shared.runtime.seldom.monotonic", lambda: seconds[0])
    asked = Asked()
    seldom = Seldom(asked.answer)
    async with running(lending()) as svc:
        together = await asyncio.gather(*(seldom.of(svc.engine) for _ in range(10)))
        seconds[0] += PAUSE_SECONDS
        later = await seldom.of(svc.engine)

    assert (together, later, asked.times) == ([1] * 10, 2, 2)


async def test_a_failure_is_not_kept() -> None:
    seldom = Seldom(Asked(failures=1).answer)
    async with running(lending()) as svc:
        with pytest.raises(StoreUnavailable):
            await seldom.of(svc.engine)
        assert await seldom.of(svc.engine) == 2
