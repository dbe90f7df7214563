"""A table of places of service that takes the place of the restated one."""

from datetime import date

import pytest

from shared.codesets.edition import Interval, NotValidOnDate, UnknownCode, Valid
from shared.codesets.loaders.pos import LAYOUTS, build
from shared.codesets.official import Built, Member, NotOfficial, Stated
from shared.codesets.packed import plain
from shared.codesets.pos import POS, SYSTEM
from tests.unit.shared.codesets.reference_data import FOLDER

STATED = Stated(release="2026-10", effective_from=date(2020, 1, 1))
HEADINGS = "pos,rate_type,name,start,end"


def member(*lines: str, headings: str = HEADINGS, name: str = "place-of-service.csv") -> Member:
    return Member(name=name, lines=[f"{line}\n".encode() for line in (headings, *lines)])


def built(*lines: str, headings: str = HEADINGS) -> Built:
    return build([member(*lines, headings=headings)], STATED)


def test_a_place_has_its_rate_and_its_days() -> None:
    table = SYSTEM.read(built("11,Non-Facility,Office,,", "28,Facility,New place,2026-07-01,2026-12-31").table)
    new = table.row("28")

    assert new is not None
    assert (new.label, new.facility, new.valid) == (
        "New place",
        True,
        Interval(date(2026, 7, 1), date(2026, 12, 31)),
    )
    assert isinstance(table.look_up("28", date(2026, 6, 30)), NotValidOnDate)
    assert isinstance(table.look_up("28", date(2026, 7, 1)), Valid)
    assert isinstance(table.look_up("99", date(2026, 7, 1)), UnknownCode)


def test_a_known_place_keeps_its_rate_and_first_day_where_the_table_is_silent() -> None:
    headings = "Place of Service Code(s),Place of Service Name,Place of Service Description"
    made = built("27,Outreach Site/ Street,words", "21,Inpatient,words", "28-30,Unassigned,N/A", headings=headings)
    table = SYSTEM.read(made.table)

    assert (made.rows, made.told.rejected_count) == (2, 0)
    assert [(row.code, row.facility, row.valid.first) for row in table] == [
        ("21", True, date(1996, 1, 1)),
        ("27", False, date(2023, 10, 1)),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("1,Facility,Short,,", "two digits"),
        ("11,Facility,,,", "two digits"),
        ("28,,New place,,", "a rate"),
        ("28,Sometimes,New place,,", "a rate"),
        ("28,Facility,New place,soon,", "days are written"),
        ("28,Facility,New place,2026-02-01,2026-01-01", "not before"),
        ("11,Facility,Again,,", "once"),
    ],
)
def test_a_bad_row_is_left_out_and_told_and_the_table_is_incomplete(line: str, why: str) -> None:
    made = built("11,Non-Facility,Office,,", line)

    assert (made.rows, made.told.rejected_count, made.edition.complete) == (1, 1, False)
    assert (made.told.rejected[0].line, why in made.told.rejected[0].why) == (3, True)


def test_another_layout_is_refused() -> None:
    with pytest.raises(NotOfficial, match="headings of a code and a name"):
        built(headings="a,b")
    with pytest.raises(NotOfficial, match="one table"):
        build([member(), member()], STATED)


@pytest.mark.parametrize(
    ("name", "headings", "found"),
    [
        ("place-of-service.csv", HEADINGS, True),
        ("place_of_service_facility_flag.csv", HEADINGS, True),
        ("pos-2026.csv", "code,name", True),
        ("positions.csv", "code,name", False),
        ("place-of-service.csv", "code,text", False),
        ("revenue.csv", "code,name", False),
    ],
)
def test_the_table_is_known_by_name_and_headings(name: str, headings: str, found: bool) -> None:  # noqa: FBT001
    assert LAYOUTS[0].recognises(name, headings.encode()) is found


def test_the_published_table_is_the_restated_one() -> None:
    path = FOLDER / "codesets" / "place_of_service_facility_flag.csv"
    if not path.exists():
        pytest.skip("the sample is not beside the repository")
    made = build([Member(name=path.name, lines=path.read_bytes().splitlines(keepends=True))], STATED)
    table = SYSTEM.read(plain(made.table))

    assert (made.rows, made.told.rejected_count) == (52, 0)
    assert [(row.code, row.facility, row.valid) for row in table] == [
        (row.code, row.facility, row.valid) for row in POS
    ]
