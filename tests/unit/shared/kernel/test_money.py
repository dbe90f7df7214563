"""Money is whole cents: texts in, texts out, and nothing in between is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import Money, NotAnAmount, dollars


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("0", 0),
        ("150", 15_000),
        ("82.5", 8_250),
        ("82.50", 8_250),
        ("82.5000", 8_250),
        (".07", 7),
        ("7.", 700),
        ("-12.34", -1_234),
        ("-0", 0),
        ("0012", 1_200),
        ("9999999999999.99", 999_999_999_999_999),
    ],
)
def test_reads_dollars_exactly(text: str, cents: int) -> None:
    assert Money.of_decimal(text) == Money(cents)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "-.",
        "1.005",
        "1,000",
        "$5",
        "1e3",
        " 1",
        "1 ",
        "+1",
        "12345678901234",
        "NaN",
        "1.2.3",
        "--1",
        "1\u0662",
    ],
)
def test_refuses_what_is_not_dollars(text: str) -> None:
    with pytest.raises(NotAnAmount):
        Money.of_decimal(text)


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0"), (15_000, "150"), (8_250, "82.5"), (7, ".07"), (-7, "-.07"), (-15_010, "-150.1")]
)
def test_writes_dollars_without_zeros_that_say_nothing(cents: int, text: str) -> None:
    assert Money(cents).decimal() == text


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_reads_what_it_wrote(cents: int) -> None:
    assert Money.of_decimal(Money(cents).decimal()) == Money(cents)


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "$0.00"), (5, "$0.05"), (-5, "-$0.05"), (123_456_789, "$1,234,567.89"), (-100, "-$1.00")]
)
def test_writes_dollars_as_people_read_them(cents: int, text: str) -> None:
    assert dollars(cents) == text


def test_adds_up_and_compares() -> None:
    total = Money(1_000) + Money(250) - Money(50) + -Money(100) + Money(3) * 3

    assert total == Money(1_109)
    assert Money(-1) < Money(0) < Money(1)
