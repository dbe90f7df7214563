"""Home: what is my turn today, what is at stake, what is late, and how the practice's money moves by day."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from apps.console.desk import AtDesk, Desk
from apps.console.pages.work import lists_by_owner
from shared.kernel.dates import local_day

ROUTER: Final = APIRouter(include_in_schema=False)
_DAYS: Final = 30
_CHARTS: Final = (
    ("Charges", "claims", "charged_cents"),
    ("Submitted", "claims", "submitted_cents"),
    ("Paid", "payments", "paid_cents"),
    ("Denied", "payments", "denied_cents"),
)


@ROUTER.get("/")
async def home(desk: AtDesk) -> Response:
    """Show what is the person's turn, and the practice's four curves."""
    owners, charts = await asyncio.gather(lists_by_owner(desk, today=desk.today), _charts(desk))
    own = desk.session.person.role.owner
    return desk.page(
        "home.html",
        mine=sorted(owners.get(own, ()) if own else (), key=lambda each: not each["count"]),
        others={
            owner: waiting
            for owner, lists in owners.items()
            if owner != own and (waiting := [each for each in lists if each["count"]])
        },
        charts=charts,
    )


async def _charts(desk: Desk) -> list[Mapping[str, Any]]:
    """Return the practice's curves; none for who may not see them, or where only the lists are shown anew."""
    if desk.is_part or not desk.may("claims.read"):
        return []
    zone = ZoneInfo(desk.console.settings.zone)
    first = desk.today - timedelta(days=_DAYS - 1)
    since = datetime.combine(first, time(), zone).astimezone(UTC)
    found = await desk.together(
        claims=("claims", lambda: desk.claims.hourly_figures(since, desk.now)),
        payments=("payments", lambda: desk.payments.hourly_figures(since, desk.now)),
    )
    days = [first + timedelta(days=n) for n in range(_DAYS)]
    charts: list[Mapping[str, Any]] = []
    for title, service, field in _CHARTS:
        if found[service] is None:  # what is not known is not nothing
            continue
        cents = by_day(found[service], field, zone.key)
        points = [cents.get(each, 0) for each in days]
        starts = [int(datetime.combine(each, time(), zone).timestamp()) for each in days]
        charts.append({"title": title, "days": starts, "cents": points, "total": sum(points), "today": points[-1]})
    return charts


def by_day(hours: Iterable[Mapping[str, Any]], field: str, zone: str) -> Mapping[date, int]:
    """Return figures of hours, such as 2026-03-03T14 in UTC, summed up by the days of a place. **Units**: cents."""
    found: defaultdict[date, int] = defaultdict(int)
    for each in hours:
        found[local_day(datetime.fromisoformat(each["hour"] + "+00:00"), zone)] += each[field]
    return found
