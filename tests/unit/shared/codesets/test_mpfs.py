"""Relative values: the layout as published, what a row says, and which days a payment includes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Interval, NotValidOnDate, TableNotLoaded, UnknownCode, Valid, Why
from shared.codesets.loaders.mpfs import LAYOUTS
from shared.codesets.mpfs import SYSTEM, GlobalPeriod, OutpatientCap, RelativeValues
from shared.codesets.official import Member, NotOfficial, Stated
from shared.codesets.packed import NotATable, plain, write
from tests.unit.shared.codesets import reference_data
from tests.unit.shared.codesets.fee_schedule_files import (
    HEADINGS,
    LAST_HEADINGS,
    QUALIFYING,
    USUAL,
    member,
    row,
    schedule,
    without_pricing_column,
)

OCTOBER = date(2026, 10, 1)
(LAYOUT,) = LAYOUTS


def test_a_row_is_read_by_place() -> None:
    found = schedule(row("99213", office="NA"), row("10060", days="010")).values("99213", OCTOBER)

    assert isinstance(found, RelativeValues)
    assert (found.work, found.office_expense, found.facility_expense, found.malpractice) == (130, 133, 56, 10)
    assert (found.factor, found.cap, found.modifier) == (334009, None, "")
    says = found.indicators
    assert (says.status, says.components, says.global_period) == ("A", "0", GlobalPeriod.NONE)
    assert (says.multiple, says.bilateral, says.assistant, says.co_surgeons, says.team) == ("2", "1", "0", "1", "0")
    assert (says.endoscopy_of, says.supervision, says.imaging_family) == ("43235", "09", "99")
    assert (says.seldom_in_office, says.seldom_in_facility) == (True, False)
    assert (says.share_before_percent, says.share_during_percent, says.share_after_percent) == (10, 80, 10)


def test_components_are_rows_of_their_own() -> None:
    values = ("0.85", "2.36", "2.36", "0.05")
    table = schedule(
        row("70450", values, components="1", cap=("3.48", "3.47", "0.06")),
        row("70450", ("0.85", "0.30", "0.30", "0.04"), modifier="26", components="1"),
    )
    whole, part = table.values("70450", OCTOBER), table.values("70450", OCTOBER, modifier="26")

    assert isinstance(whole, RelativeValues)
    assert isinstance(part, RelativeValues)
    assert whole.cap == OutpatientCap(office_expense=348, facility_expense=347, malpractice=6)
    assert (part.office_expense, part.modifier, part.cap) == (30, "26", None)
    assert isinstance(table.values("70450", OCTOBER, modifier="TC"), UnknownCode)
    assert len(table) == 2


def test_no_description_is_kept() -> None:
    built = LAYOUT.build([member([row("99213")]), member([row("99213")], name=QUALIFYING)], Stated())

    assert b"not kept" not in bytes(plain(built.table))
    says = "multiple 2 bilateral 1 assistant 0 co-surgeons 1 team 0 endoscopy of 43235 supervision 09 imaging 99"
    says = f"status A global XXX values 1.30 1.33 0.56 0.10 factor 33.4009 components 0 {says} shares 10 80 10"
    assert list(SYSTEM.read(built.table).rows()) == [("99213", says), ("99213 qualifying", says)]


def test_the_rows_of_both_files_are_told_in_one_order() -> None:
    second = [row("10060", days="010"), row("70450", factor="33.5675"), row("70450", modifier="26", office="NA")]
    cap = ("3.48", "3.47", "0.06")
    table = schedule(row("70450", cap=cap), row("70450", modifier="26"), row("99213"), qualifying=second)
    told = dict(table.rows())

    assert list(told) == sorted(told)
    assert list(told) == [
        "10060 qualifying",
        "70450",
        "70450 qualifying",
        "70450-26",
        "70450-26 qualifying",
        "99213",
    ]
    assert "cap 3.48 3.47 0.06 factor 33.4009" in told["70450"]
    assert "factor 33.5675" in told["70450 qualifying"]
    assert told["70450-26 qualifying"] == told["70450-26"] + " seldom in office"


def test_two_files_of_a_quarter_are_one_edition() -> None:
    table = schedule(row("99213"), qualifying=[row("99213", factor="33.5675")])
    usual, qualifying = table.values("99213", OCTOBER), table.values("99213", OCTOBER, qualifying=True)

    assert isinstance(usual, RelativeValues)
    assert isinstance(qualifying, RelativeValues)
    assert (usual.factor, qualifying.factor) == (334009, 335675)
    assert (table.edition.release, table.edition.covers) == ("2026Q4", Interval(OCTOBER, date(2026, 12, 31)))
    assert table.edition.complete


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([USUAL], "QPP of the same release"),
        ([QUALIFYING], "nonQPP of the same release"),
        ([USUAL, QUALIFYING.replace("Oct", "Jul")], "several releases"),
        ([USUAL, USUAL.replace("Oct", "Jul")], "several releases"),
    ],
)
def test_files_that_make_no_edition_are_refused(names: list[str], why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        LAYOUT.build([member([row("99213")], name=name) for name in names], Stated())


def test_a_file_of_2024_has_a_column_less_and_no_second_file() -> None:
    headings = HEADINGS.replace(LAST_HEADINGS, without_pricing_column(LAST_HEADINGS))
    lines = [without_pricing_column(row("99213", factor="32.7442", cap=("1.00", "0.50", "0.01")))]
    built = LAYOUT.build([member(lines, name="RVU24A.zip/PPRRVU24_JAN.csv", headings=headings)], Stated())
    table = SYSTEM.read(built.table)
    found = table.values("99213", date(2024, 3, 31))

    assert (built.edition.release, built.edition.effective_to) == ("2024Q1", date(2024, 3, 31))
    assert isinstance(found, RelativeValues)
    assert (found.factor, found.indicators.endoscopy_of) == (327442, "43235")
    assert found.cap == OutpatientCap(office_expense=100, facility_expense=50, malpractice=1)
    assert table.values("99213", date(2024, 3, 31), qualifying=True) == found
    assert [name for name, _ in table.rows()] == ["99213"]


def test_a_look_up_says_why_there_is_none() -> None:
    table = schedule(row("99213"))

    assert isinstance(table.look_up("99213", OCTOBER), Valid)
    assert isinstance(table.look_up("99214", OCTOBER), UnknownCode)
    assert table.look_up("99213", date(2027, 1, 1)) == TableNotLoaded("mpfs", Why.AFTER_LAST_EDITION, table.edition)
    assert not isinstance(table.look_up("99213", date(2020, 1, 1)), NotValidOnDate)
    assert [isinstance(table.values(code, OCTOBER), UnknownCode) for code in ("9921", "", "99213é", "992132")] == [
        True
    ] * 4


@pytest.mark.parametrize(
    ("printed", "period", "days"),
    [
        ("000", GlobalPeriod.SAME_DAY, Interval(date(2026, 10, 20), date(2026, 10, 20))),
        ("010", GlobalPeriod.MINOR, Interval(date(2026, 10, 20), date(2026, 10, 30))),
        ("10", GlobalPeriod.MINOR, Interval(date(2026, 10, 20), date(2026, 10, 30))),
        ("090", GlobalPeriod.MAJOR, Interval(date(2026, 10, 19), date(2027, 1, 18))),
        ("XXX", GlobalPeriod.NONE, None),
        ("MMM", GlobalPeriod.MATERNITY, None),
        ("YYY", GlobalPeriod.BY_CONTRACTOR, None),
        ("ZZZ", GlobalPeriod.OF_ANOTHER, None),
    ],
)
def test_the_global_period_says_which_days_are_included(
    printed: str, period: GlobalPeriod, days: Interval | None
) -> None:
    table = schedule(row("27447", days=printed))

    assert table.global_period("27447", OCTOBER) is period
    assert period.days(date(2026, 10, 20)) == days
    assert isinstance(table.global_period("27446", OCTOBER), UnknownCode)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (row("9921"), "columns 1 and 2"),
        (row("99213", modifier="2"), "columns 1 and 2"),
        (row("99213", ("1.305", "1", "1", "1")), "a relative value"),
        (row("99213", ("1", "x", "1", "1")), "a relative value"),
        (row("99213", factor="."), "a relative value"),
        (row("99213", days="030"), "an indicator"),
        (row("99213", status=""), "an indicator"),
        (row("10060", ("9.99", "1", "1", "1")), "the code stands there twice"),
    ],
)
def test_a_bad_row_is_left_out_and_told_and_the_table_is_incomplete(wrong: str, why: str) -> None:
    good = [row("10060"), row("10060"), row("10061")]
    built = LAYOUT.build([member([*good, wrong]), member(good, name=QUALIFYING)], Stated())

    assert (built.rows, built.told.rejected_count, built.edition.complete) == (2, 1, False)
    assert (built.told.rejected[0].line, built.told.rejected[0].why.startswith(why)) == (10, True)
    found = SYSTEM.read(built.table).look_up("99999", OCTOBER)
    assert isinstance(found, TableNotLoaded)
    assert found.why is Why.PARTIAL


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (member([row("99213").replace(",09,", ",")]), "line 7: 32 columns were expected, 31 are there"),
        (member([], headings="a\r\n" * 50), "headings HCPCS, MOD, DESCRIPTION, CODE were expected"),
        (member([], headings="HCPCS,MOD,DESCRIPTION,CODE,PAYMENT\r\n"), "5 are in the headings"),
        (member([], headings=LAST_HEADINGS.replace("IND,DAYS", "DAYS,IND")), "in another order"),
        (member([], headings=LAST_HEADINGS.replace("BASE,FACTOR", "FACTOR,BASE")), "in another order"),
        (member([], headings="\r\n"), "it ends before the headings"),
    ],
    ids=["columns", "no headings", "few headings", "days", "factor", "empty"],
)
def test_another_layout_is_refused_at_its_line(broken: Member, why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        LAYOUT.build([broken, member([row("99213")], name=QUALIFYING)], Stated())


def test_the_layout_is_known_by_its_title_and_headings() -> None:
    assert LAYOUT.recognises(USUAL, HEADINGS.encode())
    assert not LAYOUT.recognises(USUAL, HEADINGS.encode()[: len(HEADINGS) - len(LAST_HEADINGS)])
    assert not LAYOUT.recognises(USUAL, LAST_HEADINGS.encode())


def test_a_damaged_table_is_refused() -> None:
    edition = {"system": "mpfs", "release": "x", "effective_from": "2026-01-01", "effective_to": None}
    head = {"edition": {**edition, "source": "x", "complete": True}, "indicators": [], "factors": []}
    with pytest.raises(NotATable, match="head"):
        SYSTEM.read(write(head, {}))
    names = (
        "work",
        "office_expense",
        "facility_expense",
        "malpractice",
        "cap_office",
        "cap_facility",
        "cap_malpractice",
    )
    sections = dict.fromkeys((*names, "indicators", "factors"), b"")
    with pytest.raises(NotATable, match="one length"):
        SYSTEM.read(write({**head, "has_qualifying": False}, {**sections, "keys": bytes(8)}))


codes = st.text(alphabet="0A9", min_size=5, max_size=5)
hundredths = st.integers(0, 200_000)


@given(st.dictionaries(st.tuples(codes, st.sampled_from(["", "26", "TC"])), st.tuples(*[hundredths] * 4), max_size=12))
def test_the_table_answers_as_the_rows_do(written: dict[tuple[str, str], tuple[int, int, int, int]]) -> None:
    lines = [
        row(code, [f"{value // 100}.{value % 100:02d}" for value in values], modifier=modifier)
        for (code, modifier), values in written.items()
    ]
    table = schedule(*lines)

    assert len(table) == len(written)
    for (code, modifier), values in written.items():
        found = table.values(code, OCTOBER, modifier=modifier)
        assert isinstance(found, RelativeValues)
        assert (found.work, found.office_expense, found.facility_expense, found.malpractice) == values


def test_the_values_of_2024_are_read_whole() -> None:
    def decimal(text: str) -> str:
        return f"{float(text):.2f}"

    samples = [*reference_data.rows("mpfs/rvu_2024_level2_only.csv.gz")]
    samples += [*reference_data.rows("mpfs/rvu_2024_cpt_sample_NUMBERS_ONLY_AMA.csv")]
    lines = []
    for each in samples:
        values = [decimal(each[name]) for name in ("rvu_work", "rvu_non_pe", "rvu_fac_pe", "rvu_mp")]
        shares = [decimal(each[name]) for name in ("pre_op", "intra_op", "post_op")]
        single = [
            each[name].removesuffix(".0") for name in ("mult_proc", "bilat_surg", "asst_surg", "co_surg", "team_surg")
        ]
        cap = [decimal(each[name]) for name in ("rvu_opps_non_pe", "rvu_opps_fac_pe", "rvu_opps_mp")]
        cells = [each["hcpcs_code"], each["mod"], "x", each["status"], "", *values[:2], each["non_na"], values[2]]
        cells += [each["fac_na"], values[3], "0", "0", each["pctc"].removesuffix(".0"), each["glob"], *shares, *single]
        cells += [each["endo_base"], each["cf"], each["phys_diag_pro"], "0", each["diag_img_fam"], *cap]
        lines.append(",".join(cells) + "\r\n")
    headings = HEADINGS.replace(LAST_HEADINGS, without_pricing_column(LAST_HEADINGS))
    built = LAYOUT.build([member(lines, name="PPRRVU24_APR.csv", headings=headings)], Stated())

    assert built.told.rejected == []
    assert built.rows == len({(each["hcpcs_code"], each["mod"]) for each in samples}) > 5_000 - 20
