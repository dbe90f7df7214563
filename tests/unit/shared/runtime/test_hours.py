"""`shared/runtime/hours.py`: which UTC hours a question is about."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.runtime.hours import HOURS_DAYS_MAX, HoursNotAskable, hours_between

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "end", "hours"),
    [
        (NOON, NOON + timedelta(hours=1), ["2026-03-03T12"]),
        (NOON + timedelta(minutes=59), NOON + timedelta(hours=1), ["2026-03-03T12"]),
        (NOON + timedelta(minutes=59), NOON + timedelta(hours=1, seconds=1), ["2026-03-03T12", "2026-03-03T13"]),
        (NOON + timedelta(hours=11), NOON + timedelta(hours=13), ["2026-03-03T23", "2026-03-04T00"]),
    ],
)
def test_hours_are_those_that_begin_before_the_end(first: datetime, end: datetime, hours: list[str]) -> None:
    assert list(hours_between(first, end)) == hours


def test_a_day_of_a_place_is_asked_for_by_its_own_offset() -> None:
    midnight = datetime(2026, 3, 3, tzinfo=timezone(timedelta(hours=-5)))
    hours = hours_between(midnight, midnight + timedelta(days=1))

    assert (len(hours), hours[0], hours[-1]) == (24, "2026-03-03T05", "2026-03-04T04")


@pytest.mark.parametrize(
    ("first", "end"),
    [
        (NOON, NOON),
        (NOON, NOON - timedelta(seconds=1)),
        (NOON, NOON + timedelta(days=HOURS_DAYS_MAX, seconds=1)),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), datetime(1, 1, 2, tzinfo=UTC)),
        (datetime(9999, 12, 31, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-14)))),
    ],
)
def test_what_is_no_time_ahead_or_too_long_is_refused(first: datetime, end: datetime) -> None:
    with pytest.raises(HoursNotAskable):
        hours_between(first, end)


def test_a_hundred_days_are_at_most_one_hour_more() -> None:
    first = NOON + timedelta(minutes=30)

    assert len(hours_between(first, first + timedelta(days=HOURS_DAYS_MAX))) == HOURS_DAYS_MAX * 24 + 1
