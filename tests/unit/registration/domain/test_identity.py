"""`services/registration/domain/identity.py`: which spellings are one, and which are two."""

from datetime import date

import pytest

from services.registration.domain.identity import (
    folded,
    identifier_key,
    insured_person_key,
    joined,
    person_key,
    same,
)
from shared.kernel.erased import ERASED
from shared.kernel.person import Identifier, PersonName

DAY = date(1970, 5, 15)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("  Da\tSilva ", "dasilva"),
        ("Ünlü", "unlu"),
        ("U\u0308nlu\u0308", "unlu"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("O'Neil-Ray", "o'neil-ray"),
        ("", ""),
    ],
)
def test_folds_case_accents_and_spaces_and_nothing_else(text: str, form: str) -> None:
    assert folded(text) == form
    assert folded(folded(text)) == form


def test_keeps_the_border_between_parts() -> None:
    assert joined("ab", "c") != joined("a", "bc")
    assert person_key(PersonName(family="Sample", given="Ada"), DAY) != person_key(
        PersonName(family="Sampl", given="eAda"), DAY
    )


def test_tells_members_apart_and_leaves_the_middle_name_out() -> None:
    ada = PersonName(family="Sample", given="Ada")
    with_middle = PersonName(family="Sample", given="Ada", middle="Q")

    assert insured_person_key(ada, DAY, "M 1") == insured_person_key(with_middle, DAY, "m1")
    assert insured_person_key(ada, DAY, "M1") != insured_person_key(ada, DAY, "M2")


def test_tells_case_apart_in_other_peoples_numbers() -> None:
    lower, upper = (Identifier(system="urn:x", value=value) for value in ("a", "A"))

    assert identifier_key(lower) != identifier_key(upper)


@pytest.mark.parametrize(
    ("sent", "kept", "alike"),
    [
        ("Gold PPO", "gold  ppo", True),
        ("Gold PPO", None, False),
        (None, None, True),
        (PersonName(family="SÁMPLE", given="Ada"), PersonName(family="Sample", given="ada"), True),
        (PersonName(family="Sample", given="Ada", middle="Q"), PersonName(family="Sample", given="Ada"), False),
        (PersonName(family="Sample", given="Ada"), ERASED, False),
        (DAY, date(1970, 5, 16), False),
        (180, 180, True),
    ],
)
def test_compares_texts_as_folded_and_all_else_as_it_is(sent: object, kept: object, alike: bool) -> None:  # noqa: FBT001 (a parameter of the examples)
    assert same(sent, kept) is alike
