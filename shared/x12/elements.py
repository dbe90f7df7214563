"""The types of elements: amounts to cents, days to dates, quantities to decimals; exact or refused.

A quantity is written so that it can be read again. Days and quantities of one file repeat, so each text is converted
once and remembered, within a limit.
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from shared.kernel.money import Money
from shared.x12.malformed import NotAnX12Value
from shared.x12.writer import CannotBeWritten

_REMEMBERED_MAX: Final = 16_384
_DAY: Final = 8  # CCYYMMDD
_SHORT_DAY: Final = 6  # YYMMDD, in the ISA and in what is older than 2000
_RANGES: Final = frozenset({"RD8", "RDT"})
_QUANTITY: Final = 18
_EXPANDED_MAX: Final = 99  # zeros that an exponent stands for, before those at the end are left out
_COUNT_MAX: Final = 10
_DOLLARS: Final = {str(dollars): dollars * 100 for dollars in range(10_000)}
_FRACTIONS: Final = {"": 0, **{f"{c:02d}": c for c in range(100)}, **{f"{tenth}": tenth * 10 for tenth in range(10)}}


def cents(text: str) -> int:
    """Return an amount, exactly. **Units**: cents. **Errors**: `NotAnAmount`.

    Amounts under ten thousand dollars are looked up, at a third of the cost; the rest, and every refusal, is `Money`'s.
    """
    dollars, _, fraction = text.partition(".")
    try:
        return _DOLLARS[dollars] + _FRACTIONS[fraction]
    except KeyError:
        return Money.of_decimal(text).cents


def cents_or_none(text: str) -> int | None:
    """Return an amount, None where none is given. **Errors**: `NotAnAmount`."""
    return cents(text) if text else None


@lru_cache(_REMEMBERED_MAX)
def day(text: str) -> date:
    """Return the day that `20260131` or `260131` means. **Errors**: `NotAnX12Value`."""
    if text.isascii() and text.isdigit() and len(text) in {_DAY, _SHORT_DAY}:
        digits = text if len(text) == _DAY else f"20{text}"
        try:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            pass
    raise NotAnX12Value("a day is eight digits of a calendar")


def day_or_none(text: str) -> date | None:
    """Return a day, None where none is given. **Errors**: `NotAnX12Value`."""
    return day(text) if text else None


def days(qualifier: str, text: str) -> tuple[date, date]:
    """Return first and last day of a D8 or RD8. **Shape**: both inclusive. **Errors**: `NotAnX12Value`.

    DT and RDT have a time of day behind the day, which is left out.
    """
    if qualifier not in _RANGES:
        only = day(text if qualifier == "D8" else text[:_DAY])
        return only, only
    begin, _, end = text.partition("-")
    first, last = day(begin[:_DAY]), day(end[:_DAY])
    if last < first:
        raise NotAnX12Value("a period ends on its first day or later")
    return first, last


@lru_cache(_REMEMBERED_MAX)
def quantity(text: str) -> Decimal:
    """Return a number of units, days or minutes. **Errors**: `NotAnX12Value`."""
    if len(text) <= _QUANTITY and text.isascii() and text.removeprefix("-").replace(".", "", 1).isdigit():
        return Decimal(text)
    raise NotAnX12Value("a quantity is digits, with a point where it has a fraction")


def quantity_or_none(text: str) -> Decimal | None:
    """Return a quantity, None where none is given. **Errors**: `NotAnX12Value`."""
    return quantity(text) if text else None


def count(text: str) -> int:
    """Return a whole number that is not negative. **Errors**: `NotAnX12Value`."""
    if text.isascii() and text.isdigit() and len(text) <= _COUNT_MAX:
        return int(text)
    raise NotAnX12Value("a count is digits")


def written_quantity(number: Decimal) -> str:
    """Return a quantity without exponent or trailing zeros, as X12 wants it. **Errors**: `CannotBeWritten`."""
    if not number.is_finite():
        raise CannotBeWritten("a quantity is a number")
    return _written_quantity(number)


@lru_cache(_REMEMBERED_MAX)
def _written_quantity(number: Decimal) -> str:
    _, digits, exponent = number.as_tuple()
    if len(digits) + abs(int(exponent)) > _EXPANDED_MAX:
        raise CannotBeWritten("a quantity has more digits than its element")
    text = f"{number:f}" if number else "0"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    if len(text) > _QUANTITY:
        raise CannotBeWritten("a quantity has more digits than its element")
    return text
