"""The definitions of Medicare code edits, as CMS publishes them."""

from collections.abc import Iterable, Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Interval
from shared.codesets.loaders.mce import LAYOUTS
from shared.codesets.mce import EXTERNAL_CAUSES, SYSTEM, Attribute, CodeEditor, Edits
from shared.codesets.official import Built, Member, NotOfficial, Stated
from tests.unit.shared.codesets.reference_data import rows as reference_rows

(DEFINITIONS,) = LAYOUTS
NAME = "fy2027-fr-definition-mce-v44.zip/Definitions of Medicare Code Edits_v_44.txt"
ON = date(2026, 10, 1)

CONTENTS = (
    "Definitions of Medicare Code Edits",
    "4. Age conflict\t9",
    "A. Perinatal/Newborn diagnoses\t9",
    "6. Manifestation code as principal diagnosis\t60",
    "20. Unspecified code\t90",
    "",
)
AGES = (
    "4. Age conflict",
    "The editor looks at codes such as A33.",
    "A. Perinatal/Newborn diagnoses",
    "A33\tTetanus",
    "P000\tNewborn",
    "B. Pediatric diagnoses (age 0 through 17)",
    "E8411\tIleus",
    "C. Maternity diagnoses (age 9 through 64)",
    "O80\tDelivery",
    "D. Adult diagnoses (age 15 through 124)",
    "N401\tProstate",
    "Y0001\tNobody",
)
SEXES = (
    "5. Sex conflict",
    "A. Diagnoses for females only",
    "O80\tDelivery",
    "B. Procedures for females only",
    "0UT90ZZ\tResection",
    "C. Diagnoses for males only",
    "N401\tProstate",
)
OTHERS = (
    "6. Manifestation code as principal diagnosis",
    "Manifestation codes describe what a disease does.",
    "G130\tNeuropathy",
    "8. Questionable admission",
    "E119\tDiabetes",
    "9. Unacceptable principal diagnosis",
    "There are codes that say nothing of an illness.",
    'They are "acceptable" when a secondary diagnosis is coded:',
    "Z5189\tAftercare",
    "The following pages list the rest.",
    "B950\tStreptococcus",
    "Z000\tExamination",
    "17. Limited coverage",
    "02YA0Z0\tTransplant",
)
UNSPECIFIED = (
    "20. Unspecified code",
    "H6690\tOtitis",
    "",
    "Appendix: changes",
    "B950\tStreptococcus",
)


def built(*lines: str, name: str = NAME, stated: Stated | None = None) -> Built:
    raw = "".join(f"{line}\r\n" for line in lines or (*CONTENTS, *AGES, *OTHERS, *UNSPECIFIED)).encode("cp1252")
    return DEFINITIONS.build([Member(name=name, lines=raw.splitlines(keepends=True))], stated or Stated())


def attributes(editor: CodeEditor, code: str, on: date = ON) -> Attribute:
    edits = editor.edits(code, on)
    assert isinstance(edits, Edits)
    return edits.attributes


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("A33", Attribute.NEWBORN),
        ("P000", Attribute.NEWBORN),
        ("E8411", Attribute.PEDIATRIC),
        ("O80", Attribute.MATERNITY),
        ("N401", Attribute.ADULT),
        ("G130", Attribute.MANIFESTATION),
        ("B950", Attribute.UNACCEPTABLE_PRINCIPAL),  # and not of unspecified codes, below which an appendix has it
        ("Z5189", Attribute.UNACCEPTABLE_PRINCIPAL | Attribute.SECONDARY_REQUIRED),
        ("H6690", Attribute.UNSPECIFIED),
        ("E119", Attribute.NONE),  # a questionable admission is none of a visit
        ("Y0001", Attribute.ADULT | Attribute.EXTERNAL_CAUSE),
        ("W1830XA", Attribute.EXTERNAL_CAUSE),  # by its chapter
        ("I10", Attribute.NONE),
    ],
)
def test_each_list_gives_its_codes_an_attribute(code: str, expected: Attribute) -> None:
    assert attributes(SYSTEM.read(built().table), code) == expected


def test_sexes_are_read_where_they_are_listed_and_procedures_never() -> None:
    lines = (*AGES, *SEXES, *OTHERS)
    loaded = built(*lines, name="definition-medicare-code-edits-v411.zip/definitions of medicare code edits_v_41_1.txt",
                   stated=Stated(effective_to=date(2020, 9, 30), effective_from=date(2020, 4, 1)))  # fmt: skip
    editor = SYSTEM.read(loaded.table)

    assert attributes(editor, "O80", date(2020, 4, 1)) == Attribute.MATERNITY | Attribute.FEMALE
    assert attributes(editor, "N401", date(2020, 4, 1)) == Attribute.ADULT | Attribute.MALE
    assert loaded.rows == len({row.split("\t")[0] for row in lines if "\t" in row} - {"0UT90ZZ", "E119", "02YA0Z0"})


@pytest.mark.parametrize(
    ("name", "release", "covers"),
    [
        (NAME, "v44", Interval(date(2026, 10, 1), date(2027, 9, 30))),
        ("Definitions of Medicare Code Edits_v_43_1.txt", "v43.1", Interval(date(2026, 4, 1), date(2026, 9, 30))),
        ("x-v411.zip/definitions.txt", "v41.1", Interval(date(2024, 4, 1), date(2024, 9, 30))),
        ("v44.0.txt", "v44", Interval(date(2026, 10, 1), date(2027, 9, 30))),
    ],
)
def test_version_says_the_days(name: str, release: str, covers: Interval) -> None:
    edition = built(name=name).edition

    assert (edition.release, edition.covers) == (release, covers)


def test_version_may_stand_in_the_text() -> None:
    lines = ("Definitions of Medicare Code Edits", "Version 44.0", *AGES, *OTHERS, *UNSPECIFIED)

    assert built(*lines, name="definitions.txt").edition.release == "v44"


def test_days_are_asked_for_where_nothing_says_the_version() -> None:
    with pytest.raises(NotOfficial, match="state them"):
        built(name="definitions of medicare code edits.txt")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ((*AGES, *UNSPECIFIED), "no list of manifestation"),
        ((*OTHERS, *UNSPECIFIED), "no list of newborn"),
        ((*AGES, *OTHERS), "no list of unspecified"),
    ],
)
def test_a_text_without_a_list_is_refused_whole(lines: tuple[str, ...], why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        built(*lines)


def test_a_row_that_has_no_code_is_told_and_makes_the_table_incomplete() -> None:
    lines = (*CONTENTS, *AGES, *OTHERS, "20. Unspecified code", "H6690\tOtitis", "H669?\tOtitis")
    loaded = built(*lines)

    assert [(row.line, row.why) for row in loaded.told.rejected] == [
        (len(lines), "a diagnosis code was expected before the tab")
    ]
    assert loaded.edition.complete is False


@pytest.mark.parametrize(
    ("name", "head", "recognised"),
    [
        (NAME, "", True),
        ("definition-mce.txt", "", True),
        ("text.txt", "\r\nDefinitions of Medicare Code Edits\r\n", True),
        ("Definitions of Medicare Code Edits_v_44.pdf", "Definitions of Medicare Code Edits", False),
        ("icd10cm_order_2027.txt", "00001 A00     0 Cholera", False),
    ],
)
def test_is_known_by_its_title(name: str, head: str, recognised: bool) -> None:  # noqa: FBT001 (a column of a table)
    assert DEFINITIONS.recognises(name, head.encode()) is recognised


def test_rows_name_what_holds() -> None:
    rows = dict(SYSTEM.read(built().table).rows())

    assert list(rows) == sorted(rows)
    assert rows["Z5189"] == "unacceptable principal, secondary required"


_LISTED = {
    "A. Perinatal/Newborn diagnoses": Attribute.NEWBORN,
    "B. Pediatric diagnoses (age 0 through 17)": Attribute.PEDIATRIC,
    "C. Maternity diagnoses (age 9 through 64)": Attribute.MATERNITY,
    "D. Adult diagnoses (age 15 through 124)": Attribute.ADULT,
    "6. Manifestation code as principal diagnosis": Attribute.MANIFESTATION,
    "9. Unacceptable principal diagnosis": Attribute.UNACCEPTABLE_PRINCIPAL,
    "20. Unspecified code": Attribute.UNSPECIFIED,
}


def written(codes: dict[str, Attribute]) -> Iterator[str]:
    """Yield the definitions of codes."""
    for heading, attribute in _LISTED.items():
        yield heading
        yield from (f"{code}\tText" for code in sorted(codes) if attribute in codes[code])


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z][0-9][0-9A-Z]{1,5}", fullmatch=True),
        st.sets(st.sampled_from(sorted(_LISTED.values())), min_size=1),
        max_size=30,
    )
)
def test_table_answers_as_the_lists_do(drawn: dict[str, set[Attribute]]) -> None:
    every = {f"A0{at}": {attribute} for at, attribute in enumerate(_LISTED.values())}
    codes = {code: _all(each) for code, each in (drawn | every).items()}
    editor = SYSTEM.read(built(*written(codes)).table)

    for code, expected in codes.items():
        chapter = Attribute.EXTERNAL_CAUSE if code[0] in EXTERNAL_CAUSES else Attribute.NONE
        assert attributes(editor, code) == expected | chapter


def _all(attributes: Iterable[Attribute]) -> Attribute:
    joined = Attribute.NONE
    for each in attributes:
        joined |= each
    return joined


def test_lists_of_the_editor_itself_come_back_whole() -> None:
    """The codes of v44, written as the definitions write them, have the attributes that they came with."""
    named = {
        "newborn": Attribute.NEWBORN, "pediatric": Attribute.PEDIATRIC, "maternity": Attribute.MATERNITY,
        "adult": Attribute.ADULT, "manifestation": Attribute.MANIFESTATION, "unspecified": Attribute.UNSPECIFIED,
        "unacceptable": Attribute.UNACCEPTABLE_PRINCIPAL,
    }  # fmt: skip
    codes: dict[str, Attribute] = {}
    for row in reference_rows("edits/mce_v44_icd10cm_attributes.csv.gz"):
        if row["attribute"] in named and row["valid_from"] <= ON.isoformat() and not row["valid_to"]:
            codes[row["code"]] = codes.get(row["code"], Attribute.NONE) | named[row["attribute"]]
    loaded = built(*written(codes))
    editor = SYSTEM.read(loaded.table)

    assert loaded.told.rejected_count == 0
    assert {code: attributes(editor, code) & ~Attribute.EXTERNAL_CAUSE for code in codes} == codes
