"""Coverage articles: the tables of a download as one edition, and which diagnoses support a procedure."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.coverage_articles import SYSTEM, Article, CoverageArticles, Match, Necessity
from shared.codesets.edition import Interval, TableNotLoaded, Why
from shared.codesets.loaders.coverage_articles import LAYOUTS
from shared.codesets.official import Built, Member, NotOfficial, Stated
from shared.codesets.packed import NotATable, plain, write
from tests.support.coverage_articles import HEADINGS, ZIP, Tables, article, diagnosis, issued, members, procedure

(LAYOUT,) = LAYOUTS
OCTOBER = date(2026, 10, 20)
CONTRACTORS = ('370,9,4,"First, Inc.",09102', "140,9,4,Second,5102")
TABLES: Tables = {
    "article": (article(57759), article(123, "Foot care"), article(456, "To come", status="P")),
    "article_x_hcpc_code": (procedure(57759, "64490"), procedure(57759, "64493", "2"), procedure(123, "64490", "3")),
    "article_x_icd10_covered": (
        diagnosis(57759, "M54.16"),
        diagnosis(57759, "M54.16", "2"),
        diagnosis(57759, "M47.812", "2"),
    ),
    "article_x_icd10_noncovered": (diagnosis(123, "Z00.00"),),
    "article_x_contractor": (issued(57759, "370"), issued(123, "140"), issued(123, "370")),
    "contractor": CONTRACTORS,
}


def built(**tables: Sequence[str]) -> Built:
    return LAYOUT.build(members({**TABLES, **tables}), Stated())


def table(**tables: Sequence[str]) -> CoverageArticles:
    return SYSTEM.read(built(**tables).table)


def necessities(
    found: CoverageArticles, code: str, diagnoses: Sequence[str], contractor: str | None = None, on: date = OCTOBER
) -> dict[str, Necessity]:
    answer = found.necessity(code, diagnoses, on, contractor)
    assert isinstance(answer, tuple)
    return {each.article.number: each for each in answer}


NERVES = Article("A57759", "7", "Nerve blocks", "6", Interval(date(2019, 10, 1)), ("09102",))


def test_a_diagnosis_of_a_list_supports_a_procedure() -> None:
    answers = necessities(table(), "64490", ["I10", "M5416"])

    assert answers["A57759"] == Necessity(
        article=NERVES,
        groups=(1,),
        supported=(Match("M5416", 1, paired=True), Match("M5416", 2, paired=False)),
        excluded=(),
        lists_diagnoses=True,
    )
    assert answers["A57759"].met is True


def test_a_diagnosis_outside_of_the_lists_does_not() -> None:
    assert necessities(table(), "64490", ["I10"])["A57759"].met is False
    assert necessities(table(), "64490", [])["A57759"].met is False
    assert necessities(table(), "64490", ["M47812"])["A57759"].supported == (Match("M47812", 2, paired=False),)


def test_an_article_may_only_name_what_does_not_support() -> None:
    excluded, silent = (necessities(table(), "64490", [code])["A123"] for code in ("Z0000", "I10"))

    assert (excluded.met, excluded.excluded) == (False, (Match("Z0000", 1, paired=False),))
    assert (silent.met, silent.lists_diagnoses) == (None, False)


def test_a_list_of_any_diagnosis_decides_nothing() -> None:
    answers = necessities(table(article_x_icd10_covered=[diagnosis(57759, "XX000")]), "64490", ["I10"])

    assert answers["A57759"].met is None


def test_an_article_is_of_its_contractors() -> None:
    answers = {who: set(necessities(table(), "64490", [], who)) for who in ("09102", "05102", "5102", "10112")}

    assert answers == {"09102": {"A57759", "A123"}, "05102": {"A123"}, "5102": {"A123"}, "10112": set()}


def test_an_article_of_unknown_contractors_concerns_everybody() -> None:
    without = LAYOUT.build(members({name: rows for name, rows in TABLES.items() if name != "contractor"}), Stated())
    one_unknown = table(article_x_contractor=[issued(57759, "370"), issued(57759, "999")])

    assert set(necessities(SYSTEM.read(without.table), "64490", [], "10112")) == {"A57759", "A123"}
    assert set(necessities(one_unknown, "64490", [], "10112")) == {"A57759", "A123"}


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("10/20/2026", "", True),
        ("2026-10-21", "", False),
        ("2019-10-01", "2026-10-20 00:00:00", True),
        ("2019-10-01", "2026-10-19", False),
        ("", "1900-01-01 00:00:00", True),
        ("", "not a day", True),
    ],
)
def test_an_article_counts_on_its_days(first: str, last: str, expected: bool) -> None:  # noqa: FBT001 (a case)
    found = table(article=[article(57759, first=first, last=last), article(123)])

    assert ("A57759" in necessities(found, "64490", [])) == expected


def test_the_first_of_several_ends_counts() -> None:
    ends = article(57759, last="2026-12-31").replace(",,,A57759", ",2026-10-19,2026-12-01,A57759")

    assert "A57759" not in necessities(table(article=[ends, article(123)]), "64490", [])


def test_a_procedure_in_no_article_is_restricted_by_none() -> None:
    assert table().listing("99213", OCTOBER) == ()
    assert table().listing("6449", OCTOBER) == ()


def test_the_newest_change_says_for_which_quarter_an_edition_is() -> None:
    made = built()

    assert (made.rows, made.told.rejected_count, made.edition.complete) == (7, 0, True)
    assert (made.edition.release, made.edition.covers) == (
        "2026-11-05",
        Interval(date(2026, 10, 1), date(2026, 12, 31)),
    )
    assert made.told.dropped == {"proposed, not in force": 1}
    answer = SYSTEM.read(made.table).necessity("64490", [], date(2027, 1, 1))
    assert isinstance(answer, TableNotLoaded)
    assert answer.why is Why.AFTER_LAST_EDITION


def test_no_description_is_kept() -> None:
    whole = bytes(plain(built().table))

    assert b"not kept" not in whole
    assert b"quotes" not in whole


def test_rows_are_told_in_their_order() -> None:
    rows = list(table().rows())

    assert rows == [
        ("A123", "version 7 2019-10-01.. 05102 09102"),
        ("A123 noncovered Z0000", "group 1"),
        ("A123 procedure 64490", "group 3"),
        ("A57759", "version 7 2019-10-01.. 09102"),
        ("A57759 covered M47812", "group 2"),
        ("A57759 covered M5416", "group 1, 2"),
        ("A57759 procedure 64490", "group 1"),
        ("A57759 procedure 64493", "group 2"),
    ]
    assert rows == sorted(rows)
    assert len(table()) == 2


@pytest.mark.parametrize(
    ("name", "wrong", "why"),
    [
        ("article", article(57759, "Another"), "the article stands there twice"),
        ("article", article(9, last="2018-01-01"), "an article has a number"),
        ("article", article(9).replace("9,7", "x,7", 1), "an article has a number"),
        ("article_x_hcpc_code", procedure(57759, "6449"), "a known article, a procedure code"),
        ("article_x_hcpc_code", procedure(1, "64490"), "a known article, a procedure code"),
        ("article_x_hcpc_code", procedure(57759, "64490", "x"), "a known article, a procedure code"),
        ("article_x_icd10_covered", diagnosis(57759, "M5"), "a known article, a diagnosis code"),
        ("article_x_icd10_noncovered", diagnosis(57759, "M54.16", "70000"), "a known article, a diagnosis code"),
        ("article_x_icd10_noncovered", diagnosis(1, "M54.16"), "a known article, a diagnosis code"),
    ],
)
def test_a_bad_row_is_left_out_and_told_and_the_table_is_incomplete(name: str, wrong: str, why: str) -> None:
    made = built(**{name: [*TABLES[name], wrong]})

    assert (made.told.rejected_count, made.edition.complete) == (1, False)
    assert made.told.rejected[0].why.startswith(why)
    assert made.told.rejected[0].line == len(TABLES[name]) * (2 if name == "article" else 1) + 2
    found = SYSTEM.read(made.table)
    assert "A57759" in necessities(found, "64490", [])
    assert isinstance(found.listing("99213", OCTOBER), TableNotLoaded)


def test_rows_of_an_article_that_is_not_in_force_are_left_out() -> None:
    made = built(article_x_hcpc_code=[*TABLES["article_x_hcpc_code"], procedure(456, "99213")])

    assert made.told.rejected_count == 0
    assert SYSTEM.read(made.table).listing("99213", OCTOBER) == ()


def test_tables_of_a_download_go_together() -> None:
    some = {name: rows for name, rows in TABLES.items() if name not in {"article", "article_x_contractor"}}
    with pytest.raises(NotOfficial, match=r"article\.csv, article_x_contractor\.csv of the same download"):
        LAYOUT.build(members(some), Stated())
    with pytest.raises(NotOfficial, match="one download at a time"):
        LAYOUT.build([*members(TABLES), *members(TABLES)], Stated())


def test_another_layout_is_refused_at_its_line() -> None:
    with pytest.raises(NotOfficial, match="line 2: 9 columns were expected, 10 are there"):
        built(article_x_hcpc_code=[procedure(57759, "64490") + ",x"])
    broken = [member for member in members(TABLES) if not member.name.endswith("/article_x_hcpc_code.csv")]
    wrong = Member(name=f"{ZIP}article_x_hcpc_code.csv", lines=[b"article_id,article_version,hcpc_code_id\n"])
    with pytest.raises(NotOfficial, match="line 1: without the columns hcpc_code_group"):
        LAYOUT.build([*broken, wrong], Stated())
    nobody = [row.replace("2026-11-05 10:11:12.130000000", "") for row in TABLES["article"]]
    with pytest.raises(NotOfficial, match="state them"):
        built(article=nobody)


def test_each_table_is_known_by_its_name_and_headings() -> None:
    for name, headings in HEADINGS.items():
        assert LAYOUT.recognises(f"{ZIP}{name}.csv", f"{headings}\r\n1,2".encode())
        assert not LAYOUT.recognises(f"{ZIP}{name}.csv", b"something,else\r\n")
    assert not LAYOUT.recognises(f"{ZIP}lcd.csv", HEADINGS["article"].encode())


def test_a_damaged_table_is_refused() -> None:
    edition = {"system": "coverage_articles", "release": "x", "effective_from": "2026-01-01", "effective_to": None}
    head = {"edition": {**edition, "source": "x", "complete": True}}
    names = ("codes", "code_articles", "code_groups", "diagnoses")
    lists = [f"{prefix}{name}" for prefix in ("covered_", "noncovered_") for name in ("diagnoses", "groups")]
    starts = dict.fromkeys(("code_starts", "covered_starts", "noncovered_starts"), bytes(4))
    sections = {**dict.fromkeys((*names, *lists), b""), **starts}
    with pytest.raises(NotATable, match="articles"):
        SYSTEM.read(write(head, {**sections, "articles": b"x"}))
    for name in ("code_groups", "covered_groups", "noncovered_starts"):
        with pytest.raises(NotATable, match="one length"):
            SYSTEM.read(write(head, {**sections, "articles": b"[]", name: bytes(8)}))
    assert len(SYSTEM.read(write(head, {**sections, "articles": b"[]"}))) == 0


numbers = st.integers(1, 4)
codes = st.sampled_from(["64490", "64493", "G0438", "J1885"])
diagnoses = st.sampled_from(["M5416", "M47812", "I10", "Z0000", "U071"])
groups = st.integers(1, 3)


@given(
    listed=st.sets(st.tuples(numbers, codes, groups), max_size=12),
    covered=st.sets(st.tuples(numbers, diagnoses, groups), max_size=25),
    noncovered=st.sets(st.tuples(numbers, diagnoses, groups), max_size=12),
    asked=st.tuples(codes, st.lists(diagnoses, max_size=4, unique=True)),
)
def test_the_table_answers_as_the_rows_do(
    listed: set[tuple[int, str, int]],
    covered: set[tuple[int, str, int]],
    noncovered: set[tuple[int, str, int]],
    asked: tuple[str, list[str]],
) -> None:
    found = table(
        article=[article(number) for number in range(1, 5)],
        article_x_hcpc_code=[procedure(number, code, str(group)) for number, code, group in listed],
        article_x_icd10_covered=[diagnosis(number, code, str(group)) for number, code, group in covered],
        article_x_icd10_noncovered=[diagnosis(number, code, str(group)) for number, code, group in noncovered],
        article_x_contractor=[],
    )
    code, diagnosed = asked
    answers = necessities(found, code, diagnosed)

    assert set(answers) == {f"A{number}" for number, each, _ in listed if each == code}
    for name, answer in answers.items():
        own = {group for number, each, group in listed if (f"A{number}", each) == (name, code)}
        assert set(answer.groups) == own
        for matches, rows in ((answer.supported, covered), (answer.excluded, noncovered)):
            expected = {
                (each, group, group in own)
                for number, each, group in rows
                if f"A{number}" == name and each in diagnosed
            }
            assert {(match.diagnosis, match.group, match.paired) for match in matches} == expected
        assert answer.lists_diagnoses == any(f"A{number}" == name for number, _, _ in covered)
