"""Unwrapped data keys that this process used lately, by subject and by id.

Owns: forgetting. A key is good for a minute, so that one that was destroyed is not used for longer. Those that nobody
used for a minute or two leave memory as others come, and so do the oldest where there are many: a process that needs no
other key keeps the last ones. Refuses: getting and unwrapping keys (`keys.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

GOOD_SECONDS: Final = 60
_YOUNG_NAMES_MAX: Final = 20_000  # each key has two; with those that are old about 10 MB
Subject: TypeAlias = tuple[str, str]
"""Tenant and patient."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """An unwrapped key. **Shape**: `secret` is None where it was destroyed; a cipher of it would take 2,500 bytes."""

    kid: str
    secret: bytes | None = field(repr=False)
    until: float


class KeyCache:
    """Keys by name. **Shape**: the old half is let go at once; what is used meanwhile is young again."""

    def __init__(self) -> None:
        self._young: dict[Subject | str, DataKey] = {}
        self._old: dict[Subject | str, DataKey] = {}
        self._turned_at = 0.0

    def __len__(self) -> int:
        """Return how many names are known."""
        return len(self._young.keys() | self._old.keys())

    def get(self, name: Subject | str) -> DataKey | None:
        """Return a key that was at hand when the work began, however long that took."""
        return self._young.get(name) or self._old.get(name)

    def hold(self, name: Subject | str, now: float) -> bool:
        """Keep a key that is at hand and may be used for 20,000 names or a minute more; return whether it is."""
        key = self.get(name)
        if key is None or key.until < now:
            return False
        self._young[name] = key
        return True

    def keep(self, keys: Mapping[Subject | str, DataKey], now: float) -> None:
        """Have keys at hand, all of them together."""
        if now - self._turned_at > GOOD_SECONDS or len(self._young) > _YOUNG_NAMES_MAX:
            self._young, self._old, self._turned_at = {}, self._young, now
        self._young.update(keys)
