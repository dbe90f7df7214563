"""Figures by hour: how a route is asked for the hours between two instants.

Owns: the two parameters, and which hours they mean. Refuses: what is counted in an hour; the read model of the service
says that.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, TypeAlias

from fastapi import Query

from shared.kernel.dates import utc_hour
from shared.kernel.errors import Malformed
from shared.runtime.days_and_instants import Instant

HOURS_DAYS_MAX: Final = 100
"""From the first instant to the second one, in days."""
_HOUR: Final = timedelta(hours=1)

HoursFrom: TypeAlias = Annotated[
    Instant,
    Query(alias="from", description="The hour of this instant is the first.", examples=["2026-03-03T00:00:00Z"]),
]
HoursTo: TypeAlias = Annotated[
    Instant,
    Query(alias="to", description="The last hour begins before this instant.", examples=["2026-03-04T00:00:00Z"]),
]


class HoursNotAskable(Malformed):
    """Figures by hour are asked from an instant to a later one, of our time, at most 100 days."""

    slug = "hours-not-askable"


def hours_between(first: datetime, end: datetime) -> tuple[str, ...]:
    """Return the hours from that of an instant to the last one that begins before another. **Errors**: as above."""
    if not timedelta(0) < end - first <= timedelta(days=HOURS_DAYS_MAX) or not _is_of_our_time(first, end):
        raise HoursNotAskable(f"send from and to, in this order, at most {HOURS_DAYS_MAX} days apart")
    start = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    count = -((start - end) // _HOUR)
    return tuple(utc_hour(start + n * _HOUR) for n in range(count))


def _is_of_our_time(*instants: datetime) -> bool:
    """Return whether instants are not at the ends of the calendar, where other time zones have no day."""
    return all(1900 <= each.year <= 2199 for each in instants)  # noqa: PLR2004 (years)
