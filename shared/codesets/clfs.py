"""Clinical laboratory fee schedule: what Medicare pays for a test, the same in the whole country.

Owns: the rows, as `loaders/clfs.py` builds them. Refuses: prices of physicians' services (`pricing.py`).
**Source**: 42 CFR 414 subpart G; Medicare Claims Processing Manual chapter 16.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.codesets.dated import DatedTable
from shared.codesets.edition import Interval
from shared.codesets.library import System
from shared.codesets.packed import Buffer
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True)
class LabFee:
    """What a test costs. **Shape**: `code` is the procedure code with its modifier (QW: waived test) behind it.

    `national`: the rate of the whole country; otherwise, the local contractor prices the test (its `cents` may be 0).
    """

    code: str
    cents: int
    national: bool
    valid: Interval

    @property
    def rate(self) -> Money:
        """Return the rate."""
        return Money(self.cents)

    @property
    def summary(self) -> str:
        """Return the rate."""
        return f"{self.cents // 100}.{self.cents % 100:02d} {'national' if self.national else 'local'}"


def lab_fee(table: DatedTable[LabFee], code: str, on: date, modifier: str = "") -> LabFee | None:
    """Return what a test costs on a day, with a modifier at the rate without it where it has none of its own."""
    return table.row_on(code + modifier, on) or table.row_on(code, on)


def _read(buffer: Buffer) -> DatedTable[LabFee]:
    return DatedTable.read("clfs", LabFee, buffer)


SYSTEM: Final = System(
    name="clfs",
    title="Medicare clinical laboratory fee schedule",
    source="https://www.cms.gov/medicare/payment/fee-schedules/clinical-laboratory-fee-schedule-clfs/files",
    read=_read,
    licence="AMA: CPT numbers",
)
