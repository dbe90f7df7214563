"""Writing the table: headings follow from the codes below them, on every day."""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Interval, Provenance
from shared.codesets.icd10 import Span
from shared.codesets.icd10_table import NotACode, Title, table_of, with_headings
from shared.codesets.icd10cm import SYSTEM

DAY_ONE = date(2015, 10, 1)
PROVENANCE = Provenance(
    system=SYSTEM.name, release="example", effective_from=DAY_ONE, effective_to=None, source="example", complete=True
)

codes = st.text(alphabet="A0", min_size=3, max_size=6)
days = st.integers(0, 12).map(lambda days: DAY_ONE + timedelta(days=days))
intervals = st.tuples(days, st.none() | days).filter(lambda pair: pair[1] is None or pair[0] <= pair[1])
lives = st.dictionaries(
    codes, intervals.map(lambda pair: (Span(Interval(pair[0], pair[1]), billable=True),)), min_size=1, max_size=8
)


@given(lives)
def test_a_heading_is_what_begins_a_billable_code_and_is_none_itself(
    given_lives: Mapping[str, tuple[Span, ...]],
) -> None:
    whole = with_headings(given_lives)

    for day in (DAY_ONE + timedelta(days=each) for each in range(15)):
        billable = {code for code, spans in given_lives.items() if any(span.interval.holds(day) for span in spans)}
        headings = {code[:length] for code in billable for length in range(3, len(code))} - billable
        holding = {(code, span.billable) for code, spans in whole.items() for span in spans if span.interval.holds(day)}

        assert holding == {(code, True) for code in billable} | {(code, False) for code in headings}


@given(lives)
def test_spans_are_in_order_and_never_overlap(given_lives: Mapping[str, tuple[Span, ...]]) -> None:
    for spans in with_headings(given_lives).values():
        for first, second in pairwise(spans):
            assert first.interval.last is not None
            assert first.interval.last < second.interval.first


@given(lives)
def test_writing_is_deterministic_and_can_be_read(given_lives: Mapping[str, tuple[Span, ...]]) -> None:
    backwards = dict(reversed(list(given_lives.items())))
    packed = table_of(PROVENANCE, given_lives, {})
    table = SYSTEM.read(packed)

    assert table_of(PROVENANCE, backwards, {}) == packed
    assert list(table) == sorted(with_headings(given_lives))
    assert all(table.valid_intervals(code) == (spans[0].interval,) for code, spans in given_lives.items())


@pytest.mark.parametrize("code", ["E1", "E11.9", "E1199999", "", "É11"])
def test_refuses_what_is_no_code(code: str) -> None:
    with pytest.raises(NotACode):
        table_of(PROVENANCE, {code: [Span(Interval(DAY_ONE), billable=True)]}, {})


def test_refuses_days_that_overlap_or_are_missing() -> None:
    twice = [Span(Interval(DAY_ONE), billable=True), Span(Interval(date(2020, 1, 1)), billable=True)]

    with pytest.raises(NotACode):
        table_of(PROVENANCE, {"I10": twice}, {})
    with pytest.raises(NotACode):
        table_of(PROVENANCE, {"I10": []}, {})


def test_a_title_is_whole_with_its_extension() -> None:
    assert Title("Fracture", "initial encounter").whole == "Fracture, initial encounter"
    assert Title("Hypertension").whole == "Hypertension"


def test_a_title_of_a_code_that_is_not_there_is_left_out() -> None:
    table = SYSTEM.read(
        table_of(PROVENANCE, {"I10": [Span(Interval(DAY_ONE), billable=True)]}, {"I11": Title("Other")})
    )

    assert list(table) == ["I10"]
    assert table.titles("Other", DAY_ONE) == ()
