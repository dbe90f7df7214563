"""Rows are remembered until their number is too large, those longest that were used last."""

import pytest

from shared.runtime import row_cache
from shared.runtime.row_cache import NOT_KEPT, RowCache

FIRST = ("rm_shelves_v1", ("demo", "copy-1"))
SECOND = ("rm_shelves_v1", ("demo", "copy-2"))
THIRD = ("rm_shelves_v1", ("demo", "copy-3"))


def test_a_row_that_does_not_exist_is_known_too() -> None:
    cache = RowCache()
    cache.keep({FIRST: "row", SECOND: None})

    assert (cache.find(FIRST), cache.find(SECOND), cache.find(THIRD)) == ("row", None, NOT_KEPT)


def test_nothing_is_left_after_clearing() -> None:
    cache = RowCache()
    cache.keep({FIRST: "row"})

    cache.clear()

    assert cache.find(FIRST) is NOT_KEPT


def test_what_nobody_used_lately_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_cache, "_YOUNG_ROWS_MAX", 1)
    cache = RowCache()

    cache.keep({FIRST: "first", SECOND: "second"})
    cache.keep({FIRST: "again"})
    cache.keep({THIRD: "third"})

    assert (cache.find(FIRST), cache.find(SECOND), cache.find(THIRD)) == ("again", NOT_KEPT, "third")
