"""The tabular list: notes at a code and above it, the codes that they name, 7th characters, and what is refused."""

import gzip
from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Interval
from shared.codesets.icd10cm_notes import SYSTEM, CodeRange, NoteKind, SeventhCharacters, TabularNotes
from shared.codesets.loaders.icd10cm_tabular import LAYOUTS, named_codes
from shared.codesets.official import HEAD_BYTES, Built, Member, NotOfficial, Stated
from shared.codesets.packed import NotATable, plain, write
from tests.unit.shared.codesets.reference_data import FOLDER, rows

(TABULAR,) = LAYOUTS
NAMED = "2027-code-tables-tabular-index.zip/icd10cm_tabular_2027.xml"
LIST = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2027</version>
  <introduction><introSection type="title"><title>Conventions</title></introSection></introduction>
  <chapter>
    <name>4</name>
    <desc>Endocrine diseases (E00-E89)</desc>
    <excludes1><note>disorders specific to newborn (P70-P74)</note></excludes1>
    <section id="E08-E13">
      <desc>Diabetes mellitus (E08-E13)</desc>
      <useAdditionalCode><note>code to identify control using
         insulin  (Z79.4)</note></useAdditionalCode>
      <diag>
        <name>E10</name><desc>Type 1</desc>
        <excludes1><note>type 2 (E11.-)</note></excludes1>
        <diag><name>E10.9</name><desc>Type 1, without complications</desc></diag>
      </diag>
      <diag>
        <name>E11</name><desc>Type 2</desc>
        <excludes1>
          <note>type 1 (E10.-)</note>
          <note>of its own family (E10-E11)</note>
        </excludes1>
        <diag>
          <name>E11.9</name><desc>Type 2, without complications</desc>
          <inclusionTerm><note>Sugar</note></inclusionTerm>
          <excludes1><note>in remission (E11.A)</note></excludes1>
        </diag>
        <diag><name>E11.A</name><desc>Type 2, in remission</desc></diag>
      </diag>
    </section>
  </chapter>
  <chapter>
    <name>5</name><desc>Mental disorders</desc>
    <section id="F01-F09">
      <desc>Due to known physiological conditions</desc>
      <diag>
        <name>F02</name><desc>Dementia in other diseases</desc>
        <codeFirst><note>the underlying condition, such as:</note><note>Alzheimer's (G30.-)</note></codeFirst>
        <diag><name>F02.8</name><desc>Unspecified severity</desc></diag>
      </diag>
    </section>
  </chapter>
  <chapter>
    <name>19</name><desc>Injury</desc>
    <section id="S00-T88">
      <desc>Injuries</desc>
      <diag>
        <name>S72</name><desc>Fracture of femur</desc>
        <sevenChrNote><note>The 7th character is to be added to all codes from category S72</note></sevenChrNote>
        <sevenChrDef>
          <extension char="A">initial encounter for closed fracture</extension>
          <extension char="S">sequela</extension>
        </sevenChrDef>
        <diag>
          <name>S72.4</name><desc>Fracture of lower end</desc>
          <diag>
            <name>S72.47</name><desc>Torus fracture</desc>
            <sevenChrDef><extension char="K">nonunion</extension></sevenChrDef>
          </diag>
        </diag>
      </diag>
      <diag><name>P70</name><desc>Transitory</desc></diag>
      <diag><name>P74</name><desc>Other transitory</desc></diag>
      <diag><name>G30</name><desc>Alzheimer's</desc></diag>
      <diag><name>Z79</name><desc>Long term drug therapy</desc></diag>
    </section>
  </chapter>
</ICD10CM.tabular>
"""


def built(text: str | bytes = LIST, name: str = NAMED, stated: Stated | None = None) -> Built:
    raw = text.encode() if isinstance(text, str) else text
    return TABULAR.build([Member(name=name, lines=raw.splitlines(keepends=True))], stated or Stated())


NOTES: TabularNotes = SYSTEM.read(built().table)


def texts(code: str, kind: NoteKind, *, inherited: bool = True) -> list[tuple[str, str]]:
    return [(note.owner, note.text) for note in NOTES.notes(code, kind, inherited=inherited)]


def test_a_code_has_the_notes_above_it_the_nearest_first() -> None:
    assert texts("E119", NoteKind.EXCLUDES1) == [
        ("E119", "in remission (E11.A)"),
        ("E11", "type 1 (E10.-)"),
        ("E11", "of its own family (E10-E11)"),
        ("chapter 4", "disorders specific to newborn (P70-P74)"),
    ]
    assert texts("E119", NoteKind.USE_ADDITIONAL_CODE) == [
        ("E08-E13", "code to identify control using insulin (Z79.4)")
    ]
    assert texts("E1199", NoteKind.INCLUSION_TERM) == [("E119", "Sugar")]


def test_its_own_notes_can_be_asked_for_alone() -> None:
    assert texts("E119", NoteKind.EXCLUDES1, inherited=False) == [("E119", "in remission (E11.A)")]
    assert texts("E109", NoteKind.EXCLUDES1, inherited=False) == []


def test_a_manifestation_says_which_causes_come_first() -> None:
    said = NOTES.notes("F0280", NoteKind.CODE_FIRST)

    assert [note.codes for note in said] == [(), (CodeRange("G30", "G30"),)]
    assert [said[1].codes[0].holds(code) for code in ("G309", "G30", "G3", "G31", "F028")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("code", ["", "E", "E1", "Q99", "e119", "not a code at all"])
def test_what_the_list_lacks_has_no_notes(code: str) -> None:
    assert not any(NOTES.notes(code, kind) for kind in NoteKind if kind is not NoteKind.EXCLUDES1)
    assert NOTES.seventh_characters(code) is None
    assert NOTES.excludes1(code, "E109") == ()


@pytest.mark.parametrize(
    ("first", "second", "owners"),
    [
        ("E119", "E109", ["E11", "E10"]),  # each of the two says so
        ("E11", "E10", ["E11", "E10"]),
        ("E119", "E11A", ["E119"]),  # a sibling that a code itself names
        ("E119", "P702", ["chapter 4"]),  # a range, at the chapter
        ("E119", "P75", []),
        ("E119", "F0280", []),
        ("E119", "E119", []),
        ("S72001A", "S72001S", []),
    ],
)
def test_excludes1_is_found_whichever_code_carries_it(first: str, second: str, owners: list[str]) -> None:
    assert [note.owner for note in NOTES.excludes1(first, second)] == owners
    assert sorted(note.owner for note in NOTES.excludes1(second, first)) == sorted(owners)


def test_the_nearest_heading_says_which_seventh_character() -> None:
    fracture = SeventhCharacters("S72", {"A": "initial encounter for closed fracture", "S": "sequela"})

    assert NOTES.seventh_characters("S72001A") == NOTES.seventh_characters("S72") == fracture
    assert NOTES.seventh_characters("S72479") == SeventhCharacters("S7247", {"K": "nonunion"})
    assert NOTES.seventh_characters("E119") is None
    assert [fracture.fit(code) for code in ("S72001A", "S72001B", "S72001", "S72XXXS")] == [True, False, False, True]
    assert fracture.completed("S72") == ("S72XXXA", "S72XXXS")
    assert fracture.completed("S72001") == ("S72001A", "S72001S")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("type 1 (E10.-)", [("E10", "E10")]),
        ("in remission (E11.A)", [("E11A", "E11A")]),
        ("gestational (E11.4-)", [("E114", "E114")]),
        ("two typing errors (E11.4.-) (E10-)", [("E114", "E114"), ("E10", "E10")]),
        ("newborn (P70-P74, E10.-)", [("P70", "P74"), ("E10", "E10")]),
        ("late effects (E10.01-E10.11-)", [("E1001", "E1011")]),
        ("drifting (E10.81- E10.91-)", [("E1081", "E1091")]),
        ("spaced (E10.0 -E10.9)", [("E100", "E109")]),
        ("backwards (E11-E10)", []),
        ("with a word (E10-E11 with .44)", []),
        ("one of the list with a word (E10.-, E11.- with .44)", []),
        ("another category (X99.-)", []),
        ("no code (HIV) (CO2) [E10.-]", []),
        ("nothing E10.-", []),
        ("", []),
    ],
)
def test_only_bare_codes_in_parentheses_are_named(text: str, named: Sequence[tuple[str, str]]) -> None:
    assert list(named_codes(text, {"E10", "E11", "P70", "P74"})) == list(named)


@pytest.mark.parametrize(
    ("name", "release", "days"),
    [
        (NAMED, "FY2027", Interval(date(2026, 10, 1), date(2027, 9, 30))),
        ("icd10c-tabular-April-1-2026.xml", "FY2026 from April", Interval(date(2026, 4, 1), date(2026, 9, 30))),
        ("tabular.xml", "FY2027", Interval(date(2026, 10, 1), date(2027, 9, 30))),  # the list says its version
    ],
)
def test_name_or_content_says_the_days(name: str, release: str, days: Interval) -> None:
    edition = built(name=name).edition

    assert (edition.release, edition.covers, edition.complete) == (release, days, True)


def test_a_list_without_a_year_asks_for_it() -> None:
    with pytest.raises(NotOfficial, match="state them"):
        built(LIST.replace("<version>2027</version>", ""), name="tabular.xml")


def test_is_known_by_its_root() -> None:
    assert TABULAR.recognises("any.xml", LIST.encode()[:HEAD_BYTES])
    assert not TABULAR.recognises("icd10cm_index_2027.xml", b'<?xml version="1.0"?>\n<ICD10CM.index>\n')


ENTITY = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>\n'
OUTSIDE = '<!DOCTYPE x SYSTEM "file:///etc/passwd">\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (LIST.replace("<ICD10CM.tabular>", ENTITY + "<ICD10CM.tabular>"), "line 2: a document type"),
        (LIST.replace("<ICD10CM.tabular>", OUTSIDE + "<ICD10CM.tabular>"), "line 2: a document type"),
        (LIST.replace("<name>E10</name>", ""), "the diag that ends here has no name"),
        (LIST.replace("</chapter>", "", 1), "it is no well-formed XML"),
        (LIST[:900], "it is no well-formed XML"),
        ("", "it is no well-formed XML"),
        ("<ICD10CM.index></ICD10CM.index>", "line 1: the element ICD10CM.tabular was expected"),
        ("<ICD10CM.tabular></ICD10CM.tabular>", "it has no code"),
        (LIST.replace("Sugar", "x" * 8_001), "a text is longer"),
        (LIST.replace("<note>Sugar</note>", "<a>" * 24), "elements are nested deeper"),
    ],
)  # fmt: skip
def test_another_document_is_refused(text: str, why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        built(text)


def test_two_lists_are_not_one_edition() -> None:
    with pytest.raises(NotOfficial, match="second tabular list"):
        TABULAR.build([Member(name=NAMED, lines=[]), Member(name=NAMED, lines=[])], Stated())


@pytest.mark.parametrize("odd", ["<name>E10.9</name>", "<name>E1</name>", "<name>E11.99999</name>"])
def test_an_odd_code_is_told_and_the_table_is_incomplete(odd: str) -> None:
    made = built(LIST.replace("<name>E11.A</name>", odd))

    assert (made.told.rejected_count, made.edition.complete) == (1, False)
    assert made.told.rejected[0].line == LIST[: LIST.index("<name>E11.A")].count("\n") + 1


@pytest.mark.parametrize(
    "changes",
    [
        {"text_ends": b""},
        {"named_starts": b"\0\0\0\0"},
        {"starts": b"\0\0\0\0"},
        {"block_of": b"\xff\xff"},
        {"blocks": [["chapter 1", 0]]},
        {"blocks": 7},
        {"seventh_of": {"S72": 3}},
        {"seventh_of": []},
    ],
    ids=str,
)
def test_refuses_a_table_whose_sections_do_not_fit(changes: dict[str, object]) -> None:
    head: dict[str, object] = {"edition": _HEAD, "blocks": [], "sevenths": [], "seventh_of": {}}
    sections = dict.fromkeys(("owners", "categories", "block_of", "lowest", "highest", "text"), b"")
    sections |= {"kind": b"\0", "text_ends": bytes(4), "named_starts": bytes(8), "starts": bytes(4)}
    sections |= {name: value for name, value in changes.items() if isinstance(value, bytes)}
    head |= {name: value for name, value in changes.items() if not isinstance(value, bytes)}
    with pytest.raises(NotATable):
        SYSTEM.read(write(head, sections))


_HEAD = {
    "system": "icd10cm_notes",
    "release": "x",
    "effective_from": "2026-01-01",
    "effective_to": None,
    "source": "x",
    "complete": True,
}

owned = st.dictionaries(
    st.from_regex(r"A0[0-2](\.[0-9]{1,3})?", fullmatch=True),
    st.lists(st.tuples(st.sampled_from(["excludes1", "codeFirst", "notes"]), st.sampled_from(["x (A01.-)", "y", "é"]))),
    max_size=6,
)


@given(owned)
def test_the_table_answers_as_its_notes_do(written: dict[str, list[tuple[str, str]]]) -> None:
    written = {"A00": [], "A01": [], "A02": []} | written
    diagnoses = "".join(
        f"<diag><name>{code}</name>{''.join(f'<{kind}><note>{text}</note></{kind}>' for kind, text in said)}</diag>"
        for code, said in written.items()
    )
    table = SYSTEM.read(built(f"<ICD10CM.tabular><section id='A00-A02'>{diagnoses}</section></ICD10CM.tabular>").table)

    assert len(table) == sum(map(len, written.values()))
    for code, said in written.items():
        stored = code.replace(".", "")
        for tag, kind in (("excludes1", NoteKind.EXCLUDES1), ("codeFirst", NoteKind.CODE_FIRST)):
            own = [note.text for note in table.notes(stored, kind, inherited=False)]
            assert own == [text for each, text in said if each == tag]
        expected = any(each == ("excludes1", "x (A01.-)") for each in said) and not stored.startswith("A01")
        found = table.excludes1(stored, "A019")
        assert any(note.owner == stored for note in found) == expected


def test_the_published_list_is_read_whole() -> None:
    path = FOLDER / "icd10cm" / "icd10cm-tabular-April-1-2026.xml.gz"
    if not path.exists():
        pytest.skip("the sample is not beside the repository")
    raw = gzip.decompress(path.read_bytes())
    assert TABULAR.recognises(path.name, raw[:HEAD_BYTES])
    made = built(raw, name="icd10cm-tabular-April-1-2026.xml")
    table = SYSTEM.read(plain(made.table))
    listed = Counter(row["note_type"] for row in rows("icd10cm/icd10cm_tabular_2026_notes.csv.gz"))
    codes = {row["code"].replace(".", "") for row in rows("icd10cm/icd10cm_tabular_2026_notes.csv.gz")}
    held = Counter(
        note.kind for code in codes for kind in NoteKind for note in table.notes(code, kind, inherited=False)
    )

    assert (made.told.rejected_count, made.edition.release) == (0, "FY2026 from April")
    assert {kind.name: count for kind, count in held.items() if kind is not NoteKind.SEVENTH_CHARACTER} == {
        "INCLUDES": listed["includes"],
        "INCLUSION_TERM": listed["inclusionTerm"],
        "EXCLUDES1": listed["excludes1"],
        "EXCLUDES2": listed["excludes2"],
        "CODE_FIRST": listed["codeFirst"],
        "USE_ADDITIONAL_CODE": listed["useAdditionalCode"],
        "CODE_ALSO": listed["codeAlso"],
        "GENERAL": listed["notes"],
    }
    owners = Counter(row["code"] for row in csv_rows("sevenChrDef"))
    for code, count in owners.items():
        found = table.seventh_characters(code.replace(".", ""))
        assert found is not None
        assert (found.owner, len(found.meanings)) == (code.replace(".", ""), count)


def csv_rows(kind: str) -> list[dict[str, str]]:
    return [row for row in rows("icd10cm/icd10cm_tabular_2026_notes.csv.gz") if row["note_type"] == kind]
