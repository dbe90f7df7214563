"""The list of code sets: each once, each layout for a known one, each starter on its own shelf."""

from pathlib import Path
from typing import Any, Final

import pytest

from shared.codesets.library import Library, System
from shared.codesets.systems import LAYOUTS, RESTATED, STARTERS, SYSTEMS, starter_file

REFERENCE: Final = Path(__file__).resolve().parents[4] / "reference"


def test_each_code_set_is_listed_once() -> None:
    names = [system.name for system in SYSTEMS]

    assert len(set(names)) == len(names)
    assert all(system.title and system.source for system in SYSTEMS)


def test_a_layout_builds_a_listed_code_set() -> None:
    assert {layout.system.name for layout in LAYOUTS} <= {system.name for system in SYSTEMS}
    assert len({layout.about for layout in LAYOUTS}) == len(LAYOUTS)


def test_a_starter_is_an_edition_of_its_code_set() -> None:
    assert {shelf.system.name for shelf in RESTATED} <= {system.name for system in SYSTEMS}
    assert all(edition.system == shelf.system.name for shelf in RESTATED for edition in shelf.editions())
    assert len(Library(RESTATED).editions()) == len(RESTATED)


@pytest.mark.parametrize("system", STARTERS, ids=lambda system: system.name)
def test_rows_of_a_starter_are_in_the_order_of_their_names(system: System[Any]) -> None:
    rows = list(system.read((REFERENCE / starter_file(system)).read_bytes()).rows())
    names = [name for name, _ in rows]

    assert names == sorted(set(names))
    assert all(said for _, said in rows)


@pytest.mark.parametrize(
    ("name", "head", "systems"),
    [
        ("october-2026.zip/HCPC2026_OCT_ANWEB_v2.txt", "   A1001007Example", {"hcpcs", "modifiers"}),
        ("HCPC2026_OCT_ANWEB_09172026.txt", "A0021001003Example", {"hcpcs", "modifiers"}),
        (
            "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv",
            '"notice"\n"HCPCS/\nCPT Code",Practitioner Services MUE Values,',
            {"mue_practitioner"},
        ),
        (
            "MCR_MUE_OutpatientHospitalServices_Eff_10-01-2026.csv",
            '"HCPCS/\nCPT Code",Outpatient Hospital Services MUE Values,',
            {"mue_outpatient"},
        ),
        (
            "MCR_MUE_DMESupplierServices_Eff_10-01-2026.csv",
            '"HCPCS/\nCPT Code",DME Supplier Services MUE Values,',
            {"mue_dme"},
        ),
        ("AOC_V2026Q4-MCR.txt", "Primary_Code\tAdd-On_Code\tAOC_Edit_Type\t", {"add_ons"}),
        ("ccipra-v323r0-f1.TXT", "Column 1\tColumn 2\t", {"ncci_ptp_practitioner"}),
        ("ccioph-v323r0-f1.TXT", "Column 1\tColumn 2\t", {"ncci_ptp_hospital"}),
        ("nucc_taxonomy_261.csv", "Code,Grouping,Classification,Specialization,Definition\n", {"taxonomy"}),
        ("place-of-service.csv", "code,name,rate_type\n", {"pos"}),
        ("revenue.csv", "code,description,start,end\n", {"revenue"}),
        ("fy2027-fr-definition-mce-v44.zip/Definitions of Medicare Code Edits_v_44.txt", "", {"mce"}),
        ("read me.txt", "Dear reader", set()),
    ],
)
def test_a_published_file_is_of_its_code_sets_and_no_others(name: str, head: str, systems: set[str]) -> None:
    assert {layout.system.name for layout in LAYOUTS if layout.recognises(name, head.encode())} == systems
