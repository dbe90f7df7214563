"""Ages and attributes of the Medicare Code Editor, and the table of its lists."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Interval, Provenance, TableNotLoaded, Why
from shared.codesets.icd10_table import NotACode
from shared.codesets.mce import NEVER_FIRST, SEX_EDITS_END_ON, SYSTEM, Attribute, CodeEditor, Edits, age_conflicts
from shared.codesets.mce_table import Marked, table_of
from shared.codesets.packed import NotATable, write

NOW, BEFORE = date(2026, 4, 1), date(2019, 9, 30)
BEGIN, END = date(2015, 10, 1), date(2027, 3, 31)
PROVENANCE = Provenance(
    system=SYSTEM.name, release="example", effective_from=BEGIN, effective_to=END, source="example", complete=True
)


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


def editor(codes: Mapping[str, list[Marked]]) -> CodeEditor:
    return SYSTEM.read(table_of(PROVENANCE, codes))


DELIVERY = editor(
    {
        "Z370": [
            (Interval(BEGIN, SEX_EDITS_END_ON), Attribute.FEMALE | Attribute.MATERNITY),
            (Interval(date(2024, 10, 1)), Attribute.MATERNITY),
        ],
        "U071": [(Interval(date(2020, 4, 1)), Attribute.NONE)],
    }
)


@pytest.mark.parametrize(
    ("code", "on", "attributes"),
    [
        ("Z370", SEX_EDITS_END_ON, Attribute.FEMALE | Attribute.MATERNITY),
        ("Z370", date(2024, 10, 1), Attribute.MATERNITY),
        ("U071", NOW, Attribute.NONE),
        ("no code at all", NOW, Attribute.NONE),
        ("", NOW, Attribute.NONE),
    ],
)
def test_attributes_change_with_the_date(code: str, on: date, attributes: Attribute) -> None:
    assert DELIVERY.edits(code, on) == Edits(DELIVERY.edition, attributes)


def test_keeps_only_codes_that_have_an_attribute() -> None:
    assert len(DELIVERY) == 1


@pytest.mark.parametrize(
    ("on", "why"), [(date(2015, 9, 30), Why.BEFORE_FIRST_EDITION), (date(2027, 4, 1), Why.AFTER_LAST_EDITION)]
)
def test_says_nothing_outside_its_edition(on: date, why: Why) -> None:
    assert DELIVERY.edits("Z370", on) == TableNotLoaded("mce", why, DELIVERY.edition)


def test_refuses_days_that_overlap_and_what_is_no_code() -> None:
    always: Marked = (Interval(BEGIN), Attribute.ADULT)

    with pytest.raises(NotACode):
        editor({"I10": [always, (Interval(NOW), Attribute.ADULT)]})
    with pytest.raises(NotACode):
        editor({"I10.9": [always]})


@pytest.mark.parametrize(
    ("head", "history_of"), [({}, b""), ({"histories": [[[0, None, 1]]]}, b""), ({"histories": []}, b"\0\0")]
)
def test_refuses_a_table_of_another_kind(head: dict[str, object], history_of: bytes) -> None:
    edition = {"system": "mce", "release": "x", "effective_from": "2026-01-01", "effective_to": None}
    whole = {"edition": {**edition, "source": "x", "complete": True}, **head}
    with pytest.raises(NotATable):
        SYSTEM.read(write(whole, {"codes": b"", "history_of": history_of}))


marks = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 7)), max_size=4, unique_by=lambda mark: mark[0])


@given(st.dictionaries(st.text(alphabet="A0", min_size=3, max_size=5), marks, max_size=6))
def test_the_table_answers_as_its_rows_do(written: Mapping[str, list[tuple[int, int]]]) -> None:
    days = [BEGIN + timedelta(days=each) for each in range(4)]
    table = editor(
        {
            code: [(Interval(days[day], days[day]), Attribute(flags)) for day, flags in marked]
            for code, marked in written.items()
        }
    )

    for code in [*written, "B00"]:
        for place, on in enumerate(days):
            expected = Attribute(dict(written.get(code, [])).get(place, 0))
            assert table.edits(code, on) == Edits(table.edition, expected)
