"""The cost indices of the localities as CMS publishes them: a small comma-separated file with footnotes at its end.

Owns: the layout. Some releases print the index of work twice, with the floor of 1.0 and without: the one with it is
what Medicare pays. Stars behind a name point to the footnotes.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from shared.codesets.dated import packed
from shared.codesets.edition import Interval
from shared.codesets.gpci import CONTRACTOR_LENGTH, NUMBER_LENGTH, SYSTEM, Locality
from shared.codesets.loaders.separated import after_headings, rows
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told

_INDEX: Final = re.compile(r"(?:(20\d\d) )?(pw|work|pe|mp) gpci\b(.*)", re.IGNORECASE)
_HEAD: Final = re.compile(
    rb"^\"?(?:Medicare\s+Administrative\s+Contractor|MAC\b)[\s\S]{0,400}?\bPE\s+GPCI\b", re.IGNORECASE | re.MULTILINE
)
_FOOTNOTE_CELLS: Final = 2
_THOUSANDTHS: Final = re.compile(r"(\d{1,2})(?:\.(\d{1,3})0*)?")


def build(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of one year. **Errors**: `NotOfficial`."""
    if len(members) > 1:
        raise NotOfficial(members[0].name, "the files are of several releases: load one at a time")
    (member,) = members
    told = Told()
    found = rows(member)
    headings = after_headings(member, found, _is_heading, "MAC, Locality Number, PE GPCI")
    headings = [_one_line(heading) for heading in headings]
    at, year = _places(member, headings)
    first = stated.effective_from or (date(year, 1, 1) if year else None)
    held: dict[str, Locality] = {}
    for line, cells in found:
        if sum(map(bool, cells)) <= _FOOTNOTE_CELLS:
            continue  # a footnote, or blanks
        if len(cells) != len(headings):
            raise NotOfficial(member.name, f"{len(headings)} columns were expected, {len(cells)} are there", line)
        row = _locality(cells, at, Interval(first) if first else Interval(date.min))
        if row is None:
            told.reject(
                member.name, line, "a contractor, a locality and three indices with up to three decimals are wanted"
            )
        elif held.setdefault(row.code, row) != row:
            told.reject(member.name, line, "the locality stands there twice, with other indices")
    printed = Period(str(year), date(year, 1, 1), date(year, 12, 31)) if year else None
    provenance = stated.provenance(
        SYSTEM.name, member.name, printed, source="CMS, geographic practice cost indices", told=told
    )
    return Built.of(SYSTEM, packed(provenance, held.values()), len(held), told)


def _is_heading(cells: Sequence[str]) -> bool:
    return any((found := _INDEX.fullmatch(_one_line(cell))) and found[2].lower() == "pe" for cell in cells)


def _one_line(cell: str) -> str:
    """Return a heading without the ends of lines that a spreadsheet may have put into it."""
    return " ".join(cell.split())


def _places(member: Member, headings: Sequence[str]) -> tuple[dict[str, int], int | None]:
    """Return where the columns stand and the year that the headings say. **Errors**: `NotOfficial`."""
    at: dict[str, int] = {}
    years: set[int] = set()
    for place, heading in enumerate(headings):
        lower = heading.lower()
        if found := _INDEX.fullmatch(heading):
            name = {"pw": "work"}.get(found[2].lower(), found[2].lower())
            if "without" not in found[3].lower():
                at.setdefault(name, place)
            years |= {int(found[1])} if found[1] else set()
        elif lower.endswith("(mac)") or lower == "mac":
            at["contractor"] = place
        elif lower in {"locality number", "locality"}:
            at["number"] = place
        elif lower in {"state", "locality name"}:
            at[lower.rpartition(" ")[2]] = place
    missing = {"work", "pe", "mp", "contractor", "number", "name"} - set(at)
    if missing or len(years) > 1:
        raise NotOfficial(member.name, f"its headings lack {', '.join(sorted(missing)) or 'one common year'}")
    return at, next(iter(years), None)


def _locality(cells: Sequence[str], at: dict[str, int], valid: Interval) -> Locality | None:
    contractor, number = cells[at["contractor"]].zfill(CONTRACTOR_LENGTH), cells[at["number"]].zfill(NUMBER_LENGTH)
    indices = [_THOUSANDTHS.fullmatch(cells[at[name]]) for name in ("work", "pe", "mp")]
    if len(contractor + number) != CONTRACTOR_LENGTH + NUMBER_LENGTH or not (contractor + number).isdecimal():
        return None
    work, expense, malpractice = (
        None if match is None else int(match[1]) * 1_000 + int((match[2] or "").ljust(3, "0")) for match in indices
    )
    if work is None or expense is None or malpractice is None:
        return None
    state = cells[at["state"]] if "state" in at else ""
    name = cells[at["name"]].rstrip("* ")
    return Locality(contractor + number, state, name, work, expense, malpractice, valid)


LAYOUTS: Final = (
    Layout(
        system=SYSTEM,
        about="geographic practice cost indices (GPCI2026.csv)",
        recognises=lambda _, head: _HEAD.search(head) is not None,
        build=build,
    ),
)
