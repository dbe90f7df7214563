"""The rows of read models that this process left in the store, for as long as nobody else writes there.

Owns: remembering a limited number of them, also that there is none. Refuses: judging whether they still are what the
store has (`flush.py`), loading and folding (`working_set.py`).
"""

from collections.abc import Mapping
from typing import Any, Final

from shared.runtime.store import RowPlace

_YOUNG_ROWS_MAX: Final = 10_000  # twice as many are kept; with the usual rows these take about 20 MB
NOT_KEPT: Final = object()
"""What is found where nothing is known; None says that the store has no such row."""


class RowCache:
    """Rows by table, tenant and key. **Shape**: the old half is let go at once, which costs nothing per row."""

    def __init__(self) -> None:
        self._young: dict[RowPlace, Any] = {}
        self._old: dict[RowPlace, Any] = {}

    def clear(self) -> None:
        """Forget everything."""
        self._young, self._old = {}, {}

    def find(self, place: RowPlace) -> Any:  # noqa: ANN401 (rows are of many types)
        """Return a row, None where the store has none, or `NOT_KEPT`."""
        row = self._young.get(place, NOT_KEPT)
        return self._old.get(place, NOT_KEPT) if row is NOT_KEPT else row

    def keep(self, rows: Mapping[RowPlace, Any]) -> None:
        """Remember rows as they were committed; those that nobody touched lately are forgotten."""
        self._young.update(rows)
        if len(self._young) > _YOUNG_ROWS_MAX:
            self._young, self._old = {}, self._young
