"""A key store whose database can be away."""

from collections.abc import Sequence

from shared.runtime.keys import MemoryKeyStore, WrappedKey
from shared.runtime.store import StoreUnavailable


class AwayKeys(MemoryKeyStore):
    """A key store whose database can be away."""

    away = False
    times_away = 0

    async def ensure(self, offered: Sequence[WrappedKey]) -> Sequence[WrappedKey]:
        """Keep keys. **Errors**: `StoreUnavailable` while it is away."""
        if self.away:
            self.times_away += 1
            raise StoreUnavailable("the key store does not answer")
        return await super().ensure(offered)

    def lose(self) -> None:
        """Be another key store: it knows no key that was made before."""
        self._keys.clear()
