"""Medically unlikely edits: how many units of a service are paid, on a line or on a day.

Owns: reading the tables that `loaders/mue.py` builds. Refuses: adding up units; the rule in validation does. There is a
table each for practitioners, outpatient hospitals and supplies, and one of a quarter says nothing of any other quarter.
A code without a limit in a whole table has none that is published: CMS keeps some of them to itself.
**Source**: Medicare NCCI Policy Manual, chapter I, section V; layout of the MUE tables, CMS.
"""

from collections.abc import Iterator
from datetime import date
from enum import IntEnum
from functools import partial
from typing import Final, Self

from msgspec import Struct

from shared.codesets.edition import TableNotLoaded, Why, outside
from shared.codesets.library import System
from shared.codesets.ncci_ptp import code_number, code_of
from shared.codesets.packed import Buffer, NotATable, Packed, find


class Counted(IntEnum):
    """What is counted against a limit, in the numbers of the file (MUE adjudication indicator)."""

    LINE = 1  # each line by itself
    DAY_BY_POLICY = 2  # all lines of a day; nothing lifts it
    DAY_BY_EXPERIENCE = 3  # all lines of a day; what was necessary can be shown on appeal


class UnitLimit(Struct, frozen=True, gc=False):
    """The units of a service that are paid. **Shape**: 0 units: it is not paid in this setting at all."""

    code: str
    units: int
    counted: Counted
    rationale: str


class UnitLimits:
    """One quarter of limits. **Shape**: immutable, read in place. **Errors**: `NotATable`."""

    def __init__(self, system: str, table: Packed) -> None:
        self.edition: Final = table.edition(system)
        try:
            self._rationales: Final = tuple(str(text) for text in table.head["rationales"])
        except (KeyError, TypeError) as wrong:
            raise NotATable("the head is not that of a table of unit limits") from wrong
        self._codes, self._units, self._counted, self._rationale = table.columns(
            ("codes", "I"), ("units", "I"), ("counted", "B"), ("rationale", "B")
        )

    @classmethod
    def read(cls, system: str, buffer: Buffer) -> Self:
        """Return the table in a buffer, plain (mapped, say) or packed. **Errors**: `NotATable`."""
        return cls(system, Packed(buffer))

    def __len__(self) -> int:
        """Return the number of codes that have a limit."""
        return len(self._codes)

    def limit(self, code: str, on: date) -> UnitLimit | TableNotLoaded | None:
        """Return the limit of a procedure code on a day; None where this whole table has none."""
        if (not_loaded := outside(self.edition, on)) is not None:
            return not_loaded
        number = code_number(code)
        at = None if number is None else find(self._codes, number)
        if at is not None:
            return self._limit(code, at)
        return None if self.edition.complete else TableNotLoaded(self.edition.system, Why.PARTIAL, self.edition)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each code and its limit as one line, in the order of the codes."""
        for at, number in enumerate(self._codes):
            limit = self._limit(code_of(number), at)
            yield limit.code, f"{limit.units} units, indicator {limit.counted.value}, {limit.rationale}".rstrip(", ")

    def _limit(self, code: str, at: int) -> UnitLimit:
        return UnitLimit(code, self._units[at], _COUNTED[self._counted[at]], self._rationales[self._rationale[at]])


_COUNTED: Final = {each.value: each for each in Counted}


def _system(name: str, title: str) -> System[UnitLimits]:
    return System(
        name=name,
        title=title,
        source="https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits"
        "/medicare-ncci-medically-unlikely-edits-mues",
        read=partial(UnitLimits.read, name),
        licence="AMA: CPT numbers",
    )


PRACTITIONER: Final = _system("mue_practitioner", "NCCI unit limits, practitioner services")
OUTPATIENT: Final = _system("mue_outpatient", "NCCI unit limits, outpatient hospital services")
DME: Final = _system("mue_dme", "NCCI unit limits, supplies (DME)")
