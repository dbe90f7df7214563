"""What this process wrote last, for who goes on from there: relay and reader of own facts read nothing back.

Owns: the facts of the newest commits as one run without a gap, chained, as the store would give them back; a bounded
memory. Refuses: facts of other processes, and answering about a place that the run does not reach: the store is asked.
Who starts, or starts anew, forgets what was written before: the store may have been set back since.
Next: `flush.py` adds, `relay.py` and `consumer.py` ask.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from msgspec import structs

from shared.events.envelope import Envelope
from shared.runtime.store import Head

_FACTS_MAX: Final = 2_000
_BYTES_MAX: Final = 4 * 1024 * 1024


class Written:
    """The end of the store, as far as this process wrote it."""

    def __init__(self) -> None:
        self._facts: list[Envelope] = []
        self._bytes = 0

    def forget(self) -> None:
        """Forget everything."""
        self._facts, self._bytes = [], 0

    def add(self, head: Head, facts: Sequence[Envelope]) -> None:
        """Take the facts of a commit; what was added before stays if they follow from it, by the head as it was."""
        if self._facts and self._facts[-1].chain_hash != head.chain_hash:  # somebody else wrote in between
            self.forget()
        self._facts += map(_as_stored, facts)
        self._bytes += sum(len(each.data) for each in facts)
        if len(self._facts) > _FACTS_MAX or self._bytes > _BYTES_MAX:
            self._forget_oldest()

    def after(self, position: int) -> Sequence[Envelope]:
        """Return what follows a position; nothing where that is not known here, whether or not there is anything."""
        if not self._facts or position + 1 < self._facts[0].position:
            return ()
        return self._facts[position + 1 - self._facts[0].position :]

    def _forget_oldest(self) -> None:
        """Keep half of what is allowed, so that this is seldom done."""
        kept, size = len(self._facts), 0
        while kept and len(self._facts) - kept < _FACTS_MAX // 2 and size <= _BYTES_MAX // 2:
            kept -= 1
            size += len(self._facts[kept].data)
        del self._facts[:kept]
        self._bytes = size


def _as_stored(fact: Envelope) -> Envelope:
    """Return a fact as the store gives it back: every instant in UTC."""
    if fact.occurred_at.tzinfo is UTC:
        return fact
    return structs.replace(fact, occurred_at=fact.occurred_at.astimezone(UTC))
