"""Lists that users bring: what is read, what is refused, and what they answer."""

from datetime import date

import pytest

from shared.codesets.edition import NotValidOnDate, UnknownCode, Valid
from shared.codesets.supplied import NotACodeList, read_supplied


def test_a_list_answers_for_what_it_has_and_for_what_it_has_not() -> None:
    found = read_supplied("taxonomy", ['Code,Grouping,"Definition"', '207q00000x,Allopathic,"a, b', 'c"', "", ",,"])

    assert len(found) == 1
    assert isinstance(found.look_up("207Q00000X", date(2026, 1, 1)), Valid)
    assert isinstance(found.look_up("207Q00000X", None), Valid)
    assert isinstance(found.look_up("207R00000X", None), UnknownCode)


def test_a_code_holds_on_the_days_that_its_lines_give() -> None:
    found = read_supplied(
        "revenue", ["start,code,end", "2020-01-01,0120,2021-12-31", "2024-01-01,0120,", ",0300,2022-06-30"]
    )

    def holds(code: str, on: date) -> bool:
        return isinstance(found.look_up(code, on), Valid)

    assert [holds("0120", date(year, 12, 31)) for year in (2019, 2021, 2023, 2025)] == [False, True, False, True]
    assert [holds("0300", on) for on in (date(2000, 1, 1), date(2022, 6, 30), date(2022, 7, 1))] == [True, True, False]
    assert isinstance(found.look_up("0120", date(2023, 1, 1)), NotValidOnDate)


def test_points_are_no_part_of_a_code() -> None:
    assert isinstance(read_supplied("diagnosis", ["code", "e11.9"]).look_up("E119", None), Valid)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "the first line"),
        (["number,label", "0120,room"], "the first line"),
        (["code"], "no code"),
        (["code,start", "0120,2020-01-01", "0130,1/31/2020"], "line 3"),
        (["code", "0" * 200_000], "line 2"),
    ],
)
def test_what_is_no_list_is_refused(lines: list[str], said: str) -> None:
    with pytest.raises(NotACodeList, match=said):
        read_supplied("revenue", lines)


def test_an_edition_is_known_by_what_it_holds() -> None:
    one, same, other = (read_supplied("revenue", ["code", code]) for code in ("0120", "0120", "0300"))

    assert one.edition == same.edition
    assert one.edition.sha256 != other.edition.sha256
