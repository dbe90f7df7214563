"""Who is ended: sessions that two looks found silent, for one look may catch one that was just given the lock."""

from collections.abc import Sequence
from typing import Any, cast

import pytest
from asyncpg.pool import PoolConnectionProxy

from shared.runtime.silent_holder import _end_silent_holders

WAITING = 7


class Server:
    """Answers looks in turn. **Shape**: each answer is the sessions that it finds silent."""

    def __init__(self, *looks: Sequence[int]) -> None:
        self._looks = list(looks)
        self.ended: list[int] = []

    async def fetch(self, question: str, waiting: int, _seconds: float, *suspects: Sequence[int]) -> list[Any]:
        """Answer a look, and note who is ended by it."""
        assert waiting == WAITING
        found = [pid for pid in self._looks.pop(0) if not suspects or pid in suspects[0]]
        if "pg_terminate_backend" in question:
            self.ended += found
        return [{"pid": pid} for pid in found]


@pytest.mark.parametrize(
    ("looks", "ended"),
    [([[]], []), ([[1, 2], [1]], [1]), ([[1], []], []), ([[1], [1, 3]], [1])],
    ids=["nobody", "one-spoke", "all-spoke", "another-fell-silent"],
)
async def test_only_who_was_silent_twice_is_ended(looks: Sequence[Sequence[int]], ended: Sequence[int]) -> None:
    server = Server(*looks)

    found = await _end_silent_holders(cast("PoolConnectionProxy", server), WAITING)

    assert (server.ended, found) == (ended, len(ended))
