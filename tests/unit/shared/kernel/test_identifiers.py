"""Ids that follow from what they name, and the check digit of provider numbers."""

from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.identifiers import derived_id, is_mbi, is_npi, named_id


def test_derived_id_is_the_same_for_the_same_parts_for_ever() -> None:
    assert derived_id("claim", "E-1", "primary") == derived_id("claim", "E-1", "primary")
    assert derived_id("claim", "E-1", "primary") == "b5889934-2f08-5a74-a154-587741a11387"


def test_parts_cannot_borrow_from_one_another() -> None:
    ids = {derived_id("claim", "ab", "c"), derived_id("claim", "a", "bc"), derived_id("claima", "b", "c")}

    assert len(ids) == 3


@pytest.mark.parametrize("text", ["1234567893", "1245319599"])
def test_accepts_numbers_with_their_check_digit(text: str) -> None:
    assert is_npi(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "1234567890",
        "1234567892",
        "3123456789",
        "123456789",
        "12345678933",
        "",
        "123456789a",
        "1234567893 ",
        "1\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0663",
    ],
)
def test_refuses_other_numbers(text: str) -> None:
    assert is_npi(text) is False


@given(st.integers(100_000_000, 299_999_999))
def test_exactly_one_check_digit_fits(number: int) -> None:
    assert sum(is_npi(f"{number}{digit}") for digit in range(10)) == 1


@given(st.integers(100_000_000, 299_999_999), st.integers(0, 9), st.integers(0, 9))
def test_one_wrong_digit_is_noticed(number: int, place: int, digit: int) -> None:
    right = next(text for text in (f"{number}{last}" for last in range(10)) if is_npi(text))
    wrong = f"{right[:place]}{digit}{right[place + 1 :]}"

    assert wrong == right or not is_npi(wrong)


@given(st.uuids(), st.text())
def test_named_id_is_the_uuid_of_its_name(namespace: UUID, name: str) -> None:
    assert named_id(namespace.bytes, name) == str(uuid5(namespace, name))


@pytest.mark.parametrize(
    ("text", "well_formed"),
    [
        ("1EG4TE5MK73", True),
        ("1EG4-TE5-MK73", False),
        ("1S00E00AA06", False),
        ("0EG4TE5MK73", False),
        ("1EG4TE5MK7", False),
        ("1eg4te5mk73", False),
        ("PAID0001", False),
        ("", False),
    ],
)
def test_knows_the_form_of_a_medicare_number(text: str, *, well_formed: bool) -> None:
    assert is_mbi(text) is well_formed
