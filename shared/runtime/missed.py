"""What own read models missed, slice by slice; while one is folded and written, the next is read and opened.

Owns: reading ahead, which needs no lock: what a store has up to the head that a lock showed never changes. Refuses:
which facts are missed, folding them and asking under the lock (`working_set.py`). What was not read ahead in time, or
could not be, is no loss: then the lock's own connection is asked.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from shared.events.envelope import Event
from shared.kernel.errors import Unavailable
from shared.runtime.calling_off import call_off
from shared.runtime.keys import Vault
from shared.runtime.store import Fact, Head, Store

_FACTS_MAX: Final = 5_000
_OPENED_AT_ONCE: Final = 250  # about a millisecond, in which what is being written gets no turn
Opened: TypeAlias = Sequence[tuple[Fact, Event | Exception]]
"""Facts as events, or why one of them cannot be read."""


class Slice(NamedTuple):
    """Some facts of a store. **Shape**: positions above `after`, up to `to`, which is no later than the head."""

    session: int
    incarnation: int
    after: int
    to: int
    types: frozenset[str]


def slice_after(head: Head, after: int, types: frozenset[str]) -> Slice:
    """Return the facts of some types that are folded together, the first ones above a position."""
    return Slice(head.session, head.incarnation, after, min(head.position, after + _FACTS_MAX), types)


async def opened(vault: Vault, facts: Sequence[Fact]) -> Opened:
    """Return facts as events, without those of types that this release does not know.

    **Errors**: those of `Vault.prepare_to_open`; `KeyNotFound`.
    """
    await vault.prepare_to_open(facts)
    found: list[tuple[Fact, Event | Exception]] = []
    for first in range(0, len(facts), _OPENED_AT_ONCE):
        for fact in facts[first : first + _OPENED_AT_ONCE]:
            event = _read(vault, fact)
            if event is not None:
                found.append((fact, event))
        await asyncio.sleep(0)
    return found


def _read(vault: Vault, fact: Fact) -> Event | Exception | None:
    try:
        return vault.open(fact)
    except Unavailable:
        raise  # of another key store, say: then no fact is at fault
    except Exception as error:  # noqa: BLE001 (whoever folds it says so)
        return error


class ReadingAhead:
    """The slice that one catch-up folds next."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._begun: tuple[Slice, asyncio.Task[Opened]] | None = None

    def begin(self, head: Head, following: Slice) -> None:
        """Read a slice of the store that has this head."""
        self._begun = following, asyncio.create_task(self._read(head, following))

    async def settle(self) -> None:
        """Wait until what was begun has ended, one way or the other: who holds the lock does not wait for it."""
        if self._begun:
            await asyncio.gather(self._begun[1], return_exceptions=True)

    def taken(self, wanted: Slice) -> Opened | None:
        """Return a slice that was read; None where another one was, it is not here yet, or it could not be read."""
        begun = self._begun
        if begun is None or begun[0] != wanted or not begun[1].done() or begun[1].cancelled() or begun[1].exception():
            return None
        return begun[1].result()

    async def close(self) -> None:
        """Read no more."""
        if self._begun:
            await call_off(self._begun[1])

    async def _read(self, head: Head, wanted: Slice) -> Opened:
        return await opened(self._vault, await self._store.facts_between(head, wanted.after, wanted.to, wanted.types))
