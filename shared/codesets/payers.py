"""How long a payer takes claims: a limit in calendar months or in days from the date of service.

Only the two limits that law fixes stand here. A commercial limit is a fact of the contract and a field of the payer:
there is no default to guess from.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from shared.kernel.dates import add_months
from shared.kernel.errors import Malformed


class Unit(StrEnum):
    """What a filing limit counts."""

    MONTHS = "months"
    DAYS = "days"


class NotALimit(Malformed):
    """A filing limit is at least one month or day."""

    slug = "not-a-filing-limit"


@dataclass(frozen=True, slots=True)
class FilingLimit:
    """How long after the date of service a claim may arrive. **Errors**: `NotALimit`."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse a limit that allows nothing."""
        if self.count < 1:
            raise NotALimit("a filing limit is at least 1")

    def last_day(self, service_on: date) -> date:
        """Return the last day on which a claim is in time.

        Calendar months, not 365 days: a service of 29 February has until 28 February.
        """
        if self.unit is Unit.MONTHS:
            return add_months(service_on, self.count)
        return service_on + timedelta(days=self.count)

    def days_left(self, service_on: date, today: date) -> int:
        """Return the days that remain, today not counted; negative when the limit has passed."""
        return (self.last_day(service_on) - today).days


MEDICARE: Final = FilingLimit(12, Unit.MONTHS)  # 42 CFR 424.44; also where Medicare pays second
MEDICAID_CEILING: Final = FilingLimit(12, Unit.MONTHS)  # 42 CFR 447.45(d); most states allow less: a payer field
