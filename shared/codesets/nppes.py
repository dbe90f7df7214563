"""The national registry of providers: who holds an NPI, for which kinds of work, and since when one is deactivated.

Owns: reading the table that `loaders/nppes.py` builds. Refuses: whether an NPI is well formed (`kernel.identifiers`).
Names, addresses and licences are not kept: no check needs them. The registry changes daily and a table is of one day,
its release: who is missing may have come since, so a finding names the release.
**Source**: NPPES downloadable file, CMS; 45 CFR 162.408.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import partial
from typing import Final, Self, TypeAlias

from shared.codesets.edition import (
    Answer,
    Edition,
    Interval,
    NotValidOnDate,
    TableNotLoaded,
    UnknownCode,
    Valid,
    absent_code,
    outside,
)
from shared.codesets.library import System
from shared.codesets.packed import Buffer, NotATable, Packed, find

NPI_LENGTH: Final = 10
FIRST_DAY: Final = date(2005, 5, 23)
"""The first NPI was given out on it."""
DAY_ZERO: Final = date(2000, 1, 1).toordinal()  # days are written as two bytes from here: to 2179
STILL: Final = 0xFFFF
"""As the day of a reactivation: there was none."""
GONE: Final = 0x8000
"""Beside the number of a state: the provider stands among the deactivated, too."""
NONE_PRIMARY: Final = 0xFF
_STRIDE: Final = 256
_LETTERS: Final = 26


class EntityType(IntEnum):
    """Who an NPI stands for. The numbers are those of the registry."""

    INDIVIDUAL = 1
    ORGANIZATION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who holds an NPI. **Shape**: a deactivated one may say nothing but that.

    `taxonomies` in the order of the registry, `primary` one of them; `practice_state` two letters, None outside the
    United States; `deactivated` the days without a valid NPI, the day of the reactivation not among them.
    """

    edition: Edition
    npi: str
    entity_type: EntityType | None
    taxonomies: tuple[str, ...]
    primary: str | None
    practice_state: str | None
    deactivated: Interval | None

    def active(self, on: date) -> bool:
        """Return whether the NPI can be used on a day."""
        return self.deactivated is None or not self.deactivated.holds(on)


Found: TypeAlias = Provider | UnknownCode | TableNotLoaded


@dataclass(frozen=True, slots=True)
class _Kind:
    """What many providers have in common."""

    entity_type: EntityType | None
    taxonomies: tuple[str, ...]
    primary: str | None


class Providers:
    """One edition of the registry. **Shape**: immutable, read in place. **Errors**: `NotATable`."""

    def __init__(self, system: str, table: Packed) -> None:
        self.edition: Final = table.edition(system)
        try:
            self._taxonomies: Final = tuple(str(code) for code in table.head["taxonomies"])
        except (KeyError, TypeError) as wrong:
            raise NotATable("the head is not that of a table of providers") from wrong
        self._npis, self._kinds, self._states = table.columns(("npis", "I"), ("kinds", "I"), ("states", "H"))
        self._kind_ends, self._kind_entity, self._kind_primary = table.columns(
            ("kind_ends", "I"), ("kind_entity", "B"), ("kind_primary", "B")
        )
        self._kind_taxonomies: Final = table.numbers("kind_taxonomies", "H")
        self._gone, self._gone_from, self._gone_until = table.columns(
            ("gone", "I"), ("gone_from", "H"), ("gone_until", "H")
        )
        self._known_kinds: Final[dict[int, _Kind]] = {}  # filled as they are asked for
        self._first, self._last = self.edition.effective_from, self.edition.effective_to or date.max
        self._valid: Final = Valid(self.edition)
        self._absent: Final = absent_code(self.edition)
        self._signposts: Final = self._npis[::_STRIDE].tolist()  # the first steps of a search without the table

    @classmethod
    def read(cls, system: str, buffer: Buffer) -> Self:
        """Return the table in a buffer, plain (mapped, say) or packed. **Errors**: `NotATable`."""
        return cls(system, Packed(buffer))

    def __len__(self) -> int:
        """Return the number of providers, deactivated ones too."""
        return len(self._npis)

    def look_up(self, npi: str, on: date) -> Answer:
        """Return whether an NPI was given out and can be used on a day."""
        if not self._first <= on <= self._last and (not_loaded := outside(self.edition, on)) is not None:
            return not_loaded
        at = self._place(npi)
        if at is None:
            return self._absent
        if not self._states[at] & GONE:
            return self._valid
        gone = self._deactivated(at)
        if gone is None or not gone.holds(on):
            return self._valid
        before = Interval(FIRST_DAY, gone.first - timedelta(days=1))
        after = () if gone.last is None else (Interval(gone.last + timedelta(days=1)),)
        return NotValidOnDate(self.edition, (before, *after))

    def provider(self, npi: str, on: date) -> Found:
        """Return who holds an NPI, for a day that the edition answers for."""
        if (not_loaded := outside(self.edition, on)) is not None:
            return not_loaded
        at = self._place(npi)
        return self._absent if at is None else self._provider(at)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each NPI and what the registry says of it as one line, in their order."""
        for at in range(len(self._npis)):
            found = self._provider(at)
            says = [found.entity_type.name.lower() if found.entity_type else "", found.practice_state or ""]
            says += [f"{code}*" if code == found.primary else code for code in found.taxonomies]
            says += [f"deactivated {found.deactivated}"] if found.deactivated else []
            yield found.npi, " ".join(filter(None, says))

    def _place(self, npi: str) -> int | None:
        if len(npi) != NPI_LENGTH or not npi.isascii() or not npi.isdecimal():
            return None
        number, npis = int(npi), self._npis
        last = bisect_right(self._signposts, number) * _STRIDE
        at = bisect_left(npis, number, max(last - _STRIDE, 0), min(last, len(npis)))
        return at if at < len(npis) and npis[at] == number else None

    def _provider(self, at: int) -> Provider:
        kind, state = self._kind(self._kinds[at]), self._states[at] & ~GONE
        return Provider(
            edition=self.edition,
            npi=str(self._npis[at]),
            entity_type=kind.entity_type,
            taxonomies=kind.taxonomies,
            primary=kind.primary,
            practice_state=state_letters(state) if state else None,
            deactivated=self._deactivated(at),
        )

    def _kind(self, number: int) -> _Kind:
        if (known := self._known_kinds.get(number)) is not None:
            return known
        first = self._kind_ends[number - 1] if number else 0
        codes = tuple(self._taxonomies[code] for code in self._kind_taxonomies[first : self._kind_ends[number]])
        entity, primary = self._kind_entity[number], self._kind_primary[number]
        kind = _Kind(EntityType(entity) if entity else None, codes, None if primary == NONE_PRIMARY else codes[primary])
        self._known_kinds[number] = kind
        return kind

    def _deactivated(self, at: int) -> Interval | None:
        place = find(self._gone, self._npis[at]) if self._states[at] & GONE else None
        if place is None:
            return None
        until = self._gone_until[place]
        last = None if until == STILL else date.fromordinal(until + DAY_ZERO - 1)
        return Interval(date.fromordinal(self._gone_from[place] + DAY_ZERO), last)


def state_number(letters: bytes) -> int:
    """Return the number that stands for two letters; 0 for anything else."""
    if len(letters) != 2 or not letters.isalpha() or not letters.isupper():  # noqa: PLR2004 (as the docstring says)
        return 0
    return (letters[0] - ord("A")) * _LETTERS + letters[1] - ord("A") + 1


def state_letters(number: int) -> str:
    """Return the two letters that a number stands for."""
    first, second = divmod(number - 1, _LETTERS)
    return chr(first + ord("A")) + chr(second + ord("A"))


SYSTEM: Final = System(
    name="nppes",
    title="National registry of providers (NPPES)",
    source="https://download.cms.gov/nppes/NPI_Files.html",
    read=partial(Providers.read, "nppes"),
)
