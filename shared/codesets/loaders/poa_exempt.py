"""The list of diagnoses exempt from present on admission, as CMS publishes it: one heading, and rows between tabs.

Owns: the layout: order number, code with its dot, title (which is not kept: the order file has it). The files of the
same zip that say what was added, deleted or revised are not the list, and are not taken for it.
**Source**: CMS, POAexemptCodesFY26.txt and its read-me file.
"""

import re
from array import array
from collections.abc import Sequence
from typing import Final

from shared.codesets.icd10cm import stored_form
from shared.codesets.loaders.fiscal_year import fiscal_year, printed
from shared.codesets.official import Built, Layout, Member, NotOfficial, Stated, Told
from shared.codesets.packed import head_of, key, write
from shared.codesets.poa_exempt import SYSTEM

_HEADING: Final = re.compile(rb"Order(\d\d)\tPOAexemptCode\tDescription\s*")
_CHANGES: Final = re.compile(r"exempt[-_ ]?(?:add|delete|revise)", re.IGNORECASE)
_CODE: Final = re.compile(r"[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?")
_CENTURY: Final = 2000
_COLUMNS: Final = 3


def build(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of a fiscal year. **Errors**: `NotOfficial`."""
    if len(members) > 1:
        raise NotOfficial(members[1].name, "this is a second list: load one at a time")
    (member,) = members
    told = Told()
    lines = iter(member.lines)
    heading = _HEADING.fullmatch(next(lines, b""))
    if heading is None:
        raise NotOfficial(member.name, "the headings Order26, POAexemptCode and Description were expected", 1)
    codes: set[str] = set()
    for number, raw in enumerate(lines, start=2):
        fields = raw.decode("latin-1").rstrip("\r\n").split("\t")
        if not any(fields):
            continue
        if len(fields) != _COLUMNS:
            raise NotOfficial(member.name, f"{_COLUMNS} columns were expected, {len(fields)} are there", number)
        if _CODE.fullmatch(fields[1].strip()) is None:
            told.reject(member.name, number, "column 2 is a code with its dot")
        else:
            codes.add(stored_form(fields[1]))
    if not codes:
        raise NotOfficial(member.name, "it has no row")
    said = printed(member.name) or fiscal_year(_CENTURY + int(heading[1]))
    provenance = stated.provenance(SYSTEM.name, member.name, said, source=SYSTEM.source, told=told)
    packed = array("Q", sorted(key(code) or 0 for code in codes))
    table = write({"edition": head_of(provenance)}, {"codes": packed.tobytes()})
    return Built(table=table, edition=SYSTEM.read(table).edition, rows=len(codes), told=told)


LAYOUTS: Final = (
    Layout(
        system=SYSTEM,
        about="Diagnoses exempt from present on admission (POAexemptCodesFY26.txt)",
        recognises=lambda name, head: _HEADING.match(head) is not None and _CHANGES.search(name) is None,
        build=build,
    ),
)
