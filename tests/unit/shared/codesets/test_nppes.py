"""Providers: the monthly file as published, who holds an NPI, and when one cannot be used."""

from collections.abc import Iterable, Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codesets.edition import Interval, NotValidOnDate, TableNotLoaded, UnknownCode, Valid, Why
from shared.codesets.loaders.nppes import LAYOUTS
from shared.codesets.nppes import SYSTEM, EntityType, Provider, Providers, state_letters, state_number
from shared.codesets.official import Built, Member, NotOfficial, Stated
from shared.codesets.packed import NotATable, plain, write

(LAYOUT,) = LAYOUTS
NAME = "NPPES_Data_Dissemination_November_2026_V2.zip/npidata_pfile_20050523-20261108.csv"
PLACE = "Provider Business Practice Location Address "
STATE, COUNTRY = f"{PLACE}State Name", f"{PLACE}Country Code (If outside U.S.)"
CODES = [f"Healthcare Provider Taxonomy Code_{n}" for n in range(1, 16)]
SWITCHES = [f"Healthcare Provider Primary Taxonomy Switch_{n}" for n in range(1, 16)]
COLUMNS = [
    "NPI",
    "Entity Type Code",
    "Provider Last Name (Legal Name)",
    STATE,
    COUNTRY,
    "NPI Deactivation Date",
    "NPI Reactivation Date",
    *(each for pair in zip(CODES, SWITCHES, strict=True) for each in pair),
    "Certification Date",
]
OCTOBER = date(2026, 10, 1)
FAMILY, SURGERY = "207Q00000X", "208600000X"
DOCTOR = {"NPI": "1234567893", "Entity Type Code": "1", "Provider Last Name (Legal Name)": "Not, Kept", STATE: "TX"}
DOCTOR |= {COUNTRY: "US", CODES[0]: FAMILY, SWITCHES[0]: "N", CODES[1]: SURGERY, SWITCHES[1]: "Y"}
GONE = {"NPI": "1987654328", "NPI Deactivation Date": "03/01/2020"}
BACK = {**GONE, "NPI": "1111111112", "NPI Reactivation Date": "06/15/2020", "Entity Type Code": "2"}


def line(values: Mapping[str, str], columns: Iterable[str] = COLUMNS) -> str:
    return ",".join(f'"{values.get(column, "")}"' for column in columns) + "\n"


def member(*rows: Mapping[str, str], name: str = NAME, columns: list[str] = COLUMNS) -> Member:
    content = line({column: column for column in columns}, columns) + "".join(line(row, columns) for row in rows)
    return Member(name=name, lines=content.encode().splitlines(keepends=True))


def built(*rows: Mapping[str, str]) -> Built:
    return LAYOUT.build([member(*rows)], Stated())


def table(*rows: Mapping[str, str]) -> Providers:
    return SYSTEM.read(built(*rows).table)


def test_a_provider_has_taxonomies_and_a_primary_one() -> None:
    providers = table(GONE, DOCTOR)
    found = providers.provider("1234567893", OCTOBER)

    assert found == Provider(
        edition=providers.edition,
        npi="1234567893",
        entity_type=EntityType.INDIVIDUAL,
        taxonomies=(FAMILY, SURGERY),
        primary=SURGERY,
        practice_state="TX",
        deactivated=None,
    )
    assert isinstance(providers.look_up("1234567893", OCTOBER), Valid)
    assert len(providers) == 2


def test_no_name_is_kept() -> None:
    assert b"Kept" not in bytes(plain(built(DOCTOR).table))


def test_a_deactivated_one_cannot_be_used_from_its_day() -> None:
    providers = table(DOCTOR, GONE)
    found = providers.provider("1987654328", OCTOBER)

    assert isinstance(found, Provider)
    assert (found.entity_type, found.taxonomies, found.primary, found.practice_state) == (None, (), None, None)
    assert found.deactivated == Interval(date(2020, 3, 1))
    assert [found.active(day) for day in (date(2020, 2, 29), date(2020, 3, 1))] == [True, False]
    assert isinstance(providers.look_up("1987654328", date(2020, 2, 29)), Valid)
    assert providers.look_up("1987654328", OCTOBER) == NotValidOnDate(
        providers.edition, (Interval(date(2005, 5, 23), date(2020, 2, 29)),)
    )


def test_one_that_came_back_can_be_used_again() -> None:
    providers = table(BACK)
    answers = [providers.look_up("1111111112", day) for day in (date(2020, 6, 14), date(2020, 6, 15))]

    assert answers[0] == NotValidOnDate(
        providers.edition, (Interval(date(2005, 5, 23), date(2020, 2, 29)), Interval(date(2020, 6, 15)))
    )
    assert isinstance(answers[1], Valid)


def test_one_that_went_for_the_second_time_is_gone() -> None:
    providers = table({**BACK, "NPI Deactivation Date": "07/01/2021"})

    assert not isinstance(providers.look_up("1111111112", OCTOBER), Valid)


def test_the_edition_answers_for_all_days_until_it_is_old() -> None:
    providers = table(DOCTOR)

    assert (providers.edition.release, providers.edition.complete) == ("2026-11-08", True)
    assert providers.edition.covers == Interval(date(2005, 5, 23), date(2026, 12, 31))
    assert isinstance(providers.look_up("1234567892", OCTOBER), UnknownCode)
    for answer in (
        providers.look_up("1234567893", date(2027, 1, 1)),
        providers.provider("1234567893", date(2027, 1, 1)),
    ):
        assert isinstance(answer, TableNotLoaded)
        assert answer.why is Why.AFTER_LAST_EDITION


@pytest.mark.parametrize(
    ("day", "until"), [("20261108", "2026-12-31"), ("20261213", "2027-01-31"), ("20270110", "2027-02-28")]
)
def test_a_month_is_old_at_the_end_of_the_next(day: str, until: str) -> None:
    made = LAYOUT.build([member(DOCTOR, name=f"npidata_pfile_20050523-{day}.csv")], Stated())

    assert str(made.edition.effective_to) == until


@pytest.mark.parametrize(
    "npi", ["", "123456789", "12345678933", "123456789a", "١٢٣٤٥٦٧٨٩٣", "0234567893", "9912345672"]
)
def test_what_is_no_npi_is_unknown(npi: str) -> None:
    assert isinstance(table(DOCTOR).look_up(npi, OCTOBER), UnknownCode)


def test_a_taxonomy_that_stands_there_again_counts_once() -> None:
    again = {CODES[2]: FAMILY, SWITCHES[2]: "N", CODES[5]: "363L00000X"}
    found = table({**DOCTOR, **again}).provider("1234567893", OCTOBER)

    assert isinstance(found, Provider)
    assert (found.taxonomies, found.primary) == ((FAMILY, SURGERY, "363L00000X"), SURGERY)


@pytest.mark.parametrize(
    ("state", "country", "expected"), [("ON", "CA", None), ("Ontario", "US", None), ("PR", "", "PR")]
)
def test_the_state_is_one_of_the_united_states(state: str, country: str, expected: str | None) -> None:
    found = table({**DOCTOR, STATE: state, COUNTRY: country}).provider("1234567893", OCTOBER)

    assert isinstance(found, Provider)
    assert found.practice_state == expected


def test_states_are_numbers_and_letters() -> None:
    assert [state_letters(state_number(each)) for each in (b"AA", b"TX", b"ZZ")] == ["AA", "TX", "ZZ"]
    assert [state_number(each) for each in (b"", b"T", b"tx", b"T1", b"TEX")] == [0] * 5


def test_rows_are_told_in_one_line_each() -> None:
    assert list(table(BACK, DOCTOR).rows()) == [
        ("1111111112", "organization deactivated 2020-03-01..2020-06-14"),
        ("1234567893", f"individual TX {FAMILY} {SURGERY}*"),
    ]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({**DOCTOR, "NPI": "123456789"}, "an NPI"),
        ({**DOCTOR, "NPI": "3234567893"}, "an NPI"),
        ({**DOCTOR, "Entity Type Code": "3"}, "the entity type"),
        ({**DOCTOR, CODES[3]: "207Q"}, "the entity type"),
        ({**GONE, "NPI Deactivation Date": "2020-03-01"}, "the days"),
        ({**BACK, "NPI Reactivation Date": "13/01/2020"}, "the days"),
    ],
)
def test_a_bad_row_is_left_out_and_told_and_the_table_is_incomplete(wrong: Mapping[str, str], why: str) -> None:
    made = built({**DOCTOR, "NPI": "1555555550"}, wrong, {**DOCTOR, "NPI": "1555555550"})

    assert (made.rows, made.told.rejected_count, made.edition.complete) == (1, 1, False)
    assert (made.told.rejected[0].line, made.told.rejected[0].why.startswith(why)) == (3, True)
    answer = SYSTEM.read(made.table).look_up("1234567893", OCTOBER)
    assert isinstance(answer, TableNotLoaded)
    assert answer.why is Why.PARTIAL


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([member(DOCTOR, name="npidata_pfile_20261102-20261108.csv")], "a weekly file holds changes only"),
        ([member(DOCTOR), member(DOCTOR, name="npidata_pfile_20050523-20261011.csv")], "several months"),
        ([member(DOCTOR, name="npidata.csv")], "state them"),
        ([member(DOCTOR, {**DOCTOR, STATE: "CA"})], "stands there twice"),
        ([member(DOCTOR, columns=[column for column in COLUMNS if column != CODES[4]])], "Taxonomy Code_5"),
        ([Member(name=NAME, lines=[*member().lines, b'"1234567893","1"\n'])], "line 2: 38 columns were expected"),
        ([Member(name=NAME, lines=[])], "line 1: without the columns"),
    ],
)
def test_what_is_no_monthly_file_is_refused(members: list[Member], why: str) -> None:
    with pytest.raises(NotOfficial, match=why):
        LAYOUT.build(members, Stated())


def test_the_layout_is_known_by_its_headings() -> None:
    head = line({column: column for column in COLUMNS}).encode()

    assert LAYOUT.recognises(NAME, head)
    assert not LAYOUT.recognises(NAME.replace(".csv", "_fileheader.csv"), head)
    assert not LAYOUT.recognises(NAME, b'"NPI","Provider Other Organization Name"\n')


def test_a_damaged_table_is_refused() -> None:
    edition = {"system": "nppes", "release": "x", "effective_from": "2026-01-01", "effective_to": None}
    head = {"edition": {**edition, "source": "x", "complete": True}}
    sections = dict.fromkeys(
        (
            "npis",
            "kinds",
            "states",
            "kind_ends",
            "kind_taxonomies",
            "kind_entity",
            "kind_primary",
            "gone_from",
            "gone_until",
        ),
        b"",
    )
    with pytest.raises(NotATable, match="head"):
        SYSTEM.read(write(head, sections))
    with pytest.raises(NotATable, match="one length"):
        SYSTEM.read(write({**head, "taxonomies": []}, {**sections, "gone": bytes(4)}))


npis = st.integers(1_000_000_000, 1_000_003_000).map(str)
taxonomies = st.lists(st.sampled_from([FAMILY, SURGERY, "363L00000X"]), max_size=3, unique=True)


@given(st.dictionaries(npis, st.tuples(taxonomies, st.sampled_from(["", "03/01/2020"])), max_size=40), st.lists(npis))
def test_the_table_answers_as_the_rows_do(written: dict[str, tuple[list[str], str]], asked: list[str]) -> None:
    providers = table(
        *(
            {
                "NPI": npi,
                "Entity Type Code": "1",
                "NPI Deactivation Date": gone,
                **dict(zip(CODES, codes, strict=False)),
            }
            for npi, (codes, gone) in written.items()
        )
    )

    assert [npi for npi, _ in providers.rows()] == sorted(written)
    for npi in [*asked, *written]:
        found = providers.provider(npi, OCTOBER)
        if npi in written:
            codes, gone = written[npi]
            assert isinstance(found, Provider)
            assert (found.taxonomies, found.active(OCTOBER)) == (tuple(codes), not gone)
            assert isinstance(providers.look_up(npi, OCTOBER), NotValidOnDate if gone else Valid)
        else:
            assert isinstance(found, UnknownCode)


def test_a_table_with_many_rows_is_searched_in_parts() -> None:
    many = [{**GONE, "NPI": str(1_000_000_000 + 3 * n)} for n in range(1_000)]
    providers = table(*many)

    for n in range(3_000):
        known = isinstance(providers.provider(str(1_000_000_000 + n), OCTOBER), Provider)
        assert known == (n % 3 == 0)
