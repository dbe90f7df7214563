"""The days of a release of ICD-10, as the name of its file says them.

Owns: the federal fiscal year (2027 begins on 2026-10-01), and releases of 1 April and 1 January, which hold until it
ends. A name with a month goes by the month: the order file of April 2026 is called 2026 as well.
"""

import re
from datetime import date
from typing import Final

from shared.codesets.official import Period

_MONTHS: Final = {"january": 1, "april": 4}
_WITHIN_YEAR: Final = re.compile(r"(january|april)[-_ ]0?1[-_ ,]+(20\d\d)", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?<!\d)(?:fy[-_ ]?)?(20[12]\d)(?!\d)", re.IGNORECASE)
_SHORT_YEAR: Final = re.compile(r"fy[-_ ]?(\d\d)(?!\d)", re.IGNORECASE)


def fiscal_year(year: int) -> Period:
    """Return a fiscal year. **Shape**: named by the calendar year in which it ends."""
    return Period(f"FY{year}", date(year - 1, 10, 1), date(year, 9, 30))


def printed(name: str) -> Period | None:
    """Return the days that the name of a file says, its own before that of its zip; None where it says none."""
    within = _WITHIN_YEAR.search(name)
    if within is not None:
        month, year = within[1].lower(), int(within[2])
        return Period(f"FY{year} from {month.title()}", date(year, _MONTHS[month], 1), date(year, 9, 30))
    for part in reversed(name.split("/")):
        if (found := _YEAR.search(part)) is not None:
            return fiscal_year(int(found[1]))
        if (short := _SHORT_YEAR.search(part)) is not None:
            return fiscal_year(2000 + int(short[1]))
    return None
