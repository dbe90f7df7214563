"""Tables of a few made-up rows in the official layouts, for the rules that go by them."""

from datetime import date
from typing import Any, Final

import pytest

from services.validation.domain.tables import Tables
from shared.codesets import add_ons, coverage_articles, mue, ncci_ptp
from shared.codesets.library import Library, System
from shared.codesets.loaders import add_ons as add_on_files
from shared.codesets.loaders import coverage_articles as article_files
from shared.codesets.loaders import mue as mue_files
from shared.codesets.loaders.ncci_ptp import LAYOUTS as PAIR_EDITS
from shared.codesets.ncci_ptp import PtpEdits
from shared.codesets.official import Built, Member, Stated
from tests.support import coverage_articles as written
from tests.support.pair_edits import built, row
from tests.unit.shared.codesets.reference_data import FOLDER

_ADD_ONS: Final = (
    "Primary_Code\tAdd-On_Code\tAOC_Edit_Type\tSpecial_Instruction_Notes\tAOC_Del_Dt\tPrimary_Code_Del_Dt"
    "\tAOC_Edit_Eff_Dt\tAOC_Edit_Del_Dt\r\n"
)
_BEGINNING: Final = date(1996, 1, 1)


def with_pair_edits(*rows: tuple[str, str, str, str, str], first: date = _BEGINNING) -> Tables:
    """Return tables with pair edits. **Shape**: a row is two codes, first and last day, and the indicator."""
    return _with(ncci_ptp.PRACTITIONER, built(*(row(*each) for each in rows), first=first))


def with_published_pair_edits(tables: Tables) -> Tables:
    """Return tables with the published sample of pair edits, since the first of them; skip where it is absent."""
    path = FOLDER / "ncci" / "ptp_practitioner_2026Q3_sample_AMA.txt"
    if not path.exists():
        pytest.skip("the sample is not beside the repository")
    member = Member(name=path.name, lines=path.read_bytes().splitlines(keepends=True))
    made = PAIR_EDITS[0].build([member], Stated(release="2026Q3 sample", effective_from=_BEGINNING))
    return tables.over(tables.library.with_table(ncci_ptp.PRACTITIONER, ncci_ptp.PRACTITIONER.read(made.table)))


def pair_edits(tables: Tables) -> PtpEdits:
    """Return the pair edits in tables."""
    found = tables.library.on(ncci_ptp.PRACTITIONER, date(2026, 3, 3))
    assert isinstance(found, PtpEdits)
    return found


def with_unit_limits(*rows: str, supplier: bool = False) -> Tables:
    """Return tables with unit limits of the year. **Shape**: a row is `code,units,indicator`."""
    setting = "DME Supplier Services MUE Values" if supplier else "Practitioner Services MUE Values"
    headings = f"HCPCS/CPT Code,{setting},MUE Adjudication Indicator,MUE Rationale\r\n"
    text = f'"CPT only copyright of its owner.",,,\r\n{headings}'
    text += "".join(f"{each} Edit,Nature of Service/Procedure\r\n" for each in rows)
    system = mue.DME if supplier else mue.PRACTITIONER
    (layout,) = [each for each in mue_files.LAYOUTS if each.system is system]
    return _with(system, layout.build([_member("mue.csv", text)], _stated(date(2026, 1, 1))))


def with_add_ons(*rows: tuple[str, str, str, str]) -> Tables:
    """Return tables with add-on codes. **Shape**: a row is primary, add-on, type and note."""
    text = _ADD_ONS + "".join(
        f"{primary}\t{code}\t{kind}\t{note}\t\t\t2013001\t\r\n" for primary, code, kind, note in rows
    )
    return _with(add_ons.SYSTEM, add_on_files.build([_member("AOC_V2026Q1-MCR.txt", text)], _stated(date(2013, 1, 1))))


def with_articles(tables: written.Tables) -> Tables:
    """Return tables with coverage articles of the quarter. **Shape**: rows as `tests.support.coverage_articles`."""
    (layout,) = article_files.LAYOUTS
    stated = Stated(release="example", effective_from=date(2026, 1, 1), effective_to=date(2026, 3, 31))
    return _with(coverage_articles.SYSTEM, layout.build(written.members(tables), stated))


def _with(system: System[Any], made: Built) -> Tables:
    return Tables(library=Library().with_table(system, system.read(made.table)))


def _member(name: str, text: str) -> Member:
    return Member(name=name, lines=text.encode("latin-1").splitlines(keepends=True))


def _stated(first: date) -> Stated:
    return Stated(release="example", effective_from=first)
