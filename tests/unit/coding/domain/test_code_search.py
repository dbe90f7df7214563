"""`services/coding/domain/code_search.py`: codes in words, as of a day."""

from datetime import date

from services.coding.domain.code_search import INDEXES_MAX, CodeSearch, Found, FoundCode
from shared.codesets import code_list, hcpcs
from shared.codesets.code_list import CodeList, ListedCode
from shared.codesets.dated import DatedTable
from shared.codesets.edition import Edition, Interval, Provenance, Why
from shared.codesets.hcpcs import ProcedureCode
from shared.codesets.icd10 import Span
from shared.codesets.icd10_table import Title, table_of
from shared.codesets.icd10cm import SYSTEM
from shared.codesets.library import Library, Shelf
from tests.unit.coding.tables import EDITION, FIRST, TABLES

ON = date(2026, 3, 3)


def found(library: Library, text: str, *, system: str = "icd10cm", on: date = ON, items_max: int = 5) -> Found:
    return CodeSearch().find(library, system, text, on, items_max=items_max)  # type: ignore[arg-type]  # a case


def of(system: str, release: str = "test") -> Provenance:
    return Provenance(
        system=system, release=release, effective_from=FIRST, effective_to=None, source="synthetic", complete=True
    )


def test_codes_in_force_come_first_and_those_of_other_days_say_so() -> None:
    before, after = found(TABLES, "cough", on=date(2021, 9, 30)), found(TABLES, "cough", on=date(2021, 10, 1))

    def said(cough: Found) -> list[tuple[str, bool, bool | None]]:
        return [(each.code, each.is_in_force, each.is_billable) for each in cough.items]

    assert said(before) == [("R05", True, True), ("R051", False, False)]
    assert said(after) == [("R05", True, False), ("R051", True, True)]
    assert (after.edition, after.reason) == (EDITION, None)


def test_a_heading_is_in_force_and_not_billable() -> None:
    lives = {"E11": [Span(Interval(FIRST), billable=False)], "E119": [Span(Interval(FIRST), billable=True)]}
    table = SYSTEM.read(table_of(of("icd10cm"), lives, {"E119": Title("Made up")}))
    library = Library((Shelf(system=SYSTEM, starter=table),))

    assert found(library, "e11").items == (
        FoundCode(code="E11", title=None, is_billable=False, is_in_force=True),
        FoundCode(code="E119", title="Made up", is_billable=True, is_in_force=True),
    )
    assert [each.code for each in found(library, "e11", items_max=1).items] == ["E11"]


def test_services_have_no_headings_and_keep_to_their_days() -> None:
    rows = [
        ProcedureCode(code="A1", label="Cane", valid=Interval(FIRST)),
        ProcedureCode(code="B2", label="Old cane", valid=Interval(FIRST, date(2020, 1, 1)), description="An old cane"),
    ]
    library = Library((Shelf(system=hcpcs.SYSTEM, starter=DatedTable(of("hcpcs"), rows)),))

    assert found(library, "cane", system="hcpcs").items == (
        FoundCode(code="A1", title="Cane", is_billable=None, is_in_force=True),
        FoundCode(code="B2", title="An old cane", is_billable=None, is_in_force=False),
    )


def test_a_list_that_somebody_brought_is_found_by_its_codes() -> None:
    brought = CodeList(Edition.of(of("cpt"), "0" * 64), [ListedCode(code="99213"), ListedCode(code="99214")])
    library = Library((Shelf(system=code_list.CPT, starter=brought),))

    assert [(each.code, each.title) for each in found(library, "9921", system="cpt").items] == [
        ("99213", None),
        ("99214", None),
    ]


def test_where_no_edition_answers_the_reason_is_told() -> None:
    assert found(TABLES, "cough", on=date(1999, 1, 1)) == Found(reason=Why.BEFORE_FIRST_EDITION)
    assert found(TABLES, "992", system="cpt") == Found(reason=Why.LICENSED)
    assert found(TABLES, "cane", system="hcpcs") == Found(reason=Why.ABSENT)


def test_the_indexes_of_the_tables_that_were_asked_last_are_kept() -> None:
    search = CodeSearch()
    for n in range(INDEXES_MAX + 2):
        table = SYSTEM.read(
            table_of(
                of("icd10cm", f"{n}"), {f"A0{n}": [Span(Interval(FIRST), billable=True)]}, {f"A0{n}": Title("Made")}
            )
        )
        library = Library((Shelf(system=SYSTEM, starter=table),))
        for _ in range(2):
            assert [each.code for each in search.find(library, "icd10cm", "made", ON, items_max=5).items] == [f"A0{n}"]

    assert len(search._indexes) == INDEXES_MAX  # noqa: SLF001 (what is kept is not seen elsewhere)
