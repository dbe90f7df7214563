"""A small code table in memory: rows with the days on which they hold, one row a code.

For the tables that we restate by hand (place of service, modifiers, HCPCS, adjustment reasons), and for what takes
their place, up to some ten thousand rows, which a file holds as one section of JSON. The big official ones are read in
place (`packed.py`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from types import MappingProxyType
from typing import Final, Generic, Protocol, Self, TypeAlias, TypeVar

import msgspec

from shared.codesets.edition import (
    Answer,
    Edition,
    Interval,
    NotValidOnDate,
    Provenance,
    TableNotLoaded,
    Valid,
    absent_code,
    outside,
)
from shared.codesets.packed import Buffer, NotATable, Packed, head_of, write
from shared.kernel.errors import Malformed

_ROWS: Final = "rows"


class DatedRow(Protocol):
    """What a row must have."""

    @property
    def code(self) -> str:
        """Return the code as stored: upper case, no dots."""

    @property
    def valid(self) -> Interval:
        """Return the days on which the code can be used."""

    @property
    def summary(self) -> str:
        """Return what the row says as one short line, without a licensed text."""


Elsewhere: TypeAlias = Callable[[str], TableNotLoaded | None]
"""Says of a code that a table lacks which other code set it belongs to; None: to this one."""
Row = TypeVar("Row", bound=DatedRow)


class CodeTwice(Malformed):
    """Two rows of a table have the same code."""

    slug = "code-twice-in-table"


class DatedTable(Generic[Row]):
    """One edition of a small table. **Shape**: `of` is an edition where a file holds it. **Errors**: `CodeTwice`."""

    def __init__(self, of: Provenance | Edition, rows: Iterable[Row], *, elsewhere: Elsewhere | None = None) -> None:
        listed = sorted(rows, key=lambda row: row.code)
        self._rows = MappingProxyType({row.code: row for row in listed})
        if len(self._rows) != len(listed):
            raise CodeTwice("a code may stand in a table once")
        self._elsewhere = elsewhere
        self.edition = (
            of if isinstance(of, Edition) else Edition.of(of, sha256(repr((of, listed)).encode()).hexdigest())
        )
        self._valid: Final = Valid(self.edition)  # one for all answers: they are many

    @classmethod
    def read(cls, system: str, row: type[Row], buffer: Buffer, *, elsewhere: Elsewhere | None = None) -> Self:
        """Return the table in a buffer, as `packed` wrote it. **Errors**: `NotATable`, `CodeTwice`."""
        table = Packed(buffer)
        try:
            rows = msgspec.json.decode(table.section(_ROWS), type=tuple[row, ...])  # type: ignore[valid-type]  # as given
        except msgspec.MsgspecError as wrong:
            raise NotATable("the rows of the table cannot be read") from wrong
        return cls(table.edition(system), rows, elsewhere=elsewhere)

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
            return (self._elsewhere and self._elsewhere(code)) or absent_code(self.edition)
        return self._valid if row.valid.holds(on) else NotValidOnDate(self.edition, (row.valid,))

    def row(self, code: str) -> Row | None:
        """Return what the table says about a code, whatever the date; for display, never for a decision."""
        return self._rows.get(code)

    def row_on(self, code: str, on: date) -> Row | None:
        """Return what the table says about a code that is valid on a date; None where `look_up` is not `Valid`."""
        row = self._rows.get(code)
        return row if row is not None and self.edition.covers.holds(on) and row.valid.holds(on) else None

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each code and what holds for it as one line, in the order of the codes."""
        for row in self:
            yield row.code, f"{row.valid} {row.summary}".rstrip()


def packed(provenance: Provenance, rows: Iterable[DatedRow]) -> bytes:
    """Return the file of a small table, as `DatedTable.read` opens it. **Shape**: each row a dataclass of one type."""
    listed = sorted(rows, key=lambda row: row.code)
    return write({"edition": head_of(provenance)}, {_ROWS: msgspec.json.encode(listed)})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A code with our own short wording."""

    code: str
    label: str
    valid: Interval

    @property
    def summary(self) -> str:
        """Return the label."""
        return self.label


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
