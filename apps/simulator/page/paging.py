"""A long list, newest first, a page at a time; rows are numbered from 1 in the order of arrival, and stay so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")
_DIGITS_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Some rows. **Shape**: `older` is the cursor of the next page, 0 where there is none."""

    rows: Sequence[T]
    older: int = 0


def newest(count: int, before: int, limit: int) -> Slice[int]:
    """Return the numbers of the newest rows of so many. **Shape**: below `before`, 0 for the top of the list."""
    top = top_of(count, before)
    rest = max(top - limit, 0)
    return Slice(range(top, rest, -1), rest + 1 if rest else 0)


def top_of(count: int, before: int) -> int:
    """Return the number of the newest row that a cursor lets through."""
    return min(before - 1, count) if before else count


def cursor(text: str) -> int:
    """Return the number that a link or a form names, 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX else 0
