"""What a payer allows for a service: fee schedules by date, and a share of the charge for what no schedule names.

Owns: the simulator's own prices, which know nothing of any contract in the services. **Units**: cents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

ALLOWED_PERCENT: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What one unit of a procedure is allowed, from a day on. **Units**: cents."""

    effective_on: date
    allowed_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The prices of one payer. **Shape**: `fees` by procedure; the latest that had begun on the day counts."""

    allowed_percent: int = ALLOWED_PERCENT
    fees: Mapping[str, Sequence[Fee]] = field(default_factory=dict)

    def allowed_cents(self, procedure: str, *, charge_cents: int, units: Decimal, on: date) -> int:
        """Return what is allowed for a line, never more than was charged nor less than nothing."""
        begun = [fee for fee in self.fees.get(procedure, ()) if fee.effective_on <= on]
        if not begun:
            return percent_of(charge_cents, self.allowed_percent)
        fee = max(begun, key=lambda each: each.effective_on)
        allowed = (fee.allowed_cents * units).quantize(Decimal(1), ROUND_HALF_UP)
        return max(0, min(charge_cents, int(allowed)))


def percent_of(amount_cents: int, percent: int) -> int:
    """Return a percentage, half a cent rounded up. **Units**: cents, not negative."""
    return (amount_cents * percent + 50) // 100
