"""Filing limits: months of the calendar, or days of the contract."""

from datetime import date

import pytest

from shared.codesets.payers import MEDICAID_CEILING, MEDICARE, FilingLimit, NotALimit, Unit

SERVICE_ON = date(2026, 3, 3)


@pytest.mark.parametrize(
    ("service_on", "last_day"),
    [
        (SERVICE_ON, date(2027, 3, 3)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2023, 3, 1), date(2024, 3, 1)),  # 366 days: a limit in days would end a day early
    ],
)
def test_medicare_counts_twelve_calendar_months(service_on: date, last_day: date) -> None:
    assert MEDICARE.last_day(service_on) == last_day
    assert MEDICAID_CEILING.last_day(service_on) == last_day


def test_a_contract_may_count_days() -> None:
    assert FilingLimit(90, Unit.DAYS).last_day(SERVICE_ON) == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("today", "days_left"), [(date(2026, 5, 31), 1), (date(2026, 6, 1), 0), (date(2026, 6, 2), -1)]
)
def test_says_how_many_days_are_left(today: date, days_left: int) -> None:
    assert FilingLimit(90, Unit.DAYS).days_left(SERVICE_ON, today) == days_left


@pytest.mark.parametrize("count", [0, -1])
def test_refuses_a_limit_that_allows_nothing(count: int) -> None:
    with pytest.raises(NotALimit):
        FilingLimit(count, Unit.DAYS)
