"""The quarterly file of HCPCS Level II: records of fixed width, and the two tables in it."""

import gzip
import re
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Interval, NotValidOnDate, TableNotLoaded, UnknownCode, Valid, Why
from shared.codesets.hcpcs import SYSTEM, Coverage, ProcedureCode
from shared.codesets.loaders.hcpcs import LAYOUTS, build_codes, build_modifiers
from shared.codesets.modifiers import SYSTEM as MODIFIERS_SYSTEM
from shared.codesets.modifiers import Kind
from shared.codesets.official import Built, Member, NotOfficial, Stated
from shared.codesets.packed import plain
from tests.unit.shared.codesets.reference_data import FOLDER, rows

NAME = "october-2026-alpha-numeric-hcpcs-file.zip/HCPC2026_OCT_ANWEB_v2.txt"
ON = date(2026, 10, 15)


def record(  # noqa: PLR0913 (the fields of a record)
    code: str,
    text: str = "Example",
    *,
    kind: str = "3",
    short: str = "Example",
    added: str = "20110101",
    ended: str = "",
    pricing: str = "",
    instead: str = "",
    coverage: str = "C",
    betos: str = "",
    tos: str = "",
    units: str = "",
) -> str:
    """Return a record with details, laid out as the contractor record is."""
    line = [" "] * 293
    for begin, value in (
        (1, code.rjust(5)),
        (6, "00100"),
        (11, kind),
        (12, text),
        (92, short),
        (120, pricing),
        (205, instead),
        (230, coverage),
        (257, betos),
        (261, tos),
        (266, units),
        (269, added),
        (277, added),
        (285, ended),
        (293, "N"),
    ):
        line[begin - 1 : begin - 1 + len(value)] = value
    return "".join(line)


def more(code: str, text: str, *, kind: str = "4", number: int = 2) -> str:
    return f"{code.rjust(5)}{number:03d}00{kind}{text}"


def member(*records: str, name: str = NAME) -> Member:
    return Member(name=name, lines=[f"{each}\r\n".encode("latin-1") for each in records])


def codes(*records: str) -> Built:
    return build_codes([member(*records)], Stated())


def one(*records: str) -> ProcedureCode:
    (row,) = SYSTEM.read(codes(*records).table)
    return row


def test_a_description_goes_on_over_several_records() -> None:
    row = one(
        record("J1885", "Injection, ketorolac", short="Ketorolac inj"),
        more("J1885", "tromethamine,"),
        more("J1885", "per 15 mg", number=3),
    )

    assert row.description == "Injection, ketorolac tromethamine, per 15 mg"
    assert (row.label, row.unspecific) == ("Ketorolac inj", False)


def test_what_the_record_says_of_a_code() -> None:
    row = one(
        record(
            "G0438",
            "Example, unlisted",
            ended="20271231",
            pricing="1121",
            instead="G0439G0402",
            coverage="D",
            betos="M1B",
            tos="1P",
            units="005",
        )
    )

    assert row.valid == Interval(date(2011, 1, 1), date(2027, 12, 31))
    assert (row.coverage, row.betos, row.types_of_service, row.pricing) == (
        Coverage.SPECIAL,
        "M1B",
        ("1", "P"),
        ("11", "21"),
    )
    assert (row.anesthesia_units, row.unspecific) == (5, True)
    assert row.instead == ("G0439", "G0402")


def test_a_letter_of_coverage_that_nobody_knows_says_nothing() -> None:
    assert one(record("G0438", coverage="Z", units="000")).coverage is None


def test_the_day_of_termination_is_the_last_usable_one() -> None:
    table = SYSTEM.read(codes(record("G0438"), record("G0440", ended="20261031")).table)

    assert table.look_up("G0438", ON) == Valid(table.edition)
    assert table.look_up("G0440", date(2026, 10, 31)) == Valid(table.edition)
    assert table.look_up("G0440", date(2026, 11, 1)) == NotValidOnDate(
        table.edition, (Interval(date(2011, 1, 1), date(2026, 10, 31)),)
    )
    assert table.look_up("G0439", ON) == UnknownCode(table.edition)


def test_the_name_says_the_quarter_that_the_file_answers_for() -> None:
    made = codes(record("G0438"))

    assert (made.edition.name, made.edition.covers) == (
        "hcpcs 2026Q4",
        Interval(date(2026, 10, 1), date(2026, 12, 31)),
    )


@pytest.mark.parametrize(("code", "system"), [("99213", "cpt"), ("0001U", "cpt"), ("D0120", "cdt")])
def test_licensed_codes_are_left_out_and_the_table_stays_whole(code: str, system: str) -> None:
    made = codes(record("G0438"), record(code, "licensed words"), more(code, "licensed words"))
    table = SYSTEM.read(made.table)

    assert (made.rows, made.edition.complete, sum(made.told.dropped.values())) == (1, True, 1)
    assert b"licensed words" not in bytes(plain(made.table))
    assert table.look_up(code, ON) == TableNotLoaded(system, Why.LICENSED)


def test_modifiers_of_the_same_file_are_a_table_of_their_own() -> None:
    made = build_modifiers(
        [
            member(
                record("LT", "Left side", kind="7", short="Left side", added="19840101"),
                record("XU", "Unusual service", kind="7", short="Unusual", added="20150101"),
                more("XU", "that does not overlap", kind="8"),
                record("G0438"),
                record("26", "licensed words", kind="7"),
            )
        ],
        Stated(),
    )
    table = MODIFIERS_SYSTEM.read(made.table)
    unusual = table.row("XU")

    assert unusual is not None
    assert (unusual.kind, unusual.description) == (Kind.DISTINCT, "Unusual service that does not overlap")
    assert isinstance(table.look_up("XU", date(2026, 12, 31)), Valid)
    assert isinstance(table.look_up("26", ON), Valid)  # by its number, from the restated table
    assert (table.row("26") or unusual).label is None
    assert table.look_up("89", ON) == TableNotLoaded("cpt_modifiers", Why.LICENSED)
    assert table.look_up("ZZ", ON) == UnknownCode(table.edition)
    assert table.look_up("G0438", ON) == UnknownCode(table.edition)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (record("G0438", "Another"), "stood before"),
        (record("g0440"), "a letter and four digits"),
        (record("G0440", added=""), "are days"),
        (record("G0440", added="20111301"), "are days"),
        (record("G0440", ended="20101231"), "are days"),
        (more("G0441", "lost"), "did not begin"),
    ],
)
def test_a_bad_record_is_left_out_and_told_and_the_table_is_incomplete(wrong: str, why: str) -> None:
    made = codes(record("G0438"), wrong)

    assert (made.rows, made.told.rejected_count, made.edition.complete) == (1, 1, False)
    assert made.told.rejected[0].line == 2
    assert why in made.told.rejected[0].why


def test_a_bad_modifier_is_told_too() -> None:
    broken = [
        record(code, kind="7", added=added) for code, added in (("A1", "x"), ("A2", "20200101"), ("A2", "20200102"))
    ]
    made = build_modifiers([member(*broken, record("a-", kind="7"))], Stated())

    assert [each.line for each in made.told.rejected] == [1, 3, 4]


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ((record("G0438"), "G0439,Example"), "line 2: a record has five digits"),
        ((record("G0438", kind="5"),), "line 1: a record has five digits"),
        ((record("G0438")[:200],), "line 1: 276 columns"),
    ],
)
def test_another_layout_is_refused_at_its_line(records: tuple[str, ...], why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        codes(*records)


@pytest.mark.parametrize("build", [build_codes, build_modifiers])
def test_two_files_are_not_one_quarter(build: Callable[[list[Member], Stated], Built]) -> None:
    with pytest.raises(NotOfficial, match="one file"):
        build([member(record("G0438")), member(record("G0439"))], Stated())


@pytest.mark.parametrize(
    ("name", "head", "found"),
    [
        (NAME, record("A1", kind="7"), True),
        ("HCPC2026_OCT_ANWEB_09172026.txt", record("G0438"), True),
        ("saved.txt", record("G0438"), True),  # by content
        ("october-2026-alpha-numeric-hcpcs-file.zip/HCPC2026_OCT_Transaction Report.txt", record("G0438"), False),
        ("HCPC2026_OCT_Corrections.txt", record("G0438"), False),
        ("HCPC2026_OCT_ANWEB.txt", "HCPC,SEQNUM,RECID", False),
    ],
)
def test_the_file_is_known_by_its_records(name: str, head: str, found: bool) -> None:  # noqa: FBT001 (a column)
    assert [layout.recognises(name, head.encode()) for layout in LAYOUTS] == [found, found]


texts = st.text(alphabet="abc ,;", min_size=1, max_size=300).map(str.strip).filter(bool)
days = st.integers(0, 3000).map(lambda number: date.fromordinal(date(2020, 1, 1).toordinal() + number))


@given(
    written=st.dictionaries(
        st.from_regex(r"[A-CE-Z][0-9]{4}", fullmatch=True), st.tuples(texts, days, st.none() | days), max_size=20
    )
)
def test_the_table_answers_as_the_records_do(written: dict[str, tuple[str, date, date | None]]) -> None:
    records = []
    for code, (text, first, last) in written.items():
        words = [text[at : at + 80] for at in range(0, len(text), 80)]
        ended = "" if last is None else f"{last:%Y%m%d}"
        records.append(record(code, words[0], added=f"{first:%Y%m%d}", ended=ended))
        records += [more(code, each, number=number) for number, each in enumerate(words[1:], start=2)]
    table = SYSTEM.read(codes(*records).table)

    for code, (text, first, last) in written.items():
        row = table.row(code)
        if last is not None and last < first:
            assert row is None
            continue
        assert row is not None
        assert row.valid == Interval(first, last)
        assert (row.description or "").replace(" ", "") == text.replace(" ", "")
        assert isinstance(table.look_up(code, ON), Valid) == row.valid.holds(ON)


def test_all_published_codes_are_read() -> None:
    official = list(rows("hcpcs/hcpcs_level2_merged.csv.gz"))
    records: list[str] = []
    for row in official:
        text = row["long_description"] or row["short_description"] or row["code"]
        chunks = [text[at : at + 80] for at in range(0, len(text), 80)]
        dates = {
            "added": row["date_added"].replace("-", "") or "20240101",
            "ended": row["date_terminated"].replace("-", ""),
        }
        records.append(
            record(row["code"], chunks[0], short=row["short_description"][:28], coverage=row["coverage_code"], **dates)
        )
        records += [more(row["code"], each, number=number) for number, each in enumerate(chunks[1:], start=2)]
    made = codes(*records)
    table = SYSTEM.read(made.table)

    assert (made.rows, made.told.rejected_count, made.edition.complete) == (8_725, 0, True)
    assert sum(row.valid.last is not None for row in table) == 1_147
    assert not isinstance(table.look_up("G0438", date(2010, 12, 31)), Valid)
    ketorolac = table.row("J1885")
    assert ketorolac is not None
    assert (ketorolac.description or "").replace(" ", "") == "Injection,ketorolactromethamine,per15mg"
    assert all(row.coverage is not None for row in table if row.valid.first.year < 2023)


def test_all_published_modifiers_are_read() -> None:
    records = [
        record(row["modifier"], row["description"][:80], kind="7", short=row["description"][:28])
        for row in rows("codesets/modifiers_hcpcs_level2.csv")
    ]
    made = build_modifiers([member(*records)], Stated())
    numbers = {row["modifier"] for row in rows("codesets/modifiers_cpt_numbers_only.csv")}
    table = MODIFIERS_SYSTEM.read(made.table)

    assert (len(records), made.told.rejected_count, made.edition.complete) == (378, 0, True)
    assert made.rows == 377 + len({row.code for row in table if row.label is None})  # KX stands there twice, alike
    assert all(isinstance(table.look_up(number, ON), Valid) for number in numbers)


@pytest.mark.parametrize(
    ("name", "length", "begin"),
    [
        ("HCPCS Record Identification Code", 1, 11),
        ("HCPCS Long Description", 80, 12),
        ("HCPCS Short Description", 28, 92),
        ("HCPCS Pricing Indicator Code", 2, 120),
        ("HCPCS Cross Reference Code", 5, 205),
        ("HCPCS Coverage Code", 1, 230),
        ("HCPCS Berenson-Eggers Type Of Service Code", 3, 257),
        ("HCPCS Type Of Service Code", 1, 261),
        ("HCPCS Anesthesia Base Unit Quantity", 3, 266),
        ("HCPCS Code Added Date", 8, 269),
        ("HCPCS Action Effective Date", 8, 277),
        ("HCPCS Termination Date", 8, 285),
    ],
)
def test_the_fields_stand_where_the_published_layout_has_them(name: str, length: int, begin: int) -> None:
    path = FOLDER / "hcpcs" / "HCPCS2019_recordlayout.txt.gz"
    if not path.exists():
        pytest.skip("the layout is not beside the repository")
    layout = gzip.decompress(path.read_bytes()).decode("latin-1")

    assert re.search(rf"{re.escape(name)}\s+{length}\s+{begin}\s+{begin + length - 1}\s", layout)
