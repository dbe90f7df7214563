"""Ages and attributes of the Medicare Code Editor."""

from datetime import date

import pytest

from shared.codesets.mce import NEVER_FIRST, SEX_EDITS_END_ON, Attribute, age_conflicts

NOW, BEFORE = date(2026, 4, 1), date(2019, 9, 30)


@pytest.mark.parametrize(
    ("attributes", "age_years", "on", "conflicts"),
    [
        (Attribute.NEWBORN, 0, NOW, ()),
        (Attribute.NEWBORN, 1, NOW, (Attribute.NEWBORN,)),
        (Attribute.PEDIATRIC, 17, NOW, ()),
        (Attribute.PEDIATRIC, 18, NOW, (Attribute.PEDIATRIC,)),
        (Attribute.ADULT, 14, NOW, (Attribute.ADULT,)),
        (Attribute.ADULT, 124, NOW, ()),
        (Attribute.ADULT, 125, NOW, (Attribute.ADULT,)),
        (Attribute.MATERNITY, 9, NOW, ()),
        (Attribute.MATERNITY, 64, NOW, ()),
        (Attribute.MATERNITY, 65, NOW, (Attribute.MATERNITY,)),
        (Attribute.MATERNITY, 9, BEFORE, (Attribute.MATERNITY,)),
        (Attribute.MATERNITY, 56, BEFORE, (Attribute.MATERNITY,)),
        (Attribute.MATERNITY, 56, date(2019, 10, 1), ()),
        (Attribute.MATERNITY | Attribute.ADULT, 3, NOW, (Attribute.MATERNITY, Attribute.ADULT)),
        (Attribute.FEMALE | Attribute.MANIFESTATION, 3, NOW, ()),
        (Attribute.NONE, 200, NOW, ()),
    ],
)
def test_ages_conflict_by_the_ranges_of_the_date(
    attributes: Attribute, age_years: int, on: date, conflicts: tuple[Attribute, ...]
) -> None:
    assert age_conflicts(attributes, age_years, on) == conflicts


def test_three_attributes_keep_a_code_from_the_first_place() -> None:
    assert Attribute.MANIFESTATION & NEVER_FIRST
    assert Attribute.UNACCEPTABLE_PRINCIPAL & NEVER_FIRST
    assert Attribute.EXTERNAL_CAUSE & NEVER_FIRST
    assert not Attribute.UNSPECIFIED & NEVER_FIRST


def test_stored_numbers_never_change() -> None:
    assert [flag.value for flag in Attribute] == [2**power for power in range(15)]
    assert date(2024, 9, 30) == SEX_EDITS_END_ON
