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
from shared.codesets.packed import Buffer, NotATable, Packed

CODE_LENGTH: Final = 5
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NEVER_APPLIED: Final = 9
OPEN: Final = 0xFFFF
"""As a day of deletion: still in force."""
DAY_ZERO: Final = date(1960, 1, 1).toordinal()  # days are written as two bytes from here: to 2139


@dataclass(frozen=True, slots=True)
class PairEdit:
    """Column 2 is not paid beside column 1. **Shape**: `days` as printed, the day of deletion is the last one in force.

    `may_be_lifted`: a modifier that says why the two stand apart lets both be paid (indicator 1, otherwise 0).
    """

    days: Interval
    may_be_lifted: bool
    rationale: str


class PtpEdits:
    """One edition of pair edits. **Shape**: immutable, read in place. **Errors**: `NotATable`."""

    def __init__(self, system: str, table: Packed) -> None:
        self.edition: Final = table.edition(system)
        try:
            self._rationales: Final = tuple(str(text) for text in table.head["rationales"])
        except (KeyError, TypeError) as wrong:
            raise NotATable("the head is not that of a table of pair edits") from wrong
        column1, starts = table.numbers("column1", "I"), table.numbers("starts", "I")
        self._edits: Final[dict[tuple[int, int, int, int], PairEdit]] = {}
        self._column2 = table.numbers("column2", "I")
        self._first = table.numbers("first", "H")
        self._last = table.numbers("last", "H")
        self._indicator = table.numbers("indicator", "B")
        self._rationale = table.numbers("rationale", "B")
        rows = {len(each) for each in (self._column2, self._first, self._last, self._indicator, self._rationale)}
        if len(rows) > 1 or len(starts) != len(column1) + 1 or {starts[-1]} != rows:
            raise NotATable("the sections of the table are not of one length")
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
        day, last = on.toordinal() - DAY_ZERO, rows[1]
        at = bisect_left(self._column2, partner, rows[0], last)
        while at < last and self._column2[at] == partner:
            if self._first[at] <= day <= self._last[at] and self._indicator[at] != NEVER_APPLIED:
                return self._edit(at)
            at += 1
        return None

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield every edit as people compare it: the pair with its first day, and what holds for it."""
        for column1, (start, end) in self._rows_of.items():
            for at in range(start, end):
                edit = self._edit(at)
                yield (
                    f"{column1}/{code_of(self._column2[at])} {edit.days.first}",
                    f"to {edit.days.last or 'open'}, modifier {self._indicator[at]}, {edit.rationale}",
                )

    def _edit(self, at: int) -> PairEdit:
        """Return the edit of a row; a few thousand different ones serve all pairs, so each is made once."""
        terms = (self._first[at], self._last[at], self._indicator[at], self._rationale[at])
        found = self._edits.get(terms)
        if found is None:
            first, last, indicator, rationale = terms
            days = Interval(
                date.fromordinal(first + DAY_ZERO), None if last == OPEN else date.fromordinal(last + DAY_ZERO)
            )
            found = self._edits[terms] = PairEdit(days, indicator == 1, self._rationales[rationale])
        return found


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
