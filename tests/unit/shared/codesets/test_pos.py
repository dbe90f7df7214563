"""Place of service: a complete list with the rate that applies."""

from datetime import date

import pytest

from shared.codesets.edition import Interval, NotValidOnDate, TableNotLoaded, UnknownCode, Valid
from shared.codesets.pos import POS
from tests.unit.shared.codesets.reference_data import rows

ON = date(2026, 4, 1)
FACILITY = {"02", "06", "08", "19", "21", "22", "23", "24", "26", "31", "34", "41", "42", "51", "52", "53", "56", "61"}


def test_the_facility_rate_applies_where_the_manual_says() -> None:
    assert {row.code for row in POS if row.facility} == FACILITY


@pytest.mark.parametrize("code", ["10", "11", "27", "58", "66"])
def test_an_office_like_place_has_the_other_rate(code: str) -> None:
    row = POS.row_on(code, ON)

    assert row is not None
    assert not row.facility


@pytest.mark.parametrize("code", ["28", "40", "00", "98", "1", "~", ""])
def test_an_unassigned_place_is_unknown(code: str) -> None:
    assert POS.look_up(code, ON) == UnknownCode(POS.edition)
    assert POS.row_on(code, ON) is None


@pytest.mark.parametrize(
    ("code", "first"), [("10", date(2022, 1, 1)), ("27", date(2023, 10, 1)), ("19", date(2016, 1, 1))]
)
def test_a_new_place_begins_on_its_day(code: str, first: date) -> None:
    assert POS.look_up(code, first) == Valid(POS.edition)
    assert POS.look_up(code, date(2015, 10, 1)) == NotValidOnDate(POS.edition, (Interval(first),))


def test_a_visit_before_the_edition_is_not_loaded() -> None:
    assert isinstance(POS.look_up("11", date(1986, 1, 1)), TableNotLoaded)


def test_the_list_is_the_official_one() -> None:
    rate = {row["pos"]: row["rate_type"] for row in rows("codesets/place_of_service_facility_flag.csv")}

    assert {row.code: row.facility for row in POS} == {
        code: kind == "Facility" for code, kind in rate.items() if kind != "Unassigned"
    }
