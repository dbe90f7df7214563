"""Laboratory fees: the layout as published, rates by code and modifier."""

from datetime import date

import pytest

from shared.codesets.clfs import SYSTEM, lab_fee
from shared.codesets.edition import Interval, NotValidOnDate, UnknownCode, Valid
from shared.codesets.loaders.clfs import LAYOUTS
from shared.codesets.official import Member, NotOfficial, Stated
from shared.codesets.packed import plain
from shared.kernel.money import Money

(LAYOUT,) = LAYOUTS
NAME = "26clabq4.zip/PUF_CLFS_CY2026_Q4V1.csv"
NOTICES = "2026 Clinical Diagnostic Laboratory Fee Schedule,,\r\ncopyright\r\n\r\nx\r\n"
HEADINGS = "YEAR,HCPCS,MOD,EFF_DATE,INDICATOR,RATE,SHORTDESC,LONGDESC,EXTENDEDLONGDESC"
TEXTS = ',short,long,"a text, not kept"\r\n'
OCTOBER = date(2026, 10, 1)


def member(*rows: str, headings: str = HEADINGS, name: str = NAME) -> Member:
    content = f"{NOTICES}{headings}\r\n" + "".join(row + TEXTS for row in rows)
    return Member(name=name, lines=content.encode("latin-1").splitlines(keepends=True))


ROWS = ("2026,85025,,20260101,N,7.77", "2026,85025,QW,1/1/2026,N,7.7", "2026,0001U,,20261001,L,0.00")


@pytest.mark.parametrize("headings", [HEADINGS, HEADINGS + ","])
def test_a_test_has_a_rate_by_code_and_modifier(headings: str) -> None:
    built = LAYOUT.build([member(*ROWS, headings=headings)], Stated())
    table = SYSTEM.read(built.table)
    fees = [lab_fee(table, "85025", OCTOBER, modifier) for modifier in ("", "QW", "90")]

    assert [fee and fee.rate for fee in fees] == [Money(777), Money(770), Money(777)]
    assert (built.rows, built.told.rejected_count, built.edition.complete) == (3, 0, True)
    assert (built.edition.release, built.edition.covers) == ("2026Q4", Interval(OCTOBER, date(2026, 12, 31)))
    assert dict(table.rows())["0001U"] == "2026-10-01.. 0.00 local"
    assert b"not kept" not in bytes(plain(built.table))
    assert isinstance(table.look_up("0001U", OCTOBER), Valid)
    assert isinstance(table.look_up("0002U", OCTOBER), UnknownCode)
    assert lab_fee(table, "0002U", OCTOBER) is None


def test_a_rate_counts_from_its_day() -> None:
    table = SYSTEM.read(LAYOUT.build([member("2026,85025,,20261115,N,7.77")], Stated()).table)

    assert isinstance(table.look_up("85025", OCTOBER), NotValidOnDate)
    assert lab_fee(table, "85025", date(2026, 11, 15)) is not None


@pytest.mark.parametrize(
    "wrong",
    [
        "2026,8502,,20260101,N,7.77",
        "2026,85026,,20261301,N,7.77",
        "2026,85026,,13/1/2026,N,7.77",
        "2026,85026,,20260101,N,7.777",
        "2026,85026,,20260101,N,",
        "2026,85025,,20260101,N,8.88",
    ],
)
def test_a_bad_row_is_left_out_and_told(wrong: str) -> None:
    built = LAYOUT.build([member(*ROWS, wrong)], Stated())

    assert (built.rows, built.told.rejected[0].line, built.edition.complete) == (3, 9, False)


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([member("2026,85025,,20260101,N,7.77,x")], "line 6: 9 columns were expected, 10 are there"),
        ([member(headings="YEAR,HCPCS")], "ends before the headings"),
        ([member(), member()], "several releases"),
        ([member(name="fees.csv")], "state them"),
    ],
)
def test_another_layout_is_refused(members: list[Member], why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        LAYOUT.build(members, Stated())


def test_the_layout_is_known_by_its_headings() -> None:
    assert LAYOUT.recognises(NAME, (NOTICES + HEADINGS).encode())
    assert not LAYOUT.recognises(NAME, NOTICES.encode())
