"""Procedure codes: restated Level II by date, and nothing of the licensed sets."""

from datetime import date

import pytest

from shared.codesets import code_list
from shared.codesets.code_list import CodeList, ListedCode
from shared.codesets.dated import DatedTable
from shared.codesets.edition import (
    Edition,
    Interval,
    NotValidOnDate,
    Provenance,
    TableNotLoaded,
    UnknownCode,
    Valid,
    Why,
)
from shared.codesets.hcpcs import HCPCS, SYSTEM, ProcedureCode, answer, is_cpt, is_unspecific, look_up
from shared.codesets.library import Library, Shelf
from tests.unit.shared.codesets.reference_data import rows

ON = date(2026, 4, 1)


@pytest.mark.parametrize("code", ["G0438", "J3301", "A0425", "E0601", "G2211"])
def test_a_common_code_is_valid(code: str) -> None:
    assert look_up(code, ON) == Valid(HCPCS.edition)


@pytest.mark.parametrize(
    ("code", "last_good", "first_bad"),
    [
        ("G2012", date(2024, 12, 31), date(2025, 1, 1)),
        ("J1030", date(2024, 3, 31), date(2024, 4, 1)),
        ("G0202", date(2017, 12, 31), date(2018, 1, 1)),
    ],
)
def test_termination_is_the_last_usable_day(code: str, last_good: date, first_bad: date) -> None:
    assert look_up(code, last_good) == Valid(HCPCS.edition)
    assert isinstance(look_up(code, first_bad), NotValidOnDate)


def test_a_code_is_not_valid_before_it_was_added() -> None:
    row = HCPCS.row("J1010")

    assert row is not None
    assert look_up("J1010", date(2024, 3, 31)) == NotValidOnDate(HCPCS.edition, (row.valid,))
    assert look_up("J1010", date(2024, 4, 1)) == Valid(HCPCS.edition)


@pytest.mark.parametrize("code", ["G9999", "Z9999", "ABC", ""])
def test_a_code_that_the_partial_table_lacks_is_never_called_unknown(code: str) -> None:
    assert look_up(code, ON) == TableNotLoaded("hcpcs", Why.PARTIAL, HCPCS.edition)


@pytest.mark.parametrize("code", ["99213", "10060", "0001U", "0042T", "1125F", "00100"])
def test_cpt_is_licensed_and_not_loaded(code: str) -> None:
    assert is_cpt(code)
    assert look_up(code, ON) == TableNotLoaded("cpt", Why.LICENSED)


def test_dental_codes_are_licensed_and_not_loaded() -> None:
    assert look_up("D0120", ON) == TableNotLoaded("cdt", Why.LICENSED)


@pytest.mark.parametrize("on", [date(2015, 9, 30), date(2026, 10, 1)])
def test_nothing_passes_outside_the_release(on: date) -> None:
    assert isinstance(look_up("G0438", on), TableNotLoaded)


def test_a_complete_table_of_the_user_takes_the_place_of_the_restated_one() -> None:
    whole = DatedTable(
        Provenance(
            system="hcpcs",
            release="2026-10",
            effective_from=date(2026, 10, 1),
            effective_to=None,
            source="example",
            complete=True,
        ),
        [ProcedureCode(code="G0438", label="example", valid=Interval(date(2011, 1, 1)))],
    )

    assert look_up("G0438", date(2026, 10, 1), table=whole) == Valid(whole.edition)
    assert look_up("G9999", date(2026, 10, 1), table=whole) == UnknownCode(whole.edition)
    assert look_up("99213", date(2026, 10, 1), table=whole) == TableNotLoaded("cpt", Why.LICENSED)


def test_no_licensed_code_is_in_the_table() -> None:
    assert len(HCPCS) > 200
    assert not [row.code for row in HCPCS if is_cpt(row.code) or row.code.startswith("D")]


def test_restated_days_are_those_of_the_official_list() -> None:
    official = {row["code"]: row for row in rows("hcpcs/hcpcs_level2_merged.csv.gz")}

    for row in HCPCS:
        assert official[row.code]["date_added"] == row.valid.first.isoformat(), row.code
        assert official[row.code]["date_terminated"] == (row.valid.last.isoformat() if row.valid.last else ""), row.code


@pytest.mark.parametrize(
    "description",
    [
        "Unclassified drugs",
        "Durable medical equipment, miscellaneous",
        "Unlisted ambulance service",
        "Not otherwise classified, antineoplastic drugs",
        "Skin substitute, fda cleared as a device, not otherwise specified",
        "Accessory for a garment, not-otherwise specified",
        "Homemaker service, nos; per diem",
        "Other specified case management service not elsewhere classified",
    ],
)
def test_a_description_that_leaves_open_what_was_done_is_unspecific(description: str) -> None:
    assert is_unspecific(description)


@pytest.mark.parametrize(
    "description",
    [
        "Injection, triamcinolone acetonide, not otherwise specified, 10 mg",
        "Injection, asparaginase, not otherwise specified, 10,000 units",
        "Plan of care not documented, reason not otherwise specified",
        "Report documents classification as nsclc-nos with an explanation",
        "Injection, ketorolac tromethamine, per 15 mg",
    ],
)
def test_a_named_drug_with_its_dose_is_not(description: str) -> None:
    assert not is_unspecific(description)


def test_the_restated_unspecific_codes_are_marked() -> None:
    assert {row.code for row in HCPCS if row.unspecific} == {"E1399", "J3490", "J3590"}


def test_unspecific_codes_are_those_that_cms_lists() -> None:
    listed = {row["code"] for row in rows("hcpcs/hcpcs_noc_codes_level2.csv")}
    texts = {row["code"]: row["long_description"] for row in rows("hcpcs/hcpcs_level2_merged.csv.gz")}
    found = {code for code, text in texts.items() if is_unspecific(text)}

    assert found - listed == {"A6609", "J0799"}  # both younger than the list
    assert {code for code in listed - found if texts.get(code, "Injection")[:9] not in {"", "Injection"}} == {
        *("S5150", "S5151", "S9986"),  # listed for a word inside of another
        *("G9418", "G9424", "G9743", "M1222", "M1226", "M1257", "M1285", "M1315"),  # reports of quality, not services
    }


def test_a_library_answers_by_the_code_set_that_a_code_belongs_to() -> None:
    restated = Library([Shelf(system=SYSTEM, starter=HCPCS)])
    brought = CodeList(
        Edition.of(
            Provenance(
                system="cpt",
                release="2026",
                effective_from=date(2026, 1, 1),
                effective_to=date(2026, 12, 31),
                source="example",
                complete=True,
            ),
            "0" * 64,
        ),
        [ListedCode("99213")],
    )
    library = restated.with_table(code_list.CPT, brought)

    assert answer(restated, "G0438", ON) == Valid(HCPCS.edition)
    assert answer(restated, "99213", ON) == TableNotLoaded("cpt", Why.LICENSED)
    assert answer(library, "99213", ON) == Valid(brought.edition)
    assert answer(library, "99219", ON) == UnknownCode(brought.edition)
    assert answer(library, "99213", date(2027, 1, 1)) == TableNotLoaded("cpt", Why.AFTER_LAST_EDITION, brought.edition)
    assert answer(library, "D0120", ON) == TableNotLoaded("cdt", Why.LICENSED)
    assert answer(Library(), "G0438", ON) == TableNotLoaded("hcpcs", Why.ABSENT)
