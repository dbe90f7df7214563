"""What an edition covers, and what it means that a code is absent."""

from datetime import date
from typing import assert_never

import pytest

from shared.codesets.edition import (
    Answer,
    Edition,
    Interval,
    MoreDigitsNeeded,
    NotValidOnDate,
    TableNotLoaded,
    UnknownCode,
    Valid,
    Why,
    absent_code,
    outside,
)

FIRST, LAST = date(2025, 10, 1), date(2026, 9, 30)


def edition(*, complete: bool = True, last: date | None = LAST) -> Edition:
    return Edition(
        system="Example",
        release="2026",
        effective_from=FIRST,
        effective_to=last,
        sha256="0" * 64,
        source="example",
        complete=complete,
    )


@pytest.mark.parametrize(
    ("on", "holds"),
    [(date(2025, 9, 30), False), (FIRST, True), (LAST, True), (date(2026, 10, 1), False)],
)
def test_interval_holds_both_of_its_ends(on: date, *, holds: bool) -> None:
    assert Interval(FIRST, LAST).holds(on) is holds


def test_interval_without_a_last_day_holds_for_ever() -> None:
    assert Interval(FIRST).holds(date.max)


@pytest.mark.parametrize(
    ("other", "meets"),
    [
        (Interval(LAST), True),
        (Interval(date(2026, 10, 1)), False),
        (Interval(date(2020, 1, 1), FIRST), True),
        (Interval(date(2020, 1, 1), date(2025, 9, 30)), False),
    ],
)
def test_intervals_meet_when_they_share_a_day(other: Interval, *, meets: bool) -> None:
    assert Interval(FIRST, LAST).meets(other) is meets
    assert other.meets(Interval(FIRST, LAST)) is meets


@pytest.mark.parametrize(
    ("on", "why"),
    [(date(2025, 9, 30), Why.BEFORE_FIRST_EDITION), (date(2026, 10, 1), Why.AFTER_LAST_EDITION)],
)
def test_a_day_outside_the_edition_is_not_loaded(on: date, why: Why) -> None:
    assert outside(edition(), on) == TableNotLoaded("Example", why, edition())


def test_a_day_inside_the_edition_is_answered_by_it() -> None:
    assert outside(edition(), FIRST) is None
    assert outside(edition(), LAST) is None
    assert outside(edition(last=None), date(2099, 1, 1)) is None


def test_absence_proves_something_only_in_a_complete_table() -> None:
    assert absent_code(edition()) == UnknownCode(edition())
    assert absent_code(edition(complete=False)) == TableNotLoaded("Example", Why.PARTIAL, edition(complete=False))


def test_the_answers_are_closed() -> None:
    def word(answer: Answer) -> str:
        match answer:
            case Valid():
                return "valid"
            case MoreDigitsNeeded():
                return "heading"
            case NotValidOnDate():
                return "not then"
            case UnknownCode():
                return "unknown"
            case TableNotLoaded():
                return "not loaded"
            case _:
                assert_never(answer)

    assert word(NotValidOnDate(edition(), (Interval(FIRST),))) == "not then"
