"""NCCI pair edits as CMS publishes them: four files of lines with tabs, six of them headings, together one edition.

Owns: the layout. A pair stands there once for each span of days, so the key is column 1, column 2 and the first day.
Column 3 is no day but a mark (in existence before 1996). 2.5 million rows become 15 MB.
**Source**: Medicare NCCI PTP edit files; version v32.3 is the fourth quarter of 2026 (1994 + 32).
"""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise
from typing import Final

from shared.codesets.library import System
from shared.codesets.ncci_ptp import CODE_LENGTH, HOSPITAL, PRACTITIONER, PtpEdits, code_number
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told
from shared.codesets.packed import head_of, write

_COLUMNS: Final = 7
_HEADING: Final = (b"Column 1", b"Column 2")
_HEADINGS_MAX: Final = 12
_FILES: Final = 4
_VERSION: Final = re.compile(r"v(\d\d)(\d)r\d+-f(\d)\b", re.IGNORECASE)
_VERSION_ZERO: Final = 1994
_INDICATORS: Final = (b"0", b"1", b"9")
_OPEN: Final = b"*"
_DAY_LENGTH: Final = 8
_DAY_ZERO: Final = date(1900, 1, 1).toordinal()  # days take two bytes in a row's number, which puts spans in order
_DAYS_MAX: Final = 0x1_0000
_TERMS_MAX: Final = 0x1_0000


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
    table, count = rows.table(names[0], {"edition": head_of(provenance)})
    return Built.of(system, table, count, told)


class _Rows:
    """What was read so far: one number for each row, so that sorting needs no objects.

    **Shape**: `terms` are what pairs share (days, indicator, rationale), each with its number; `known` remembers them
    as they are printed, because a file has few different ones; a text there says what is wrong with them.
    """

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.terms: dict[tuple[str, str | None, int, str], int] = {}
        self.known: dict[tuple[bytes, ...], int | str] = {}

    def add(self, column1: int, column2: int, printed: tuple[bytes, ...]) -> str | None:
        """Take a row; return what is wrong with it, None where nothing is."""
        found = self.known.get(printed)
        if found is None:
            found = self.known[printed] = self._read(*printed)
        if isinstance(found, str):
            return found
        self.numbers.append((column1 << 32 | column2) << 32 | found)
        return None

    def _read(self, first_text: bytes, last_text: bytes, indicator: bytes, rationale: bytes) -> int | str:
        first, last = _day(first_text), None if last_text == _OPEN else _day(last_text)
        if first is None or not 0 <= first.toordinal() - _DAY_ZERO < _DAYS_MAX:
            return "column 4 is a day of our time, as 20260101"
        if (last is None and last_text != _OPEN) or (last is not None and last < first):
            return "columns 4 and 5 are days as 20260101, the second not before the first"
        if indicator not in _INDICATORS:
            return "column 6 is 0, 1 or 9"
        terms = (
            first.isoformat(),
            last.isoformat() if last else None,
            int(indicator),
            rationale.decode("latin-1").strip(),
        )
        return (first.toordinal() - _DAY_ZERO) << 16 | self.terms.setdefault(terms, len(self.terms))

    def table(self, file: str, head: Mapping[str, object]) -> tuple[bytes, int]:
        """Return the packed table and its rows; a row that stands twice is kept once."""
        if len(self.terms) > _TERMS_MAX:
            raise NotOfficial(file, "more different days and rationales than the table has room for")
        self.numbers.sort()
        numbers = [number for before, number in pairwise([-1, *self.numbers]) if number != before]
        column1, starts = array("I"), array("I")
        for code, rows in groupby(range(len(numbers)), key=lambda row: numbers[row] >> 64):
            column1.append(code)
            starts.append(next(rows))
        starts.append(len(numbers))
        sections = {
            "column1": column1,
            "starts": starts,
            "column2": array("I", [number >> 32 & 0xFFFF_FFFF for number in numbers]),
            "terms_of": array("H", [number & 0xFFFF for number in numbers]),
        }
        written = {name: section.tobytes() for name, section in sections.items()}
        return write({**head, "terms": list(self.terms)}, written), len(numbers)


def _read(member: Member, rows: _Rows, told: Told) -> None:
    for number, fields in _data(member):
        if len(fields) != _COLUMNS:
            raise NotOfficial(member.name, f"{_COLUMNS} columns were expected, {len(fields)} are there", number)
        column1, column2 = code_number(fields[0].decode("latin-1")), code_number(fields[1].decode("latin-1"))
        if column1 is None or column2 is None:
            told.reject(member.name, number, f"columns 1 and 2 are codes of {CODE_LENGTH} letters and digits")
        elif (wrong := rows.add(column1, column2, tuple(fields[3:]))) is not None:
            told.reject(member.name, number, wrong)


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


def _day(text: bytes) -> date | None:
    """Return a day as the file writes it; None for no day."""
    try:
        return date.fromisoformat(text.decode("ascii")) if len(text) == _DAY_LENGTH else None
    except ValueError:
        return None


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
