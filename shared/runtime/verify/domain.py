"""What a service says must be true of its facts, by a fold over all of them.

Owns: folding, unit by unit: in the middle of what was decided together nothing needs to hold. Refuses: knowing what an
invariant means (`services/payments/domain/invariants.py`, say). A fact that cannot be opened is left out; whether its
bytes were changed is the chain's to say.
"""

from collections.abc import Sequence
from typing import Any, Final

from shared.events.envelope import Envelope, Event
from shared.kernel.invariant import AnyInvariant
from shared.runtime.consumer import opened
from shared.runtime.engine import Engine
from shared.runtime.keys import KeyNotFound
from shared.runtime.progress import Progress
from shared.runtime.store import RowKey
from shared.runtime.verify.finding import About, Finding

_FACTS_MAX: Final = 1_000


def about(invariant: AnyInvariant) -> About:
    """Return what an invariant is called."""
    return About(name=invariant.name, about=invariant.about)


async def check_domain(engine: Engine, to: int, progress: Progress) -> tuple[Finding, ...]:
    """Return whether the service's own invariants hold up to a position. **Errors**: `Unavailable`: the keys are."""
    folds = [_Fold(each) for each in engine.service.invariants]
    types = sorted({each for fold in folds for each in fold.types})
    after, done = 0, False
    while types and not done:
        facts = await engine.store.events(after, types=types, events_max=_FACTS_MAX)
        await engine.vault.prepare_to_open(facts)
        for fact in facts:
            if fact.position <= to:
                _take(folds, fact, _opened(engine, fact))
        done = not facts or facts[-1].position >= to
        after = facts[-1].position if facts else after
        progress("facts", min(after, to), to)
    return tuple(fold.ended() for fold in folds)


def _opened(engine: Engine, fact: Envelope) -> Event | None:
    try:
        return opened(engine.vault, fact)[0]
    except KeyNotFound:
        return None


def _take(folds: Sequence["_Fold"], fact: Envelope, event: Event | None) -> None:
    for fold in folds:
        if fact.type in fold.types:
            fold.take(fact, event)


class _Fold:
    """One invariant on its way through the facts. **Shape**: `_touched` are the rows of the unit that is open."""

    def __init__(self, invariant: AnyInvariant) -> None:
        self.invariant = invariant
        self.types = frozenset(event.__name__ for event in invariant.events)
        self._left_out = 0
        self._checked = 0
        self._rows: dict[RowKey, Any] = {}
        self._touched: set[RowKey] = set()
        self._unit = (0, 0)
        self._complaint: str | None = None

    def take(self, fact: Envelope, event: Event | None) -> None:
        """Fold a fact, None for one that cannot be opened. Where a unit begins, look at what the one before it left."""
        if fact.unit_last != self._unit[1]:
            self._end_unit()
            self._unit = (fact.unit_first, fact.unit_last)
        if event is None:
            self._left_out += 1
            return
        self._checked += 1
        for key in self.invariant.keys(event):
            place = (fact.tenant_id, key)
            row = self.invariant.apply(self._rows.get(place), event)
            if row is None:
                self._rows.pop(place, None)
            else:
                self._rows[place] = row
            self._touched.add(place)

    def _end_unit(self) -> None:
        for place in sorted(self._touched) if self._complaint is None else ():
            if place in self._rows and self.invariant.is_broken(self._rows[place]):
                self._complaint = f"positions {self._unit[0]} to {self._unit[1]} leave {place[1]} broken"
                break
        self._touched.clear()

    def ended(self) -> Finding:
        """Return what it comes to."""
        self._end_unit()
        return about(self.invariant).found(self._complaint, checked=self._checked, left_out=self._left_out)
