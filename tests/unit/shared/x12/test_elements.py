"""Amounts, days and quantities: exact or refused."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Malformed
from shared.kernel.money import Money, NotAnAmount
from shared.x12.elements import cents, cents_or_none, count, day, days, quantity, written_quantity
from shared.x12.malformed import NotAnX12Value
from shared.x12.writer import CannotBeWritten


@given(st.one_of(st.text("0123456789.-", max_size=18), st.text(max_size=6)))
def test_an_amount_is_what_money_says_it_is(text: str) -> None:
    expected: int | None = None
    with suppress(NotAnAmount):
        expected = Money.of_decimal(text).cents
    found: int | None = None
    with suppress(NotAnAmount):
        found = cents(text)

    assert found == expected


@given(st.integers(-(10**13), 10**13))
def test_an_amount_comes_back_as_it_went(amount: int) -> None:
    assert cents(Money(amount).decimal()) == amount


def test_no_amount_is_none() -> None:
    assert cents_or_none("") is None


@given(st.dates())
def test_a_day_is_eight_digits(expected: date) -> None:
    assert day(f"{expected.year:04d}{expected.month:02d}{expected.day:02d}") == expected


def test_a_day_of_six_digits_is_of_this_century() -> None:
    assert day("260131") == date(2026, 1, 31)


@pytest.mark.parametrize("text", ["", "20260230", "2026-1-1", "2026W011", "\N{SUPERSCRIPT TWO}0260101", "99999999"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(NotAnX12Value):
        day(text)


def test_days_are_one_or_two_and_inclusive() -> None:
    assert days("D8", "20260131") == (date(2026, 1, 31), date(2026, 1, 31))
    assert days("RD8", "20260131-20260202") == (date(2026, 1, 31), date(2026, 2, 2))
    assert days("RD8", "20260131-20260131") == (date(2026, 1, 31), date(2026, 1, 31))
    assert days("DT", "202601311030") == (date(2026, 1, 31), date(2026, 1, 31))
    assert days("RDT", "202601311030-202602020900") == (date(2026, 1, 31), date(2026, 2, 2))


@pytest.mark.parametrize(
    ("qualifier", "text"),
    [
        ("RD8", "20260202-20260131"),
        ("RD8", "20260131-"),
        ("RD8", "20260131"),
        ("RD8", "-20260131"),
        ("RDT", "202602020900-202601311030"),
        ("D8", "20260131-20260202"),
        ("D8", "202601311030"),
    ],
)
def test_days_that_run_backwards_or_lack_their_end_are_refused(qualifier: str, text: str) -> None:
    with pytest.raises(NotAnX12Value):
        days(qualifier, text)


@given(st.decimals(min_value=-999_999, max_value=999_999, places=3))
def test_a_quantity_comes_back_as_it_went(number: Decimal) -> None:
    assert quantity(written_quantity(number)) == number


def test_a_quantity_is_written_without_exponent_or_trailing_zeros() -> None:
    assert [written_quantity(Decimal(text)) for text in ("1.50", "1E+2", "100", "0.10")] == ["1.5", "100", "100", "0.1"]


@given(st.decimals())
def test_a_quantity_is_written_so_that_it_can_be_read_or_refused(number: Decimal) -> None:
    try:
        text = written_quantity(number)
    except CannotBeWritten:
        return

    assert quantity(text) == number
    assert text != "-0"


@pytest.mark.parametrize(
    "text", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+18", "1E+999999", "1E-999999", "0.12345678901234567"]
)
def test_a_quantity_that_no_element_carries_is_refused(text: str) -> None:
    with pytest.raises(CannotBeWritten):
        written_quantity(Decimal(text))


@given(st.text(max_size=12))
def test_a_text_is_a_value_or_refused(text: str) -> None:
    for read in (cents, day, quantity, count):
        with suppress(Malformed):
            read(text)


@pytest.mark.parametrize("text", ["--5", "-", "1-", "1.2.3", "1e5", "+1", ""])
def test_what_looks_like_a_quantity_is_refused_too(text: str) -> None:
    with pytest.raises(NotAnX12Value):
        quantity(text)
