"""Medically unlikely edits as CMS publishes them: a table of four columns behind a notice, one for each setting.

Owns: the layout. The second heading names the setting. The day from which the table holds stands only in its name
(`MCR_MUE_PractitionerServices_Eff_10-01-2026.csv`). Refuses: tables of Medicaid, which have no indicator.
**Source**: Medicare NCCI medically unlikely edits, CMS.
"""

import re
from array import array
from collections.abc import Sequence
from typing import Final

from shared.codesets.library import System
from shared.codesets.loaders.separated import after_headings, rows, word
from shared.codesets.mue import DME, OUTPATIENT, PRACTITIONER, Counted, UnitLimits
from shared.codesets.ncci_ptp import CODE_LENGTH, code_number
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told
from shared.codesets.packed import head_of, write

_COLUMNS: Final = 4
_CODE: Final = "hcpcscptcode"
_UNITS_MAX: Final = 0xFFFF_FFFF
_RATIONALES_MAX: Final = 256
_RATIONALE_LENGTH_MAX: Final = 60
_INDICATORS: Final = {str(each.value): each for each in Counted}


def build(system: System[UnitLimits], setting: str, members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of one setting and quarter. **Errors**: `NotOfficial`."""
    member, told = members[0], Told()
    if len(members) > 1:
        raise NotOfficial(member.name, "a quarter is one table: load the others by themselves")
    found = rows(member)
    headings = [word(each) for each in after_headings(member, found, _is_heading, "HCPCS/CPT Code")]
    if setting not in headings[1] or not headings[1].endswith("muevalues"):
        raise NotOfficial(member.name, f"the second heading should be {setting} … MUE Values")
    if headings[2:] != ["mueadjudicationindicator", "muerationale"]:
        raise NotOfficial(member.name, "the last headings should be MUE Adjudication Indicator and MUE Rationale")
    limits: dict[int, tuple[int, Counted, int]] = {}
    rationales: dict[str, int] = {}
    for line, cells in found:
        code, indicator = code_number(cells[0]), _INDICATORS.get(cells[2][:1]) if len(cells) == _COLUMNS else None
        if code is None or code in limits:
            told.reject(member.name, line, f"column 1 is a code of {CODE_LENGTH} letters and digits, once in a table")
        elif indicator is None or not cells[1].isdecimal() or int(cells[1]) > _UNITS_MAX:
            told.reject(member.name, line, "columns 2 and 3 are a number of units and an indicator 1, 2 or 3")
        else:
            rationale = rationales.setdefault(cells[3][:_RATIONALE_LENGTH_MAX], len(rationales))
            limits[code] = int(cells[1]), indicator, rationale
    if len(rationales) > _RATIONALES_MAX:
        raise NotOfficial(member.name, "more different rationales than the table has room for")
    provenance = stated.provenance(
        system.name,
        member.name,
        Period.quarter_named(member.name),
        source="CMS, Medicare NCCI medically unlikely edits",
        told=told,
    )
    listed = sorted(limits)
    sections = {
        "codes": array("I", listed),
        "units": array("I", [limits[code][0] for code in listed]),
        "counted": array("B", [limits[code][1].value for code in listed]),
        "rationale": array("B", [limits[code][2] for code in listed]),
    }
    head = {"edition": head_of(provenance), "rationales": list(rationales)}
    table = write(head, {name: section.tobytes() for name, section in sections.items()})
    return Built.of(system, table, len(listed), told)


def _is_heading(cells: Sequence[str]) -> bool:
    return len(cells) == _COLUMNS and word(cells[0]) == _CODE


def _layout(system: System[UnitLimits], about: str, setting: str) -> Layout:
    heading = re.compile(setting.encode() + rb"[\w ]*MUE Values", re.IGNORECASE)
    return Layout(
        system=system,
        about=about,
        recognises=lambda _, head: heading.search(head) is not None,
        build=lambda members, stated: build(system, setting, members, stated),
    )


LAYOUTS: Final = (
    _layout(PRACTITIONER, "NCCI unit limits, practitioner (MCR_MUE_PractitionerServices…csv)", "practitioner"),
    _layout(OUTPATIENT, "NCCI unit limits, outpatient hospital (MCR_MUE_OutpatientHospitalServices…csv)", "hospital"),
    _layout(DME, "NCCI unit limits, supplies (MCR_MUE_DMESupplierServices…csv)", "dme"),
)
