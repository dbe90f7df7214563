"""Add-on code edits as CMS publishes them: a text of columns by name, separated by tabs or commas.

Owns: the layout. Days are written YYYYDDD, the number of the day in its year. A row ends with the first of three
deletions: of the edit, of the add-on code, of its primary code; each is a last usable day. CCCCC stands for primaries
that the contractor decides on.
**Source**: Medicare NCCI add-on code edits, CMS (`AOC_V2026Q4-MCR.txt`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain
from typing import Final

import msgspec

from shared.codesets.add_ons import BY_CONTRACTOR, SYSTEM, AddOnRow, EditType
from shared.codesets.edition import Interval
from shared.codesets.loaders.separated import HEADINGS_MAX, after_headings, rows, word
from shared.codesets.ncci_ptp import code_number
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told
from shared.codesets.packed import head_of, write

_PRIMARY, _ADD_ON, _TYPE, _NOTE = "primarycode", "addoncode", "aocedittype", "specialinstructionnotes"
_FIRST: Final = "aocediteffdt"
_DELETIONS: Final = ("aoceditdeldt", "aocdeldt", "primarycodedeldt")
_NEEDED: Final = (_PRIMARY, _ADD_ON, _TYPE, _FIRST, *_DELETIONS)
_TYPES: Final = {
    **{str(each.value): each for each in EditType},
    **dict(zip(("I", "II", "III"), EditType, strict=True)),  # until 2023
}
_NOTE_LENGTH_MAX: Final = 120
_JULIAN_LENGTH: Final = 7
_NO_YEAR: Final = 9999


def build(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of one edition. **Errors**: `NotOfficial`."""
    member, told = members[0], Told()
    if len(members) > 1:
        raise NotOfficial(member.name, "an edition is one file: load the others by themselves")
    found = dict.fromkeys(_rows(member, told))
    provenance = stated.provenance(
        SYSTEM.name,
        member.name,
        Period.quarter_named(member.name),
        source="CMS, Medicare NCCI add-on code edits",
        told=told,
    )
    table = write({"edition": head_of(provenance)}, {"rows": msgspec.json.encode(list(found))})
    return Built.of(SYSTEM, table, len(found), told)


def _rows(member: Member, told: Told) -> Iterator[AddOnRow]:
    """Yield what can be read, telling the rest. **Errors**: `NotOfficial`."""
    lines, separator = _separated(member)
    source = replace(member, lines=lines)
    found = rows(source, separator)
    headings = after_headings(source, found, lambda cells: _PRIMARY in map(word, cells), "Primary_Code and so on")
    places = {word(each).removesuffix("julian"): place for place, each in enumerate(headings)}
    missing = [name for name in _NEEDED if name not in places]
    if missing:
        raise NotOfficial(member.name, "headings are missing: Primary_Code, Add-On_Code, AOC_Edit_Type, or one of days")
    for line, cells in found:
        values = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        try:
            valid = _valid(values)
        except ValueError:
            told.reject(member.name, line, "days are written YYYYDDD, the first one not after the last")
            continue
        edit_type, primary = _TYPES.get(values[_TYPE]), values[_PRIMARY].upper()
        if edit_type is None or code_number(primary) is None or code_number(values[_ADD_ON]) is None:
            told.reject(member.name, line, "two codes of five letters and digits, and a type 1, 2 or 3 were expected")
            continue
        note = values.get(_NOTE, "").strip('()"')[:_NOTE_LENGTH_MAX]
        listed = None if primary == BY_CONTRACTOR else primary
        yield AddOnRow(values[_ADD_ON].upper(), listed, edit_type, valid, note)


def _separated(member: Member) -> tuple[Iterator[bytes], str]:
    """Return the lines of a file, and what separates its columns: tabs, where the headings have any."""
    lines, before = iter(member.lines), list[bytes]()
    for line in lines:
        before.append(line)
        if _PRIMARY in word(line.decode("latin-1")) or len(before) > HEADINGS_MAX:
            break
    return chain(before, lines), "\t" if before and b"\t" in before[-1] else ","


def _valid(values: dict[str, str]) -> Interval:
    """Return the days of a row. **Errors**: `ValueError`."""
    ends = [day for name in _DELETIONS if (day := _day(values[name])) is not None]
    valid = Interval(_day(values[_FIRST]) or date.min, min(ends, default=None))
    if valid.last is not None and valid.last < valid.first:
        raise ValueError("the row ends before it begins")
    return valid


def _day(text: str) -> date | None:
    """Return a day as the file writes it; None for none. **Errors**: `ValueError`."""
    if not text.strip("0"):
        return None
    if len(text) != _JULIAN_LENGTH or not text.isdecimal():
        raise ValueError("seven digits were expected")
    year, number = int(text[:4]), int(text[4:])
    if year == _NO_YEAR:
        return None
    day = date(year, 1, 1) + timedelta(days=number - 1)
    if day.year != year:
        raise ValueError("the year has no such day")
    return day


LAYOUTS: Final = (
    Layout(
        system=SYSTEM,
        about="NCCI add-on code edits (AOC_V…-MCR.txt)",
        recognises=lambda _, head: _ADD_ON in (said := word(head.decode("latin-1"))) and _TYPE in said,
        build=build,
    ),
)
