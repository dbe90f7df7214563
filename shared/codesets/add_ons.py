"""Add-on codes: services that are only paid beside a primary one, of one practitioner, patient and day.

Owns: reading the table that `loaders/add_ons.py` builds. Refuses: looking for the primary service; the rule in
validation does. The table holds its own history: what was an add-on on a day, and beside which codes.
**Source**: Medicare NCCI Policy Manual, chapter I, section R; add-on code edits, CMS.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Final, Self, TypeAlias

import msgspec

from shared.codesets.edition import Edition, Interval, TableNotLoaded, Why, outside
from shared.codesets.library import System
from shared.codesets.packed import Buffer, NotATable, Packed

BY_CONTRACTOR: Final = "CCCCC"
"""Instead of a primary code: the contractor decides which."""


class EditType(IntEnum):
    """Which primary codes an add-on takes, in the numbers of the file."""

    LISTED = 1  # only those that are listed
    BY_CONTRACTOR = 2  # the contractor decides; none is listed
    LISTED_AND_BY_CONTRACTOR = 3


@dataclass(frozen=True, slots=True)
class AddOn:
    """An add-on code on a day. **Shape**: `primaries` as listed; `notes` are short instructions of CMS, mostly none.

    Without a listed primary beside it, type 1 is not paid; of types 2 and 3 only the contractor can say.
    """

    code: str
    edit_type: EditType
    primaries: frozenset[str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AddOnRow:
    """One row of the file. **Shape**: no `primary`: the contractor decides; `valid` ends with the first deletion."""

    code: str
    primary: str | None
    edit_type: EditType
    valid: Interval
    note: str = ""


_Spans: TypeAlias = tuple[list[int], list[AddOn | None]]


class AddOnEdits:
    """One edition of add-on codes. **Shape**: immutable; what holds is worked out once, from change to change."""

    def __init__(self, edition: Edition, rows: Iterable[AddOnRow]) -> None:
        self.edition: Final = edition
        self._rows: Final = tuple(
            sorted(rows, key=lambda row: (row.code, row.primary or BY_CONTRACTOR, row.valid.first))
        )
        self._spans: Final[Mapping[str, _Spans]] = {
            code: _spans(code, tuple(group)) for code, group in groupby(self._rows, attrgetter("code"))
        }

    @classmethod
    def read(cls, system: str, buffer: Buffer) -> Self:
        """Return the table in a buffer. **Errors**: `NotATable`."""
        table = Packed(buffer)
        try:
            rows = msgspec.json.decode(table.section("rows"), type=tuple[AddOnRow, ...])
        except msgspec.MsgspecError as wrong:
            raise NotATable("the rows of the table cannot be read") from wrong
        return cls(table.edition(system), rows)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def add_on(self, code: str, on: date) -> AddOn | TableNotLoaded | None:
        """Return what an add-on code needs on a day; None where it is none on that day by this whole table."""
        if (not_loaded := outside(self.edition, on)) is not None:
            return not_loaded
        if (spans := self._spans.get(code)) is not None:
            at = bisect_right(spans[0], on.toordinal()) - 1
            return spans[1][at] if at >= 0 else None
        return None if self.edition.complete else TableNotLoaded(self.edition.system, Why.PARTIAL, self.edition)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each row as people compare it: add-on, primary and first day, and what holds for them as one line."""
        for row in self._rows:
            yield (
                f"{row.code}/{row.primary or BY_CONTRACTOR} {row.valid.first}",
                f"to {row.valid.last or 'open'}, type {row.edit_type.value}",
            )


def _spans(code: str, rows: tuple[AddOnRow, ...]) -> _Spans:
    """Return the days on which something changes, and what holds from each of them on."""
    ends = (row.valid.last + timedelta(days=1) for row in rows if row.valid.last not in {None, date.max})
    changes = sorted({*(row.valid.first for row in rows), *ends})
    return [day.toordinal() for day in changes], [_on(code, rows, day) for day in changes]


def _on(code: str, rows: tuple[AddOnRow, ...], day: date) -> AddOn | None:
    found = [row for row in rows if row.valid.holds(day)]
    if not found:
        return None
    primaries = frozenset(row.primary for row in found if row.primary is not None)
    edit_type = EditType.LISTED
    if any(row.primary is None or row.edit_type is not EditType.LISTED for row in found):
        edit_type = EditType.LISTED_AND_BY_CONTRACTOR if primaries else EditType.BY_CONTRACTOR
    notes = tuple(dict.fromkeys(row.note for row in found if row.note))
    return AddOn(code, edit_type, primaries, notes)


SYSTEM: Final = System(
    name="add_ons",
    title="NCCI add-on codes",
    source="https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits"
    "/medicare-ncci-add-code-edits",
    read=partial(AddOnEdits.read, "add_ons"),
    licence="AMA: CPT numbers",
)
