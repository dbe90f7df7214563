"""Unit limits: the layout as published, and what a quarter's table says of a code."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Interval, Provenance, TableNotLoaded, Why
from shared.codesets.loaders.mue import LAYOUTS
from shared.codesets.mue import DME, OUTPATIENT, PRACTITIONER, Counted, UnitLimit, UnitLimits
from shared.codesets.ncci_ptp import code_number, code_of
from shared.codesets.official import Built, Member, NotOfficial, Stated
from shared.codesets.packed import NotATable, head_of, plain, write
from tests.unit.shared.codesets.reference_data import FOLDER, rows

NOTICE = '"CPT only copyright of its owner.\r\nAll rights, reserved.",,,\r\n'
PRACTITIONERS = "Practitioner Services MUE Values"
NAME = "medicare-ncci-2026-q4-practitioner-services-mue-table.zip/MCR_MUE_PractitionerServices_Eff_10-01-2026.csv"
ON = date(2026, 10, 1)


def member(*lines: str, setting: str = PRACTITIONERS, name: str = NAME, notice: str = NOTICE) -> Member:
    headings = f'"HCPCS/\r\nCPT Code",{setting},MUE Adjudication Indicator,MUE Rationale\r\n'
    content = notice + headings + "".join(f"{line}\r\n" for line in lines)
    return Member(name=name, lines=content.encode("latin-1").splitlines(keepends=True))


def built(*lines: str) -> Built:
    return LAYOUTS[0].build([member(*lines)], Stated())


def table(*lines: str) -> UnitLimits:
    return PRACTITIONER.read(built(*lines).table)


def test_a_limit_says_what_is_counted_and_why() -> None:
    limits = table("11042,1,2 Date of Service Edit: Policy,Code Descriptor", "A0425,250,1 Line Edit,Clinical: Data")

    assert limits.limit("11042", ON) == UnitLimit("11042", 1, Counted.DAY_BY_POLICY, "Code Descriptor")
    assert limits.limit("A0425", ON) == UnitLimit("A0425", 250, Counted.LINE, "Clinical: Data")


def test_no_units_at_all_is_a_limit() -> None:
    found = table("76140,0,3 Date of Service Edit: Clinical,CMS Policy").limit("76140", ON)

    assert isinstance(found, UnitLimit)
    assert (found.units, found.counted) == (0, Counted.DAY_BY_EXPERIENCE)


@pytest.mark.parametrize("code", ["99213", "9921", "", "A042é"])
def test_a_code_without_a_limit_has_none_in_a_whole_table(code: str) -> None:
    assert table("A0425,250,1 Line Edit,").limit(code, ON) is None


def test_a_table_with_holes_never_says_that_there_is_no_limit() -> None:
    limits = table("A0425,250,1 Line Edit,", "A0426,many,1 Line Edit,")

    assert limits.limit("A0426", ON) == TableNotLoaded("mue_practitioner", Why.PARTIAL, limits.edition)


@pytest.mark.parametrize(
    ("on", "why"),
    [(date(2026, 9, 30), Why.BEFORE_FIRST_EDITION), (date(2027, 1, 1), Why.AFTER_LAST_EDITION)],
)
def test_a_quarter_says_nothing_of_other_days(on: date, why: Why) -> None:
    limits = table("A0425,250,1 Line Edit,")

    assert limits.edition.covers == Interval(date(2026, 10, 1), date(2026, 12, 31))
    assert limits.limit("A0425", on) == TableNotLoaded("mue_practitioner", why, limits.edition)


def test_a_name_without_a_day_asks_for_it() -> None:
    with pytest.raises(NotOfficial, match="state them"):
        LAYOUTS[0].build([member("A0425,250,1 Line Edit,", name="mue.csv")], Stated())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("A042,250,1 Line Edit,", "column 1"),
        ("A0425,250,1 Line Edit,", "column 1"),  # the second time
        ("A0426,,1 Line Edit,", "columns 2 and 3"),
        ("A0426,1.5,1 Line Edit,", "columns 2 and 3"),
        ("A0426,99999999999,1 Line Edit,", "columns 2 and 3"),
        ("A0426,1,4 Another Edit,", "columns 2 and 3"),
        ("A0426,1,", "columns 2 and 3"),
    ],
)
def test_a_bad_row_is_left_out_and_told_and_the_table_is_incomplete(line: str, why: str) -> None:
    made = built("A0425,250,1 Line Edit,", line)

    assert (made.rows, made.told.rejected_count, made.edition.complete) == (1, 1, False)
    assert (made.told.rejected[0].line, made.told.rejected[0].why.startswith(why)) == (6, True)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (member("A0425,250,", setting="Units"), "the second heading"),
        (member("A0425,250,", setting="DME Supplier Services MUE Values"), "the second heading"),
        (Member(name="x.csv", lines=[b"HCPCS/CPT Code,Practitioner Services MUE Values,MAI,Why\n"]), "last headings"),
        (Member(name="x.csv", lines=[b"HCPCS/CPT Code,Practitioner Services MUE Values\n"]), "it ends before"),
        (Member(name="x.csv", lines=[b"A0425,250,1,\n"] * 50), "line 41: the headings"),
    ],
)
def test_another_layout_is_refused(broken: Member, why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        LAYOUTS[0].build([broken], Stated())


def test_two_tables_are_not_one_quarter() -> None:
    with pytest.raises(NotOfficial, match="one table"):
        LAYOUTS[0].build([member(), member()], Stated())


def test_rationales_are_kept_short_and_few() -> None:
    limit = table(f"A0425,250,1 Line Edit,{'x' * 200}").limit("A0425", ON)

    assert isinstance(limit, UnitLimit)
    assert len(limit.rationale) == 60
    with pytest.raises(NotOfficial, match="more different rationales"):
        built(*(f"{code_of(number)},1,1 Line Edit,{number}" for number in range(300)))


@pytest.mark.parametrize(
    ("setting", "place"),
    [
        (PRACTITIONERS, 0),
        ("Outpatient Hospital Services MUE Values", 1),
        ("Facility Outpatient Hospital Services MUE Values", 1),
        ("DME Supplier Services MUE Values", 2),
    ],
)
def test_the_heading_says_the_setting(setting: str, place: int) -> None:
    head = b"".join(member(setting=setting).lines)
    made = LAYOUTS[place].build([member("A0425,250,1 Line Edit,", setting=setting)], Stated())

    assert [each.recognises("mue.csv", head) for each in LAYOUTS] == [number == place for number in range(3)]
    assert made.edition.system == (PRACTITIONER, OUTPATIENT, DME)[place].name


def test_rows_are_told_in_the_order_of_the_codes() -> None:
    limits = table("A0425,250,1 Line Edit,Clinical: Data", "11042,1,2 Date of Service Edit: Policy,")

    assert list(limits.rows()) == [
        ("11042", "1 units, indicator 2"),
        ("A0425", "250 units, indicator 1, Clinical: Data"),
    ]


def test_a_table_of_another_setting_or_form_is_refused() -> None:
    made = built("A0425,250,1 Line Edit,")
    head = {"edition": head_of(_as_provenance(made))}
    sections = {"codes": b"\0\0\0\0", "units": b"", "counted": b"", "rationale": b""}

    with pytest.raises(NotATable, match="another code set"):
        DME.read(made.table)
    with pytest.raises(NotATable, match="unit limits"):
        PRACTITIONER.read(write(head, sections))
    with pytest.raises(NotATable, match="not of one length"):
        PRACTITIONER.read(write({**head, "rationales": []}, sections))


def _as_provenance(made: Built) -> Provenance:
    edition = made.edition
    return Provenance(
        system=edition.system,
        release=edition.release,
        effective_from=edition.effective_from,
        effective_to=edition.effective_to,
        source=edition.source,
        complete=edition.complete,
    )


codes = st.text(alphabet="0A9Z", min_size=5, max_size=5)


@given(
    written=st.dictionaries(codes, st.tuples(st.integers(0, 100_000), st.sampled_from(Counted)), max_size=30),
    asked=st.lists(codes, max_size=10),
)
def test_the_table_answers_as_the_rows_do(written: dict[str, tuple[int, Counted]], asked: list[str]) -> None:
    limits = table(*(f"{code},{units},{counted.value} Edit,Policy" for code, (units, counted) in written.items()))

    assert len(limits) == len(written)
    for code in (*asked, *written):
        expected = written.get(code)
        assert limits.limit(code, ON) == (None if expected is None else UnitLimit(code, *expected, "Policy"))


@given(codes)
def test_a_number_stands_for_its_code(code: str) -> None:
    number = code_number(code)

    assert number is not None
    assert code_of(number) == code


@pytest.mark.parametrize(
    ("sample", "place", "setting", "count", "by_indicator"),
    [
        ("mue_practitioner_2024Q3_level2_only.csv", 0, PRACTITIONERS, 4_387, (40, 274, 4_073)),
        ("mue_dme_2024Q3_level2_only.csv", 2, "DME Supplier Services MUE Values", 2_928, (23, 1_256, 1_649)),
    ],
)
def test_the_published_limits_are_read_whole(
    sample: str, place: int, setting: str, count: int, by_indicator: tuple[int, int, int]
) -> None:
    lines = [f"{row['code']},{row['mue']},{row['mai']} Edit,{row['rationale']}" for row in rows(f"ncci/{sample}")]
    made = LAYOUTS[place].build([member(*lines, setting=setting, name="MCR_MUE_Services_Eff_07-01-2024.csv")], Stated())
    limits = LAYOUTS[place].system.read(plain(made.table))
    assert isinstance(limits, UnitLimits)
    found = [limits.limit(code, date(2024, 7, 1)) for code, _ in limits.rows()]
    counted = [limit.counted for limit in found if isinstance(limit, UnitLimit)]

    assert (made.rows, made.told.rejected_count, made.edition.name) == (count, 0, f"{made.edition.system} 2024Q3")
    assert tuple(counted.count(each) for each in Counted) == by_indicator


def test_the_sample_of_the_fourth_quarter_has_another_heading_and_is_refused() -> None:
    path: Path = FOLDER / "ncci" / "mue_practitioner_2026Q4_sample_AMA.csv"
    if not path.exists():
        pytest.skip("the sample is not beside the repository")
    lines = path.read_bytes().splitlines(keepends=True)

    with pytest.raises(NotOfficial, match="line 41: the headings"):
        LAYOUTS[0].build([Member(name=NAME, lines=lines)], Stated())
    made = built(*(f"{line.decode().strip()} Edit," for line in lines[1:]))
    assert (made.rows, made.told.rejected_count) == (73, 0)
