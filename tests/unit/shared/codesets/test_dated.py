"""A small restated table: look-ups by date, and how its lines are read."""

from datetime import date

import pytest

from shared.codesets.dated import CodeTwice, DatedTable, Labelled, NotALine, interval, labelled, packed
from shared.codesets.edition import Interval, NotValidOnDate, Provenance, TableNotLoaded, UnknownCode, Valid, Why
from shared.codesets.packed import NotATable, head_of, plain, write

OLD = Labelled("A1", "old one", Interval(date(2010, 1, 1), date(2020, 12, 31)))
NEW = Labelled("B2", "new one", Interval(date(2021, 1, 1)))


def provenance(*, complete: bool = True) -> Provenance:
    return Provenance(
        system="Example",
        release="1",
        effective_from=date(2015, 10, 1),
        effective_to=date(2026, 9, 30),
        source="example",
        complete=complete,
    )


TABLE = DatedTable(provenance(), [NEW, OLD])


@pytest.mark.parametrize(
    ("code", "on"), [("A1", date(2020, 12, 31)), ("B2", date(2021, 1, 1)), ("B2", date(2026, 9, 30))]
)
def test_a_code_is_valid_on_both_ends_of_its_days(code: str, on: date) -> None:
    assert TABLE.look_up(code, on) == Valid(TABLE.edition)


@pytest.mark.parametrize(("row", "on"), [(OLD, date(2021, 1, 1)), (NEW, date(2020, 12, 31))])
def test_an_expired_or_future_code_says_when_it_holds(row: Labelled, on: date) -> None:
    assert TABLE.look_up(row.code, on) == NotValidOnDate(TABLE.edition, (row.valid,))


def test_a_missing_code_is_unknown_only_where_the_table_is_complete() -> None:
    partial = DatedTable(provenance(complete=False), [OLD])

    assert TABLE.look_up("C3", date(2020, 1, 1)) == UnknownCode(TABLE.edition)
    assert partial.look_up("C3", date(2020, 1, 1)) == TableNotLoaded("Example", Why.PARTIAL, partial.edition)


def test_nothing_passes_outside_the_edition() -> None:
    assert TABLE.look_up("A1", date(2015, 9, 30)) == TableNotLoaded("Example", Why.BEFORE_FIRST_EDITION, TABLE.edition)
    assert TABLE.look_up("B2", date(2026, 10, 1)) == TableNotLoaded("Example", Why.AFTER_LAST_EDITION, TABLE.edition)
    assert TABLE.row_on("B2", date(2026, 10, 1)) is None


def test_a_row_is_found_for_display_on_any_day_and_for_decisions_only_when_valid() -> None:
    assert TABLE.row("A1") == OLD
    assert TABLE.row("C3") is None
    assert TABLE.row_on("A1", date(2020, 1, 1)) == OLD
    assert TABLE.row_on("A1", date(2021, 1, 1)) is None
    assert [row.code for row in TABLE] == ["A1", "B2"]
    assert len(TABLE) == 2


def test_the_fingerprint_follows_the_content_and_not_the_order() -> None:
    assert DatedTable(provenance(), [OLD, NEW]).edition == TABLE.edition
    assert DatedTable(provenance(), [OLD]).edition.sha256 != TABLE.edition.sha256


def test_refuses_a_code_twice() -> None:
    with pytest.raises(CodeTwice):
        DatedTable(provenance(), [OLD, OLD])


def test_reads_lines_of_code_days_and_label() -> None:
    assert tuple(labelled(["A1 2010-01-01..2020-12-31 old one", "  B2 2021-01-01.. new one"])) == (OLD, NEW)


@pytest.mark.parametrize("line", ["", "A1", "A1 2010-01-01..", "A1 2010-01-01 label", "A1 then..now label"])
def test_refuses_a_line_that_says_less(line: str) -> None:
    with pytest.raises(NotALine):
        tuple(labelled([line]))


def test_an_interval_in_text_may_be_open() -> None:
    assert interval("2021-01-01..") == Interval(date(2021, 1, 1))


def test_a_table_reads_back_from_its_file() -> None:
    read = DatedTable.read("Example", Labelled, plain(packed(provenance(), [NEW, OLD])))

    assert list(read) == [OLD, NEW]
    assert read.look_up("A1", date(2020, 12, 31)) == Valid(read.edition)
    assert (read.edition.release, read.edition.covers) == (TABLE.edition.release, TABLE.edition.covers)


def test_the_same_rows_give_the_same_file() -> None:
    assert packed(provenance(), [NEW, OLD]) == packed(provenance(), [OLD, NEW])


def test_rows_of_another_form_are_refused() -> None:
    with pytest.raises(NotATable, match="rows of the table"):
        DatedTable.read("Example", Labelled, write({"edition": head_of(provenance())}, {"rows": b'[{"code":1}]'}))


def test_rows_are_told_as_people_read_them() -> None:
    assert list(TABLE.rows()) == [("A1", "2010-01-01..2020-12-31 old one"), ("B2", "2021-01-01.. new one")]


def test_a_code_of_another_code_set_is_never_unknown() -> None:
    licensed = TableNotLoaded("other", Why.LICENSED)
    table = DatedTable(provenance(), [OLD], elsewhere=lambda code: licensed if code.startswith("X") else None)

    assert table.look_up("X1", date(2020, 1, 1)) == licensed
    assert table.look_up("B2", date(2020, 1, 1)) == UnknownCode(table.edition)
