"""NCCI procedure-to-procedure edits: which two services of one provider, patient and day are not paid together.

Owns: reading the table that `loaders/ncci_ptp.py` builds. Refuses: judging a claim; the rule in validation does.
Practitioner and outpatient hospital edits are tables of their own. Column 2 is the service that is not paid.
**Source**: Medicare NCCI Policy Manual, chapter I; layout of the edit files, CMS.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Final, Self

from shared.codesets.edition import Interval
from shared.codesets.library import System
from shared.codesets.packed import Buffer, NotATable, Packed, day

CODE_LENGTH: Final = 5
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAY_BE_LIFTED: Final = 1
NEVER_APPLIED: Final = 9


@dataclass(frozen=True, slots=True)
class PairEdit:
    """Column 2 is not paid beside column 1. **Shape**: `days` as printed, the day of deletion is the last one in force.

    `indicator` as printed: 1 where a modifier that says why the two stand apart lets both be paid, otherwise 0.
    """

    days: Interval
    indicator: int
    rationale: str

    @property
    def may_be_lifted(self) -> bool:
        """Return whether a modifier lets both be paid."""
        return self.indicator == MAY_BE_LIFTED


class PtpEdits:
    """One edition of pair edits. **Shape**: immutable, read in place. **Errors**: `NotATable`."""

    def __init__(self, system: str, table: Packed) -> None:
        self.edition: Final = table.edition(system)
        try:
            self._terms: Final = tuple(_terms(*written) for written in table.head["terms"])
        except (KeyError, TypeError, ValueError, OverflowError) as wrong:
            raise NotATable("the head is not that of a table of pair edits") from wrong
        column1 = table.numbers("column1", "I")
        self._column2, self._terms_of = table.columns(("column2", "I"), ("terms_of", "H"))
        starts = table.starts("starts", groups=len(column1), rows=len(self._column2))
        if max(self._terms_of, default=-1) >= len(self._terms):
            raise NotATable("a row has terms that the head does not have")
        self._rows_of: Final = dict(zip(map(code_of, column1), pairwise(starts), strict=True))

    @classmethod
    def read(cls, system: str, buffer: Buffer) -> Self:
        """Return the table in a buffer, plain (mapped, say) or packed. **Errors**: `NotATable`."""
        return cls(system, Packed(buffer))

    def __len__(self) -> int:
        """Return the number of edits; a pair has one for each span of days."""
        return len(self._column2)

    def edit(self, column1: str, column2: str, on: date) -> PairEdit | None:
        """Return the edit of a pair in this order that is in force on a day; None where there is none."""
        rows = self._rows_of.get(column1)
        partner = None if rows is None else code_number(column2)
        if rows is None or partner is None:
            return None
        at, last_row = bisect_left(self._column2, partner, *rows), rows[1]
        while at < last_row and self._column2[at] == partner:
            first, last, edit = self._terms[self._terms_of[at]]
            if first <= on <= last and edit.indicator != NEVER_APPLIED:
                return edit
            at += 1
        return None

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield every edit as people compare it: the pair with its first day, and what holds for it."""
        for column1, (start, end) in self._rows_of.items():
            for at in range(start, end):
                edit = self._terms[self._terms_of[at]][2]
                yield (
                    f"{column1}/{code_of(self._column2[at])} {edit.days.first}",
                    f"to {edit.days.last or 'open'}, modifier {edit.indicator}, {edit.rationale}",
                )


def _terms(first: str, last: str | None, indicator: int, rationale: str) -> tuple[date, date, PairEdit]:
    """Return what pairs share, made once for all of them: a few thousand serve millions."""
    days = Interval(date.fromisoformat(first), day(last))
    return days.first, days.last or date.max, PairEdit(days, int(indicator), str(rationale))


def code_number(code: str) -> int | None:
    """Return the number that stands for a procedure code, in the order of the codes; None for what cannot be one."""
    return int(code, 36) if len(code) == CODE_LENGTH and code.isascii() and code.isalnum() else None


def code_of(number: int) -> str:
    """Return the code that a number stands for."""
    digits = []
    for _ in range(CODE_LENGTH):
        number, digit = divmod(number, 36)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def _system(name: str, title: str) -> System[PtpEdits]:
    return System(
        name=name,
        title=title,
        source="https://www.cms.gov/national-correct-coding-initiative-ncci",
        read=partial(PtpEdits.read, name),
        licence="AMA: CPT numbers",
    )


PRACTITIONER: Final = _system("ncci_ptp_practitioner", "NCCI pair edits, practitioner")
HOSPITAL: Final = _system("ncci_ptp_hospital", "NCCI pair edits, outpatient hospital")
