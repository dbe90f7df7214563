"""Time as everyone here writes it: instants are in UTC, a calendar date belongs to a place.

`local_day` is the only way from one to the other; the tidy test refuses `.date()` anywhere else. A visit at 20:00 in
New York is of that day, although UTC has the next one: a payer counts its filing limit from it, and a code may change.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta

Instant = Annotated[datetime, Meta(tz=True, description="Instant, UTC.", examples=["2026-03-03T14:30:00Z"])]


def known_zone(name: str) -> str:
    """Return the name of a time zone that exists. **Errors**: `ValueError`, which does not repeat what it was given."""
    try:
        return ZoneInfo(name).key
    except (LookupError, OSError, ValueError):
        raise ValueError("a time zone such as America/New_York") from None


def local_day(instant: datetime, zone: str) -> date:
    """Return the calendar day of an instant at a place."""
    return instant.astimezone(ZoneInfo(zone)).date()


def day_as_sent(instant: datetime) -> date:
    """Return the calendar day of an instant in the offset that it was written with: a FHIR period's own date."""
    return instant.date()


def utc_hour(instant: datetime) -> str:
    """Return the hour of an instant in UTC, as `2026-03-03T14`: days of whichever place are made of such hours."""
    return instant.astimezone(UTC).isoformat()[:13]


def age_in_years(birth_on: date, on: date) -> int:
    """Return the completed years of life on a day; negative before birth."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day  # noqa: PLR2004 (December)
    return first.replace(day=min(day.day, last))
