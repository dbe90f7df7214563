"""Which release of a code set we hold, and what a look-up on a date of service can answer.

The answers are closed: `match` over `Answer` and end with `assert_never`. There is no bare yes: a table that is absent,
outdated or partial answers `TableNotLoaded`, so that "we do not know" can never be read as "the code is fine".
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self, TypeAlias


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Days on which something holds. **Shape**: both ends belong to it; no `last` means that no end is known.

    Half-open elsewhere, but not here: every agency prints the last usable day, and a biller compares with the print.
    """

    first: date
    last: date | None = None

    def __str__(self) -> str:
        """Return the days as tables and people write them: `2011-01-01..2017-12-31`, or `2011-01-01..`."""
        return f"{self.first}..{self.last or ''}"

    def holds(self, on: date) -> bool:
        """Return whether a day lies inside."""
        return self.first <= on and (self.last is None or on <= self.last)

    def meets(self, other: "Interval") -> bool:
        """Return whether the two share a day."""
        return (other.last is None or self.first <= other.last) and (self.last is None or other.first <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a table comes from, and the days of service that it answers for; no `effective_to`: no end is known.

    `system` is one short word, such as icd10cm.
    `complete` False: the table holds only some of the codes, so absence proves nothing.
    """

    system: str
    release: str
    effective_from: date
    effective_to: date | None
    source: str
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One release of a code set. **Shape**: what a stored finding names, so that it stays readable for years.

    As `Provenance`, with the hash of the table, that of its bytes as they are mapped.
    """

    system: str
    release: str
    effective_from: date
    effective_to: date | None
    sha256: str
    source: str
    complete: bool

    @classmethod
    def of(cls, provenance: Provenance, digest: str) -> Self:
        """Return the edition that a table of this hash is."""
        return cls(
            system=provenance.system,
            release=provenance.release,
            effective_from=provenance.effective_from,
            effective_to=provenance.effective_to,
            sha256=digest,
            source=provenance.source,
            complete=provenance.complete,
        )

    @property
    def name(self) -> str:
        """Return the edition as findings and events write it."""
        return f"{self.system} {self.release}"

    @property
    def covers(self) -> Interval:
        """Return the days of service that this release answers for."""
        return Interval(self.effective_from, self.effective_to)


class Why(StrEnum):
    """Why a table cannot answer."""

    ABSENT = "absent"  # no edition of this code set was loaded
    BEFORE_FIRST_EDITION = "before-first-edition"
    AFTER_LAST_EDITION = "after-last-edition"  # the tables here are out of date
    BETWEEN_EDITIONS = "between-editions"
    PARTIAL = "partial"  # the edition covers the date, but holds only some codes, and not this one
    LICENSED = "licensed"  # the code set may not ship, and nobody supplied it


@dataclass(frozen=True, slots=True)
class Valid:
    """The code can be billed on that date."""

    edition: Edition


@dataclass(frozen=True, slots=True)
class MoreDigitsNeeded:
    """The code is a heading on that date; only longer codes below it can be billed."""

    edition: Edition


@dataclass(frozen=True, slots=True)
class NotValidOnDate:
    """The code exists, but not on that date. **Shape**: `valid`, the intervals in which it does, oldest first."""

    edition: Edition
    valid: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """The complete table of that date has no such code."""

    edition: Edition


@dataclass(frozen=True, slots=True)
class TableNotLoaded:
    """Nobody here can say. **Shape**: `edition` is the nearest one held; None where there is none."""

    system: str
    why: Why
    edition: Edition | None = None


Answer: TypeAlias = Valid | MoreDigitsNeeded | NotValidOnDate | UnknownCode | TableNotLoaded


def outside(edition: Edition, on: date) -> TableNotLoaded | None:
    """Return why an edition says nothing about a day; None where it covers the day."""
    if on < edition.effective_from:
        return TableNotLoaded(edition.system, Why.BEFORE_FIRST_EDITION, edition)
    if edition.effective_to is not None and on > edition.effective_to:
        return TableNotLoaded(edition.system, Why.AFTER_LAST_EDITION, edition)
    return None


def absent_code(edition: Edition) -> UnknownCode | TableNotLoaded:
    """Return what it means that an edition does not hold a code: nothing, unless the edition is complete."""
    return UnknownCode(edition) if edition.complete else TableNotLoaded(edition.system, Why.PARTIAL, edition)
