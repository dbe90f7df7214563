"""The laboratory fee schedule as CMS publishes it: comma-separated, four lines of notices before the headings.

Owns: the layout. The three descriptions of a row are AMA's and are not kept.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from shared.codesets.clfs import SYSTEM, LabFee
from shared.codesets.dated import packed
from shared.codesets.edition import Interval
from shared.codesets.loaders.separated import after_headings, rows
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told

_HEADINGS: Final = ["YEAR", "HCPCS", "MOD", "EFF_DATE", "INDICATOR", "RATE"]
_HEADINGS_LINE: Final = re.compile(rb"^YEAR,HCPCS,MOD,EFF_DATE,INDICATOR,RATE,", re.MULTILINE)
_QUARTER: Final = re.compile(r"CY(20\d\d)[-_ ]?Q([1-4])", re.IGNORECASE)
_CODE: Final = re.compile(r"[0-9A-Z]{5}(?:[0-9A-Z]{2})?")
_RATE: Final = re.compile(r"(\d{1,7})(?:\.(\d{1,2})0*)?")
_NATIONAL: Final = "N"


def build(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of one quarter. **Errors**: `NotOfficial`."""
    if len(members) > 1:
        raise NotOfficial(members[0].name, "the files are of several releases: load one at a time")
    (member,) = members
    told = Told()
    found = rows(member)
    headings = after_headings(member, found, lambda cells: cells[: len(_HEADINGS)] == _HEADINGS, "YEAR, HCPCS, MOD")
    columns = sum(map(bool, headings))  # the line of headings may end with a comma more
    held: dict[str, LabFee] = {}
    for line, cells in found:
        if len(cells) < columns or any(cells[columns:]):
            raise NotOfficial(member.name, f"{columns} columns were expected, {len(cells)} are there", line)
        row = _fee(cells)
        if row is None:
            told.reject(member.name, line, "a code, a modifier, a day as 20260101 and a rate in dollars are wanted")
        elif held.setdefault(row.code, row) != row:
            told.reject(member.name, line, "the code stands there twice, with another rate")
    quarter = _QUARTER.search(member.name)
    printed = Period.quarter(int(quarter[1]), int(quarter[2])) if quarter else Period.quarter_named(member.name)
    provenance = stated.provenance(
        SYSTEM.name, member.name, printed, source="CMS, clinical laboratory fee schedule", told=told
    )
    return Built.of(SYSTEM, packed(provenance, held.values()), len(held), told)


def _fee(cells: Sequence[str]) -> LabFee | None:
    code, rate = cells[1] + cells[2], _RATE.fullmatch(cells[5].lstrip("$").replace(",", ""))
    since = _day(cells[3])
    if _CODE.fullmatch(code) is None or rate is None or since is None:
        return None
    cents = int(rate[1]) * 100 + int((rate[2] or "").ljust(2, "0"))
    return LabFee(code, cents, cells[4].upper() == _NATIONAL, Interval(since))


def _day(text: str) -> date | None:
    """Return a day as `20260101` or, from a spreadsheet, `1/1/2026`; None for what is none."""
    month, slash, rest = text.partition("/")
    day, _, year = rest.partition("/")
    try:
        return date.fromisoformat(f"{year:0>4}-{month:0>2}-{day:0>2}" if slash else text)
    except ValueError:
        return None


LAYOUTS: Final = (
    Layout(
        system=SYSTEM,
        about="clinical laboratory fee schedule (PUF_CLFS_CY…Q….csv)",
        recognises=lambda _, head: _HEADINGS_LINE.search(head) is not None,
        build=build,
    ),
)
