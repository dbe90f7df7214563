"""A day belongs to a place, and months have ends."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.dates import add_months, age_in_years, day_as_sent, local_day


def test_evening_in_new_york_is_of_that_day_although_utc_has_the_next() -> None:
    evening = datetime.fromisoformat("2026-03-03T20:30:00-05:00")

    assert local_day(evening, "America/New_York") == date(2026, 3, 3)
    assert local_day(evening, "UTC") == date(2026, 3, 4)
    assert day_as_sent(evening) == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("instant", "day"),
    [("2026-03-08T04:59:59Z", date(2026, 3, 7)), ("2026-03-09T03:59:59Z", date(2026, 3, 8))],
    ids=["before the clocks change", "after"],
)
def test_local_day_follows_the_change_of_clocks(instant: str, day: date) -> None:
    assert local_day(datetime.fromisoformat(instant), "America/New_York") == day


@given(st.datetimes(datetime(1986, 1, 1), datetime(2030, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 (made aware below)
def test_day_as_sent_never_moves_with_the_offset(wall: datetime, minutes: int) -> None:
    sent = wall.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    assert day_as_sent(sent).isoformat() == wall.isoformat()[:10]


@pytest.mark.parametrize(
    ("on", "years"),
    [
        (date(2026, 3, 2), 25),
        (date(2026, 3, 3), 26),
        (date(2000, 3, 3), 0),
        (date(2000, 3, 2), -1),
    ],
)
def test_age_counts_completed_years(on: date, years: int) -> None:
    assert age_in_years(date(2000, 3, 3), on) == years


def test_somebody_born_on_a_leap_day_is_a_year_older_on_the_first_of_march() -> None:
    assert age_in_years(date(2004, 2, 29), date(2025, 2, 28)) == 20
    assert age_in_years(date(2004, 2, 29), date(2025, 3, 1)) == 21


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 3, 31), 0, date(2026, 3, 31)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 11, 15), 1, date(2026, 12, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_months_end_where_the_shorter_one_ends(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


@given(st.dates(date(1990, 1, 1), date(2080, 1, 1)), st.integers(0, 60))
def test_adding_months_lands_in_the_month_that_was_asked_for(day: date, months: int) -> None:
    later = add_months(day, months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
