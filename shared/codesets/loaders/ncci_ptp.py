"""NCCI pair edits as CMS publishes them: four files of lines with tabs, six of them headings, together one edition.

Owns: the layout. A pair stands there once for each span of days, so the key is column 1, column 2 and the first day.
Column 3 is no day but a mark (in existence before 1996). 2.5 million rows become 25 MB.
**Source**: Medicare NCCI PTP edit files; version v32.3 is the fourth quarter of 2026 (1994 + 32).
"""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise
from typing import Final

from shared.codesets.library import System
from shared.codesets.ncci_ptp import CODE_LENGTH, DAY_ZERO, HOSPITAL, OPEN, PRACTITIONER, PtpEdits, code_number
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told
from shared.codesets.packed import head_of, write

_COLUMNS: Final = 7
_HEADING: Final = (b"Column 1", b"Column 2")
_HEADINGS_MAX: Final = 12
_FILES: Final = 4
_VERSION: Final = re.compile(r"v(\d\d)(\d)r\d+-f(\d)\b", re.IGNORECASE)
_VERSION_ZERO: Final = 1994
_INDICATORS: Final = {b"0": 0, b"1": 1, b"9": 9}
_LAST_DAY: Final = OPEN - 1
_RATIONALES_MAX: Final = 256


def build(system: System[PtpEdits], members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of one edition from all its files. **Errors**: `NotOfficial`."""
    told = Told()
    rows = _Rows()
    for member in members:
        _read(member, rows, told)
    names = [member.name for member in members]
    provenance = stated.provenance(
        system.name, names[0], _printed(names), source="CMS, Medicare NCCI procedure-to-procedure edits", told=told
    )
    head = {"edition": head_of(provenance), "rationales": list(rows.rationales)}
    table, count = rows.table(names[0], head)
    return Built(table=table, edition=PtpEdits.read(system.name, table).edition, rows=count, told=told)


class _Rows:
    """What was read so far: one number for each row, so that sorting needs no objects."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.rationales: dict[str, int] = {}

    def add(self, pair: tuple[int, int], days: tuple[int, int], indicator: int, rationale: str) -> None:
        code = self.rationales.setdefault(rationale, len(self.rationales))
        self.numbers.append((pair[0] << 32 | pair[1]) << 48 | days[0] << 32 | days[1] << 16 | indicator << 8 | code)

    def table(self, file: str, head: Mapping[str, object]) -> tuple[bytes, int]:
        """Return the packed table and its rows; a row that stands twice is kept once."""
        self.numbers.sort()
        numbers = [number for before, number in pairwise([-1, *self.numbers]) if number != before]
        if len(self.rationales) > _RATIONALES_MAX:
            raise NotOfficial(file, "more different rationales than the table has room for")
        column1, starts = array("I"), array("I")
        for code, rows in groupby(range(len(numbers)), key=lambda row: numbers[row] >> 80):
            column1.append(code)
            starts.append(next(rows))
        starts.append(len(numbers))
        sections = {
            "column1": column1,
            "starts": starts,
            "column2": array("I", [number >> 48 & 0xFFFF_FFFF for number in numbers]),
            "first": array("H", [number >> 32 & 0xFFFF for number in numbers]),
            "last": array("H", [number >> 16 & 0xFFFF for number in numbers]),
            "indicator": array("B", [number >> 8 & 0xFF for number in numbers]),
            "rationale": array("B", [number & 0xFF for number in numbers]),
        }
        return write(head, {name: section.tobytes() for name, section in sections.items()}), len(numbers)


def _read(member: Member, rows: _Rows, told: Told) -> None:
    days: dict[bytes, int | None] = {b"*": OPEN}
    for number, fields in _data(member):
        if len(fields) != _COLUMNS:
            raise NotOfficial(member.name, f"{_COLUMNS} columns were expected, {len(fields)} are there", number)
        column1, column2 = code_number(fields[0].decode("latin-1")), code_number(fields[1].decode("latin-1"))
        first, last = _day(fields[3], days), _day(fields[4], days)
        indicator = _INDICATORS.get(fields[5])
        if column1 is None or column2 is None:
            told.reject(member.name, number, f"columns 1 and 2 are codes of {CODE_LENGTH} letters and digits")
        elif first is None or first == OPEN or last is None or last < first:
            told.reject(member.name, number, "columns 4 and 5 are days as 20260101, the second not before the first")
        elif indicator is None:
            told.reject(member.name, number, "column 6 is 0, 1 or 9")
        else:
            rows.add((column1, column2), (first, last), indicator, fields[6].decode("latin-1").strip())


def _data(member: Member) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the rows after the headings, each with the number of its line. **Errors**: `NotOfficial`."""
    seen = False
    for number, line in enumerate(member.lines, start=1):
        fields = line.rstrip(b"\r\n").split(b"\t")
        if seen:
            is_heading = not fields[0] and number <= _HEADINGS_MAX  # the headings go on over several lines
            if any(fields) and not is_heading:
                yield number, fields
        else:
            seen = tuple(each.strip() for each in fields[:2]) == _HEADING
            if not seen and number > _HEADINGS_MAX:
                raise NotOfficial(member.name, "the headings Column 1 and Column 2 were expected", number)
    if not seen:
        raise NotOfficial(member.name, "it ends before the headings Column 1 and Column 2")


def _day(text: bytes, known: dict[bytes, int | None]) -> int | None:
    """Return a day as the table writes it, remembered because a file has few different ones; None for no day."""
    if text not in known:
        try:
            day = date.fromisoformat(text.decode("ascii")).toordinal() - DAY_ZERO
        except ValueError:
            day = -1
        known[text] = day if 0 <= day <= _LAST_DAY else None
    return known[text]


def _printed(names: Sequence[str]) -> Period | None:
    """Return the quarter that the names say. **Errors**: `NotOfficial` where files of it are missing."""
    found = [match for name in names if (match := _VERSION.search(name)) is not None]
    if len(found) != len(names):
        return None
    versions = {(int(match[1]), int(match[2])) for match in found}
    if len(versions) > 1:
        raise NotOfficial(names[0], "the files are of several versions: load one version at a time")
    missing = sorted(set(range(1, _FILES + 1)) - {int(match[3]) for match in found})
    if missing:
        raise NotOfficial(names[0], f"f{', f'.join(map(str, missing))} of the same version must be loaded with it")
    ((year, quarter),) = versions
    return Period.quarter(_VERSION_ZERO + year, quarter + 1)


def _layout(system: System[PtpEdits], about: str, words: str) -> Layout:
    of_name = re.compile(words, re.IGNORECASE)
    return Layout(
        system=system,
        about=about,
        recognises=lambda name, head: of_name.search(name) is not None and _HEADING[0] + b"\t" + _HEADING[1] in head,
        build=lambda members, stated: build(system, members, stated),
    )


LAYOUTS: Final = (
    _layout(PRACTITIONER, "NCCI pair edits, practitioner (ccipra…f1 to f4)", "ccipra|practitioner"),
    _layout(HOSPITAL, "NCCI pair edits, outpatient hospital (ccioph…f1 to f4)", "ccioph|hospital"),
)
