"""What own read models missed, slice by slice; while one slice is folded and written, the next is read and opened.

Owns: reading ahead, which needs no lock: facts up to the head that a lock showed never change, as long as it is the
same store. Refuses: which facts are missed, and folding them (`working_set.py`).
"""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

from shared.events.envelope import Event
from shared.runtime.keys import Vault
from shared.runtime.store import Fact, Head, Store

_EVENTS_MAX: Final = 5_000
_OPENED_AT_ONCE: Final = 250  # about a millisecond, in which what is being written gets no turn


class Slice(NamedTuple):
    """Some facts of a store as one session knows it. **Shape**: positions above `after`, up to `to`."""

    session: int
    incarnation: int
    after: int
    to: int
    types: frozenset[str]


class Missed:
    """The facts of one store, for who folds them in order."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._ahead: tuple[Slice, asyncio.Task[Sequence[tuple[Fact, Event]]]] | None = None

    async def facts(self, head: Head, after: int, types: frozenset[str]) -> tuple[int, Sequence[tuple[Fact, Event]]]:
        """Return facts of some types above a position, and up to where these are all; begin to read what comes next.

        **Shape**: facts of types that this release does not know are left out. **Errors**: those of `Vault.open`.
        """
        wanted = _slice(head, after, types)
        ahead, self._ahead = self._ahead, None
        if ahead and ahead[0] == wanted:
            found = await ahead[1]
        else:
            _call_off(ahead)
            found = await self._opened(wanted)
        if wanted.to < head.position:
            following = _slice(head, wanted.to, types)
            self._ahead = following, asyncio.create_task(self._opened(following))
        return wanted.to, found

    def forget(self) -> None:
        """Read nothing ahead any more."""
        _call_off(self._ahead)
        self._ahead = None

    async def _opened(self, wanted: Slice) -> Sequence[tuple[Fact, Event]]:
        facts = await self._store.facts_between(wanted.after, wanted.to, wanted.types)
        await self._vault.prepare_to_open(facts)
        opened: list[tuple[Fact, Event]] = []
        for first in range(0, len(facts), _OPENED_AT_ONCE):
            for fact in facts[first : first + _OPENED_AT_ONCE]:
                event = self._vault.open(fact)
                if event is not None:
                    opened.append((fact, event))
            await asyncio.sleep(0)
        return opened


def _slice(head: Head, after: int, types: frozenset[str]) -> Slice:
    return Slice(head.session, head.incarnation, after, min(head.position, after + _EVENTS_MAX), types)


def _call_off(ahead: tuple[Slice, asyncio.Task[Sequence[tuple[Fact, Event]]]] | None) -> None:
    if ahead:
        ahead[1].cancel()
        ahead[1].add_done_callback(_unheard)


def _unheard(task: asyncio.Task[Sequence[tuple[Fact, Event]]]) -> None:
    """Take note of an error that nobody waits for: who needs the facts reads them again, and meets it."""
    if not task.cancelled():
        task.exception()
