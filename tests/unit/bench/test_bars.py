"""Bars: what is met, what is said, and which baseline makes a run worthless."""

import pytest

from bench import bars
from bench.bars import BARS, Bar, weak


@pytest.mark.parametrize(
    ("bar", "value", "ratio", "is_met"),
    [
        (Bar(at_least=500), 500, None, True),
        (Bar(at_least=500), 499, None, False),
        (Bar(at_most=60), 60, None, True),
        (Bar(at_most=60), 61, None, False),
        (Bar(at_least=50_000, times=25), 60_000, 24, False),
        (Bar(at_least=50_000, times=25), 60_000, 25, True),
        (Bar(at_least=20_000, times=0.2, either=True), 10_000, 0.3, True),
        (Bar(at_least=20_000, times=0.2, either=True), 10_000, 0.1, False),
        (Bar(times_at_most=1.25, more_at_most=10, either=True), 14, 3.5, True),
        (Bar(times_at_most=1.25, more_at_most=10, either=True), 100, 1.25, True),
        (Bar(times_at_most=1.25, more_at_most=10, either=True), 30, 1.5, True),
        (Bar(times_at_most=1.25, more_at_most=10, either=True), 31, 1.5, False),
    ],
)
def test_a_bar_is_met_by_all_of_its_parts_or_by_either(
    bar: Bar, *, value: float, ratio: float | None, is_met: bool
) -> None:
    assert bar.is_met(value, ratio) is is_met


def test_a_bar_of_times_is_not_met_without_its_baseline() -> None:
    assert not Bar(times=4).is_met(1_000_000, None)
    assert not Bar(times_at_most=4, more_at_most=4, either=True).is_met(1, None)


def test_a_bar_says_its_parts() -> None:
    assert str(Bar(at_least=50_000, times=25)) == "≥ 50,000, ≥ 25x"
    assert str(Bar(at_least=20_000, times=1 / 4.5, either=True)) == "≥ 20,000 or ≥ 0.222x"
    assert str(Bar(times_at_most=1.25, more_at_most=10, either=True)) == "≤ 1.25x or ≤ +10"
    assert all(str(bar) for bar in BARS.values())


def test_a_baseline_under_seventy_percent_of_what_is_known_of_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "KNOWN", {"bare": 10.0, "library": 2.0, "not-measured": 3.0})

    found = list(weak({"bare": 6.9, "library": 1.41, "append": 0.1}))

    assert found == ["bare is 6.9 times its control loop, and known to be 10 times"]
