"""While one slice of the past is folded, the next is read; what was read of another store is not used."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import json

from shared.runtime.keys import LocalKms, MemoryKeyStore, Vault
from shared.runtime.missed import Missed
from shared.runtime.store import Fact, Head, StoreUnavailable
from shared.runtime.wiring import Wiring
from tests.support.lending import CopyLent, lending

TYPES = frozenset({"CopyLent", "CopySeenByALaterRelease"})
HEAD = Head(
    store_id="store-1",
    incarnation=1,
    position=12_000,
    chain_hash=bytes(32),
    recorded_at=datetime(2026, 3, 3, tzinfo=UTC),
    session=1,
)


class Reading:
    """A store that is only read: it remembers what was asked, and may be away."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.is_away = False

    async def facts_between(self, after: int, to: int, types: Collection[str]) -> list[Fact]:
        """Return a fact at either end, and one that this release does not know."""
        assert types == TYPES
        self.asked.append((after, to))
        await asyncio.sleep(0)
        if self.is_away:
            raise StoreUnavailable("the store is away")
        known = [fact(position, "CopyLent") for position in (after + 1, to)]
        return [known[0], fact(after + 2, "CopySeenByALaterRelease"), known[1]]


def fact(position: int, type_: str) -> Fact:
    return Fact(position, "demo", "", type_, 1, json.encode(CopyLent(copy_id=f"C-{position}", title="Example")))


@pytest.fixture
def store() -> Reading:
    return Reading()


@pytest.fixture
def missed(store: Any) -> Missed:  # noqa: ANN401 (all that is asked of it)
    return Missed(store, Vault(Wiring(lending()).registry, LocalKms(bytes(32)), MemoryKeyStore()))


async def ahead() -> None:
    """Let what is read ahead come to its end."""
    for _ in range(9):
        await asyncio.sleep(0)


async def test_slices_follow_one_another_up_to_the_head_and_each_is_read_once(missed: Missed, store: Reading) -> None:
    ends, positions = [0], list[int]()
    while ends[-1] < HEAD.position:
        to, facts = await missed.facts(HEAD, ends[-1], TYPES)
        ends.append(to)
        positions += [each.position for each, _ in facts]

    assert ends == [0, 5_000, 10_000, 12_000]
    assert positions == [1, 5_000, 5_001, 10_000, 10_001, 12_000]
    assert store.asked == [(0, 5_000), (5_000, 10_000), (10_000, 12_000)]


async def test_the_next_slice_is_read_before_anybody_asks_for_it(missed: Missed, store: Reading) -> None:
    await missed.facts(HEAD, 0, TYPES)
    await ahead()

    assert store.asked == [(0, 5_000), (5_000, 10_000)]


@pytest.mark.parametrize("change", [{"session": 2}, {"incarnation": 2}, {"position": 9_000}])
async def test_what_was_read_of_another_store_is_read_anew(
    missed: Missed, store: Reading, change: dict[str, int]
) -> None:
    await missed.facts(HEAD, 0, TYPES)
    await ahead()
    now = replace(HEAD, **change)  # type: ignore[arg-type]  # each is a number

    to, _ = await missed.facts(now, 5_000, TYPES)

    assert store.asked[2] == (5_000, to)


async def test_a_store_that_is_away_is_known_to_who_asks_and_asked_again(missed: Missed, store: Reading) -> None:
    await missed.facts(HEAD, 0, TYPES)
    store.is_away = True
    await ahead()

    with pytest.raises(StoreUnavailable):
        await missed.facts(HEAD, 5_000, TYPES)
    store.is_away = False
    assert (await missed.facts(HEAD, 5_000, TYPES))[0] == 10_000


@pytest.mark.parametrize("is_away", [False, True])
async def test_nothing_is_left_of_what_nobody_asks_for_any_more(
    missed: Missed, store: Reading, *, is_away: bool
) -> None:
    await missed.facts(HEAD, 0, TYPES)
    store.is_away = is_away
    missed.forget()
    await ahead()

    assert len(asyncio.all_tasks()) == 1
