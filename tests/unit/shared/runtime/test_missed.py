"""While one slice of the past is folded, the next is read; what was read too late, or of another store, is not used."""

import asyncio
import gc
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import json

from shared.runtime.keys import LocalKms, MemoryKeyStore, Vault
from shared.runtime.missed import ReadingAhead, opened, slice_after
from shared.runtime.store import Fact, Head, StoreUnavailable
from shared.runtime.wiring import Wiring
from tests.support.lending import CopyLent, lending

TYPES = frozenset({"CopyLent"})
HEAD = Head(
    store_id="store-1",
    incarnation=1,
    position=12_000,
    chain_hash=bytes(32),
    recorded_at=datetime(2026, 3, 3, tzinfo=UTC),
    session=1,
)
NEXT = slice_after(HEAD, 5_000, TYPES)


def fact(position: int, type_: str) -> Fact:
    return Fact(position, "demo", "", type_, 1, json.encode(CopyLent(copy_id=f"C-{position}", title="Example")))


class Reading:
    """A store that is only read, and may be away."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.is_away = False

    async def facts_between(self, head: Head, after: int, to: int, types: Collection[str]) -> list[Fact]:
        """Return the fact at either end."""
        assert (head, types) == (HEAD, TYPES)
        self.asked.append((after, to))
        await asyncio.sleep(0)
        if self.is_away:
            raise StoreUnavailable("the store is away")
        return [fact(after + 1, "CopyLent"), fact(to, "CopyLent")]


@pytest.fixture
def vault() -> Vault:
    return Vault(Wiring(lending()).registry, LocalKms(bytes(32)), MemoryKeyStore())


@pytest.fixture
def store() -> Reading:
    return Reading()


@pytest.fixture
async def ahead(store: Any, vault: Vault) -> AsyncIterator[ReadingAhead]:  # noqa: ANN401 (all that is asked of it)
    reading = ReadingAhead(store, vault)
    yield reading
    await reading.close()


def test_slices_end_with_the_head() -> None:
    assert (NEXT.after, NEXT.to) == (5_000, 10_000)
    assert slice_after(HEAD, NEXT.to, TYPES).to == 12_000


async def test_facts_that_this_release_does_not_know_are_left_out(vault: Vault) -> None:
    facts = [fact(n, "CopyLent" if n % 7 else "CopySeenByALaterRelease") for n in range(1, 1_001)]

    assert [each.position for each, _ in await opened(vault, facts)] == [n for n in range(1, 1_001) if n % 7]


async def test_what_was_begun_is_taken_once_it_is_here(ahead: ReadingAhead, store: Reading) -> None:
    ahead.begin(HEAD, NEXT)
    too_early = ahead.taken(NEXT)
    await ahead.settle()
    found = ahead.taken(NEXT)

    assert too_early is None
    assert found is not None
    assert [each.position for each, _ in found] == [5_001, 10_000]
    assert store.asked == [(5_000, 10_000)]


@pytest.mark.parametrize(
    "wanted",
    [
        slice_after(replace(HEAD, session=2), 5_000, TYPES),
        slice_after(replace(HEAD, incarnation=2), 5_000, TYPES),
        slice_after(replace(HEAD, position=9_000), 5_000, TYPES),
        slice_after(HEAD, 5_000, TYPES | {"CopyReturned"}),
        slice_after(HEAD, 10_000, TYPES),
    ],
    ids=["session", "incarnation", "end", "types", "place"],
)
async def test_another_slice_is_not_taken_for_it(ahead: ReadingAhead, wanted: Any) -> None:  # noqa: ANN401 (a slice)
    ahead.begin(HEAD, NEXT)
    await ahead.settle()

    assert ahead.taken(wanted) is None


async def test_a_store_that_is_away_is_nobodys_error(store: Any, vault: Vault) -> None:  # noqa: ANN401 (as above)
    said: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    store.is_away = True
    for waits in (True, False):
        ahead = ReadingAhead(store, vault)
        ahead.begin(HEAD, NEXT)
        if waits:
            await ahead.settle()
            ahead.begin(HEAD, slice_after(HEAD, NEXT.to, TYPES))  # the first is not asked for any more
            await ahead.settle()
            assert ahead.taken(NEXT) is None
        await ahead.close()
        del ahead
        gc.collect()

    assert said == []


async def test_who_stops_early_leaves_nothing_behind(ahead: ReadingAhead) -> None:
    ahead.begin(HEAD, NEXT)
    await asyncio.sleep(0)
    await ahead.close()

    assert len(asyncio.all_tasks()) == 1
