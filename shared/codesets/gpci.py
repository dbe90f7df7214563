"""What work, practice expense and malpractice cost in a Medicare payment locality, beside the nation's average.

Owns: the rows, as `loaders/gpci.py` builds them, and the average itself. Refuses: which locality a postcode lies in.
**Source**: 42 CFR 414.26; Addendum E of each physician fee schedule rule.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.codesets.dated import DatedTable
from shared.codesets.edition import Interval
from shared.codesets.library import System
from shared.codesets.packed import Buffer

CONTRACTOR_LENGTH: Final = 5
NUMBER_LENGTH: Final = 2


@dataclass(frozen=True, slots=True)
class Locality:
    """What things cost in one locality. **Units**: thousandths of the nation's average.

    `code` is the number of the contractor (MAC) and that of the locality, together seven digits. `work` has the floor
    of 1.000 while the law keeps it.
    """

    code: str
    state: str
    name: str
    work: int
    practice_expense: int
    malpractice: int
    valid: Interval

    @property
    def summary(self) -> str:
        """Return the three indices."""
        indices = (self.work, self.practice_expense, self.malpractice)
        return f"{self.state} {' '.join(f'{index // 1000}.{index % 1000:03d}' for index in indices)}"


NATIONAL: Final = Locality("", "", "The nation's average", 1_000, 1_000, 1_000, Interval(date(1992, 1, 1)))


def locality(table: DatedTable[Locality], contractor: str, number: str, on: date) -> Locality | None:
    """Return a locality by its contractor and number on a day; None where the table has none."""
    return table.row_on(contractor.zfill(CONTRACTOR_LENGTH) + number.zfill(NUMBER_LENGTH), on)


def _read(buffer: Buffer) -> DatedTable[Locality]:
    return DatedTable.read("gpci", Locality, buffer)


SYSTEM: Final = System(
    name="gpci",
    title="Medicare payment localities and their cost indices",
    source="https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files",
    read=_read,
)
