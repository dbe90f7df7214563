"""How long a claim may be filed after the service, where a law says so: Medicare and Medicaid, restated.

Owns: the two limits, and the payers that they bind. Refuses: limits of commercial payers, which are in the contract and
so in the payer's master data. Limits are calendar months: 365 days are a day short of them in a leap year.
**Source**: 42 CFR 424.44 (also where Medicare pays second); 42 CFR 447.45(d).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from shared.codesets.edition import Interval
from shared.kernel.dates import add_months


class Program(StrEnum):
    """Whose claims a law limits."""

    MEDICARE = "medicare"
    MEDICAID = "medicaid"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingLimit:
    """A limit for services on some days. **Units**: calendar months from the first day of service.

    `is_ceiling`: nobody may take claims for longer, and many states take them for less (90 to 180 days).
    """

    program: Program
    months: int
    is_ceiling: bool
    citation: str
    valid: Interval

    def deadline_on(self, service_on: date) -> date:
        """Return the last day on which a claim is in time."""
        return add_months(service_on, self.months)


FILING_LIMITS: Final = (
    FilingLimit(
        program=Program.MEDICARE,
        months=12,
        is_ceiling=False,
        citation="42 CFR 424.44",
        valid=Interval(date(2010, 1, 1)),  # before, the end of the year counted
    ),
    FilingLimit(
        program=Program.MEDICAID,
        months=12,
        is_ceiling=True,
        citation="42 CFR 447.45(d)",
        valid=Interval(date(1996, 1, 1)),  # before any service that we know
    ),
)
_PROGRAMS: Final = {"MA": Program.MEDICARE, "MB": Program.MEDICARE, "MC": Program.MEDICAID}


def filing_limit(claim_filing_indicator: str, service_on: date) -> FilingLimit | None:
    """Return the limit that a law sets for a kind of payer (SBR09) and a day of service; None where the contract does.

    Medicare's managed plans (16, HM) have contracts.
    """
    program = _PROGRAMS.get(claim_filing_indicator)
    return next((each for each in FILING_LIMITS if each.program is program and each.valid.holds(service_on)), None)
