"""Which edition answers for a day; an edition more never changes an answer for a day that it does not cover."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Edition, TableNotLoaded, Why
from shared.codesets.library import EditionsOverlap, Library, Shelf, System
from shared.codesets.packed import Buffer

DAY_ONE = date(2026, 1, 1)


@dataclass(frozen=True)
class Codes:
    """A table of which only the edition matters."""

    edition: Edition

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield none."""
        return iter(())


def never(_: Buffer) -> Codes:
    raise NotImplementedError


SYSTEM = System(name="example", title="Example", source="nowhere", read=never)


def codes(release: str, first: date, last: date | None) -> Codes:
    return Codes(
        Edition(
            system=SYSTEM.name,
            release=release,
            effective_from=first,
            effective_to=last,
            sha256=f"{release} {first} {last}",
            source="example",
            complete=True,
        )
    )


STARTER = codes("starter", date(2020, 1, 1), date(2026, 12, 31))
SECOND = codes("2026Q2", date(2026, 4, 1), date(2026, 6, 30))
FOURTH = codes("2026Q4", date(2026, 10, 1), date(2026, 12, 31))


def test_without_any_edition_the_answer_is_absent() -> None:
    assert Library().on(SYSTEM, DAY_ONE) == TableNotLoaded("example", Why.ABSENT)


def test_a_loaded_edition_answers_for_its_days_and_the_starter_for_all_others() -> None:
    library = Library([Shelf(system=SYSTEM, starter=STARTER)]).with_table(SYSTEM, SECOND)

    assert library.on(SYSTEM, date(2026, 3, 31)) is STARTER
    assert library.on(SYSTEM, date(2026, 4, 1)) is SECOND
    assert library.on(SYSTEM, date(2026, 6, 30)) is SECOND
    assert library.on(SYSTEM, date(2026, 7, 1)) is STARTER


@pytest.mark.parametrize(
    ("on", "why", "nearest"),
    [
        (date(2026, 3, 31), Why.BEFORE_FIRST_EDITION, SECOND),
        (date(2026, 8, 1), Why.BETWEEN_EDITIONS, SECOND),
        (date(2027, 1, 1), Why.AFTER_LAST_EDITION, FOURTH),
    ],
)
def test_a_day_without_an_edition_says_why_and_names_the_nearest(on: date, why: Why, nearest: Codes) -> None:
    library = Library().with_table(SYSTEM, FOURTH).with_table(SYSTEM, SECOND)

    assert library.on(SYSTEM, on) == TableNotLoaded("example", why, nearest.edition)


def test_two_editions_of_one_day_are_refused_unless_one_replaces_the_other() -> None:
    library = Library().with_table(SYSTEM, SECOND)
    again = codes("2026Q2 corrected", date(2026, 4, 1), date(2026, 6, 30))

    with pytest.raises(EditionsOverlap, match="2026Q2 corrected"):
        library.with_table(SYSTEM, again)
    assert library.with_table(SYSTEM, again, replaces=SECOND.edition.sha256).on(SYSTEM, date(2026, 5, 1)) is again


def test_the_same_table_again_changes_nothing() -> None:
    shelf = Shelf(system=SYSTEM).with_table(SECOND)

    assert shelf.with_table(codes("2026Q2", date(2026, 4, 1), date(2026, 6, 30))) is shelf


days = st.integers(0, 400).map(lambda number: DAY_ONE + timedelta(days=number))
spans = st.tuples(days, st.none() | days).filter(lambda span: span[1] is None or span[0] <= span[1])


@given(held=st.lists(spans, max_size=4), new=spans, starter=st.none() | spans, asked=st.lists(days, max_size=20))
def test_an_edition_more_never_changes_answers_for_other_days(
    held: list[tuple[date, date | None]],
    new: tuple[date, date | None],
    starter: tuple[date, date | None] | None,
    asked: list[date],
) -> None:
    library = Library([Shelf(system=SYSTEM, starter=None if starter is None else codes("starter", *starter))])
    for number, span in enumerate(held):
        try:
            library = library.with_table(SYSTEM, codes(str(number), *span))
        except EditionsOverlap:
            continue
    added = codes("new", *new)
    try:
        after = library.with_table(SYSTEM, added)
    except EditionsOverlap:
        return
    for day in asked:
        if added.edition.covers.holds(day):
            assert after.on(SYSTEM, day) is added
        else:
            before, now = library.on(SYSTEM, day), after.on(SYSTEM, day)
            assert now is before or (isinstance(before, TableNotLoaded) and isinstance(now, TableNotLoaded))


def test_an_edition_more_is_asked_even_about_a_day_that_was_asked_about_before() -> None:
    before = Library([Shelf(system=SYSTEM, starter=STARTER)])
    on = date(2026, 5, 1)

    answers = (before.on(SYSTEM, on), before.with_table(SYSTEM, SECOND).on(SYSTEM, on), before.on(SYSTEM, on))

    assert answers == (STARTER, SECOND, STARTER)
