"""Payment localities: the layout as published, its footnotes and its two indices of work."""

from datetime import date

import pytest

from shared.codesets.edition import Interval
from shared.codesets.gpci import SYSTEM, locality
from shared.codesets.loaders.gpci import LAYOUTS
from shared.codesets.official import Member, NotOfficial, Stated
from tests.unit.shared.codesets import reference_data

(LAYOUT,) = LAYOUTS
NAME = "rvu26d-updated-08-26-2026.zip/GPCI2026.csv"
NOTICE = '"ADDENDUM E. FINAL CY 2026 INDICES BY STATE AND LOCALITY",,,,,,\r\n,,,,,,\r\n'
COLUMNS = "Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,"
HEADINGS = NOTICE + COLUMNS + "2026 PW GPCI (with 1.0 Floor)***,2026 PE GPCI,2026 MP GPCI\r\n"
FOOTNOTES = ',,,,,,\r\n* A floor of 1.5 for Alaska,,,,,,\r\n"** One of several, see below",,,,,,\r\n'
ROWS = "10112,AL,00,ALABAMA,1.000,0.875,0.566\r\n2102,AK,1,ALASKA**,1.500,1.065,0.551\r\n"


def member(content: str, name: str = NAME) -> Member:
    return Member(name=name, lines=content.encode("latin-1").splitlines(keepends=True))


def test_a_locality_is_found_by_contractor_and_number() -> None:
    built = LAYOUT.build([member(HEADINGS + ROWS + FOOTNOTES)], Stated())
    table = SYSTEM.read(built.table)
    alaska = locality(table, "02102", "01", date(2026, 7, 1))

    assert (built.rows, built.told.rejected_count, built.edition.complete) == (2, 0, True)
    assert (built.edition.release, built.edition.covers) == ("2026", Interval(date(2026, 1, 1), date(2026, 12, 31)))
    assert alaska is not None
    assert (alaska.name, alaska.work, alaska.practice_expense, alaska.malpractice) == ("ALASKA", 1_500, 1_065, 551)
    assert locality(table, "2102", "1", date(2026, 7, 1)) == alaska
    assert locality(table, "02102", "01", date(2027, 1, 1)) is None
    assert locality(table, "02102", "02", date(2026, 7, 1)) is None
    assert dict(table.rows()) == {
        "0210201": "2026-01-01.. AK 1.500 1.065 0.551",
        "1011200": "2026-01-01.. AL 1.000 0.875 0.566",
    }


@pytest.mark.parametrize("order", [("without", "with"), ("with", "without")])
def test_of_two_indices_of_work_the_one_with_the_floor_is_paid(order: tuple[str, str]) -> None:
    headings = ",".join(f"2026 PW GPCI ({which} 1.0 Floor)" for which in order)
    values = ",".join("1.000" if which == "with" else "0.981" for which in order)
    lines = f"{NOTICE}{COLUMNS}{headings},2026 PE GPCI,2026 MP GPCI\r\n10112,AL,00,ALABAMA,{values},0.875,0.566\r\n"
    found = locality(SYSTEM.read(LAYOUT.build([member(lines)], Stated()).table), "10112", "00", date(2026, 7, 1))

    assert found is not None
    assert (found.work, found.practice_expense) == (1_000, 875)


def test_headings_may_go_over_several_lines() -> None:
    lines = HEADINGS.replace("Medicare Administrative Contractor (MAC)", '"Medicare Administrative\nContractor (MAC)"')
    lines = lines.replace("2026 PE GPCI", '"2026\nPE GPCI"') + ROWS

    assert LAYOUT.recognises(NAME, lines.encode())
    assert LAYOUT.build([member(lines)], Stated()).rows == 2


def test_a_year_that_nobody_says_is_asked_for() -> None:
    lines = HEADINGS.replace("2026 P", "P").replace("2026 M", "M") + ROWS
    with pytest.raises(NotOfficial, match="state them"):
        LAYOUT.build([member(lines)], Stated())
    stated = Stated(release="2024 after March", effective_from=date(2024, 3, 9))
    assert SYSTEM.read(LAYOUT.build([member(lines)], stated).table).edition.effective_from == date(2024, 3, 9)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (HEADINGS.replace("2026 MP", "2025 MP") + ROWS, "one common year"),
        (HEADINGS.replace("Locality Number", "Number") + ROWS, "lack number"),
        (HEADINGS + ROWS.replace(",0.566", ""), "line 4: 7 columns were expected, 6 are there"),
        ("a\r\n" * 50, "were expected"),
    ],
)
def test_another_layout_is_refused(lines: str, why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        LAYOUT.build([member(lines)], Stated())


def test_two_years_are_not_mixed() -> None:
    with pytest.raises(NotOfficial, match="several releases"):
        LAYOUT.build([member(HEADINGS), member(HEADINGS, "GPCI2025.csv")], Stated())


@pytest.mark.parametrize(
    "wrong",
    ["10112,AL,00,ALABAMA,1.0,0.8751,0.5\r\n", "1011A,AL,00,X,1.0,0.8,0.5\r\n", "10112,AL,00,ALABAMA,1.0,0.8,0.5\r\n"],
)
def test_a_bad_row_is_left_out_and_told(wrong: str) -> None:
    built = LAYOUT.build([member(HEADINGS + ROWS + wrong)], Stated())

    assert (built.rows, built.told.rejected[0].line, built.edition.complete) == (2, 6, False)


def test_the_layout_is_known_by_its_headings() -> None:
    assert LAYOUT.recognises(NAME, HEADINGS.encode())
    assert not LAYOUT.recognises(NAME, NOTICE.encode())


@pytest.mark.parametrize("year", [2024, 2026])
def test_the_localities_of_a_year_are_read_whole(year: int) -> None:
    lines = [HEADINGS.replace("2026", str(year))]
    for each in reference_data.rows(f"mpfs/gpci_{year}.csv"):
        mac, state, number, _, *indices = each.values()
        rounded = [f"{float(index):.3f}" for index in indices[:3]]  # the sample of 2024 was written from floats
        lines.append(",".join([mac, state, number, "name", *rounded]) + "\r\n")
    built = LAYOUT.build([member("".join(lines))], Stated())
    miami = locality(SYSTEM.read(built.table), "09102", "04", date(year, 7, 1))

    assert (built.rows, built.told.rejected_count) == (109, 0)
    assert miami is not None
    assert year == 2026 or (miami.work, miami.practice_expense, miami.malpractice) == (1_000, 1_027, 2_500)
