"""Money in whole cents; events carry the bare integer as `*_cents`.

Amounts are United States dollars. No floats, and no division until a rule needs one and names its rounding here.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from shared.kernel.errors import Malformed


class NotAnAmount(Malformed):
    """A text that should be dollars is not, or has a fraction of a cent."""

    slug = "not-an-amount"


_AMOUNT: Final = re.compile(r"(-?)([0-9]{0,13})(?:\.([0-9]{0,2})0*)?")


def dollars(cents: int) -> str:
    """Return an amount as people read it: `$1,234.50`, and `-$0.05` below nothing."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${whole:,}.{rest:02d}"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount that adds up and compares. **Units**: cents; may be negative."""

    cents: int

    @classmethod
    def of_decimal(cls, text: str) -> Self:
        """Return the amount that a decimal text in dollars means, exactly: `82.5` is 8250 cents.

        **Errors**: `NotAnAmount` for anything else, a fraction of a cent included.
        """
        match = _AMOUNT.fullmatch(text)
        if match is None or not (match[2] or match[3]):
            raise NotAnAmount("an amount is dollars with at most two decimals, without thousands separators")
        cents = int(match[2] or 0) * 100 + int((match[3] or "").ljust(2, "0"))
        return cls(-cents if match[1] else cents)

    def decimal(self) -> str:
        """Return the amount in dollars without trailing zeros, as X12 wants it: 15000 cents is `150`."""
        dollars, cents = divmod(abs(self.cents), 100)
        fraction = f".{cents:02d}".rstrip("0") if cents else ""
        return f"{'-' if self.cents < 0 else ''}{dollars or ''}{fraction}" if self.cents else "0"

    def __add__(self, other: Self) -> Self:
        """Return the sum."""
        return type(self)(self.cents + other.cents)

    def __sub__(self, other: Self) -> Self:
        """Return the difference."""
        return type(self)(self.cents - other.cents)

    def __neg__(self) -> Self:
        """Return the amount that undoes this one."""
        return type(self)(-self.cents)

    def __mul__(self, count: int) -> Self:
        """Return the amount taken `count` times; exact, because counts are whole."""
        return type(self)(self.cents * count)
