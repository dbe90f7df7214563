"""A small code table in memory: rows with the days on which they hold, one row a code.

For the tables that we restate by hand (place of service, modifiers, HCPCS, adjustment reasons). The big official ones
are `packed.py`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from shared.codesets.edition import Answer, Edition, Interval, NotValidOnDate, Provenance, Valid, absent_code, outside
from shared.kernel.errors import Malformed


class DatedRow(Protocol):
    """What a row must have."""

    @property
    def code(self) -> str:
        """Return the code as stored: upper case, no dots."""

    @property
    def valid(self) -> Interval:
        """Return the days on which the code can be used."""


Row = TypeVar("Row", bound=DatedRow)


class CodeTwice(Malformed):
    """Two rows of a table have the same code."""

    slug = "code-twice-in-table"


class DatedTable(Generic[Row]):
    """One edition of a small table. **Errors**: `CodeTwice`."""

    def __init__(self, provenance: Provenance, rows: Iterable[Row]) -> None:
        listed = sorted(rows, key=lambda row: row.code)
        self._rows = MappingProxyType({row.code: row for row in listed})
        if len(self._rows) != len(listed):
            raise CodeTwice("a code may stand in a table once")
        self.edition = Edition.of(provenance, sha256(repr((provenance, listed)).encode()).hexdigest())

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        """Return the rows in the order of their codes."""
        return iter(self._rows.values())

    def look_up(self, code: str, on: date) -> Answer:
        """Return what is known of a code on a date of service."""
        if (not_loaded := outside(self.edition, on)) is not None:
            return not_loaded
        row = self._rows.get(code)
        if row is None:
            return absent_code(self.edition)
        return Valid(self.edition) if row.valid.holds(on) else NotValidOnDate(self.edition, (row.valid,))

    def row(self, code: str) -> Row | None:
        """Return what the table says about a code, whatever the date; for display, never for a decision."""
        return self._rows.get(code)

    def row_on(self, code: str, on: date) -> Row | None:
        """Return what the table says about a code that is valid on a date; None where `look_up` is not `Valid`."""
        row = self._rows.get(code)
        return row if row is not None and self.edition.covers.holds(on) and row.valid.holds(on) else None


@dataclass(frozen=True, slots=True)
class Labelled:
    """A code with our own short wording."""

    code: str
    label: str
    valid: Interval


class NotALine(Malformed):
    """A line of a restated table is not `code first..last label`."""

    slug = "not-a-line-of-a-code-table"


def labelled(lines: Iterable[str]) -> Iterator[Labelled]:
    """Yield the rows of a restated table. **Shape**: a line is `code first..last label`; no last: still in force.

    **Errors**: `NotALine`.
    """
    for line in lines:
        code, _, rest = line.strip().partition(" ")
        days, _, label = rest.strip().partition(" ")
        try:
            valid = interval(days)
        except ValueError as wrong:
            raise NotALine("the days of a code are `first..last` or `first..`") from wrong
        if not label:
            raise NotALine("a code has a label")
        yield Labelled(code, label.strip(), valid)


def interval(text: str) -> Interval:
    """Return the days that `2011-01-01..2017-12-31` or `2011-01-01..` means. **Errors**: `ValueError`."""
    first, dots, last = text.partition("..")
    if not dots:
        raise ValueError("an interval has two dots")
    return Interval(date.fromisoformat(first), date.fromisoformat(last) if last else None)
