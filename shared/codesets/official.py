"""How a table comes out of a file that an agency publishes: recognised by its content, read as a stream of lines.

Owns: what goes into a loader (`Member`, `Stated`), what comes out (`Built`), and what is told on the way (`Told`).
Refuses: opening files; who calls brings lines (`shared/runtime/tables.py`). Next: `systems.py`, then a loader of
`loaders/`.

A file of another shape is refused whole, at the line where that shows. A single row that cannot be read is left out and
told; the table is then marked incomplete, so that what it lacks is "not loaded" and never "invalid".
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, Self

from shared.codesets.edition import Edition, Provenance
from shared.codesets.library import System
from shared.kernel.errors import Malformed

TOLD_MAX: Final = 100
"""Rejected rows that are told one by one; all are counted."""

_FIRST_MONTHS: Final = ("jan", "apr", "jul", "oct")
_EFFECTIVE: Final = re.compile(r"eff(?:ective)?[-_ ](0[1-9]|1[0-2])-\d\d-(20\d\d)")
_NUMBERED: Final = re.compile(r"(20\d\d)[-_ ]?q([1-4])")
_MONTH_AFTER: Final = re.compile(r"(20\d\d)[-_ ]?(jan|apr|jul|oct)")
_MONTH_BEFORE: Final = re.compile(r"(jan|apr|jul|oct)[a-z]*[-_ ](20\d\d)")


class NotOfficial(Malformed):
    """A file is not laid out as its keeper publishes it, or does not say for which days it is.

    **Shape**: the message names the file, the line where there is one, and what was expected; no content.
    """

    slug = "not-an-official-file"

    def __init__(self, file: str, why: str, line: int | None = None) -> None:
        super().__init__(f"{file}{'' if line is None else f', line {line}'}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of lines. **Shape**: `name` as its keeper named it; in a zip, that of the zip, a slash, and its own.

    `lines` keep their ends, and can be read once.
    """

    name: str
    lines: Iterable[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What the user says of an edition, where its file does not, or says something else; None: as the file says."""

    release: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    licence: str | None = None

    def provenance(  # noqa: PLR0913 (each is said by another party)
        self,
        system: str,
        file: str,
        printed: "Period | None",
        *,
        source: str,
        told: "Told",
        foreign: Collection[str] = (),
    ) -> Provenance:
        """Return where a table comes from: what the user says, then what the file does.

        **Shape**: rows that were left out make it incomplete, but for those that were dropped for a reason in
        `foreign`: such codes are of another code set. **Errors**: `NotOfficial` where nobody says which days.
        """
        first = self.effective_from or (printed.first if printed else None)
        release = self.release or (printed.release if printed else None)
        if first is None or release is None:
            raise NotOfficial(file, "neither its name nor its content says for which days it is: state them")
        return Provenance(
            system=system,
            release=release,
            effective_from=first,
            effective_to=self.effective_to or (printed.last if printed else None),
            source=source,
            complete=not (told.rejected_count or set(told.dropped).difference(foreign)),
        )


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a release is published for, and its name."""

    release: str
    first: date
    last: date | None

    @classmethod
    def quarter(cls, year: int, number: int) -> Self:
        """Return a quarter of a calendar year, as most editors of CMS publish. **Shape**: `number` 1 to 4."""
        last = date(year + number // 4, number * 3 % 12 + 1, 1) - timedelta(days=1)
        return cls(f"{year}Q{number}", date(year, number * 3 - 2, 1), last)

    @classmethod
    def quarter_from(cls, day: date) -> Self:
        """Return the quarter that a day lies in."""
        return cls.quarter(day.year, (day.month + 2) // 3)

    @classmethod
    def quarter_named(cls, name: str) -> Self | None:
        """Return the quarter that the name of a file of CMS says; None where it says none.

        **Shape**: as in `Eff_10-01-2026`, `2026-q4`, `V2026Q4`, `HCPC2026_OCT`, `october-2026`; the name of the file
        goes before that of its zip.
        """
        for part in reversed(name.lower().split("/")):
            if found := _EFFECTIVE.search(part):
                return cls.quarter(int(found[2]), (int(found[1]) + 2) // 3)
            if found := _NUMBERED.search(part):
                return cls.quarter(int(found[1]), int(found[2]))
            if found := _MONTH_AFTER.search(part):
                return cls.quarter(int(found[1]), _FIRST_MONTHS.index(found[2]) + 1)
            if found := _MONTH_BEFORE.search(part):
                return cls.quarter(int(found[2]), _FIRST_MONTHS.index(found[1]) + 1)
        return None


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was left out. **Shape**: the line counts from 1."""

    file: str
    line: int
    why: str


@dataclass(slots=True)
class Told:
    """What a loader has to say of the rows that it left out. **Shape**: the first `TOLD_MAX` by line, all by count.

    `rejected` rows could not be read. `dropped` are those that may not be kept (CPT and CDT without a licence), by why.
    """

    rejected: list[RejectedRow] = field(default_factory=list)
    rejected_count: int = 0
    dropped: dict[str, int] = field(default_factory=dict)

    def reject(self, file: str, line: int, why: str) -> None:
        """Note a row that cannot be read."""
        self.rejected_count += 1
        if len(self.rejected) < TOLD_MAX:
            self.rejected.append(RejectedRow(file, line, why))

    def drop(self, why: str) -> None:
        """Note a row that may not be kept."""
        self.dropped[why] = self.dropped.get(why, 0) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A table that was built. **Shape**: `table` packed; `rows` that it holds."""

    table: bytes
    edition: Edition
    rows: int
    told: Told

    @classmethod
    def of(cls, system: System[Any], table: bytes, rows: int, told: Told) -> Self:
        """Return what was built, opened once as services will open it. **Errors**: `NotATable`."""
        return cls(table=table, edition=system.read(table).edition, rows=rows, told=told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One layout of official file, and how a table is built from it.

    **Shape**: `recognises` is asked with the name of a member and its first bytes (`HEAD_BYTES`); several members of
    one layout and release are built together, in the order of their names. A file may be of several layouts: each
    builds its own table from it, from lines of its own. **Errors**: of `build`, `NotOfficial`.
    """

    system: System[Any]
    about: str
    recognises: Callable[[str, bytes], bool]
    build: Callable[[Sequence[Member], Stated], Built]


HEAD_BYTES: Final = 8_192
