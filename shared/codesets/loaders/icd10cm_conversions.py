"""The conversion table of ICD-10-CM: every code that was added since 2015, and what was coded before it.

Owns: the layout: a title, the headings `Current code assignment`, `Effective`, `Previous Code(s) Assignment`, and rows
between tabs; or between commas, as a spreadsheet saves its sheet. A year means its first of October. Refuses: guessing
which codes a phrase means (`Codes in categories T15-T19`): it is kept as said.
**Source**: NCHS, ICD-10-CM conversion table FY2026.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from shared.codesets.icd10cm_conversions import SYSTEM, Conversion, table_of
from shared.codesets.loaders.fiscal_year import printed
from shared.codesets.official import Built, Layout, Member, NotOfficial, Stated, Told

_HEADINGS: Final = (b"current code assignment", b"effective", b"previous code(s) assignment")
_HEADINGS_MAX: Final = 20
_COLUMNS: Final = 3
_CENTURY: Final = 2000
_YEAR: Final = re.compile(r"20\d\d")
_SLASHES: Final = re.compile(r"(\d\d?)/(\d\d?)/(?:20)?(\d\d)")
_DAY: Final = re.compile(r"(20\d\d-\d\d-\d\d)(?:[ T]00:00:00)?")
_CODE: Final = re.compile(r"[A-Z][0-9A-Z]{2}(?:\.?[0-9A-Z]{1,4})?")  # a few rows lack the dot
_BETWEEN: Final = re.compile(r"\s*[,;&]\s*|\s+and\s+", re.IGNORECASE)
_RANGE: Final = re.compile(rf"({_CODE.pattern})\s?-\s?({_CODE.pattern})")
_LAST_CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def build(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of a fiscal year. **Errors**: `NotOfficial`."""
    if len(members) > 1:
        raise NotOfficial(members[1].name, "this is a second conversion table: load the latest, it holds the others")
    (member,) = members
    told = Told()
    conversions = list(_read(member, told))
    provenance = stated.provenance(SYSTEM.name, member.name, printed(member.name), source=SYSTEM.source, told=told)
    table = table_of(provenance, conversions)
    read = SYSTEM.read(table)
    return Built(table=table, edition=read.edition, rows=len(read), told=told)


def _read(member: Member, told: Told) -> Iterator[Conversion]:
    for number, (code, effective, said) in _rows(member):
        since = _day(effective)
        if _CODE.fullmatch(code) is None:
            told.reject(member.name, number, "column 1 is a code")
        elif since is None:
            told.reject(member.name, number, "column 2 is a year, or a day as 04/01/23")
        else:
            yield Conversion(code.replace(".", ""), since, previous_codes(said), said)


def _rows(member: Member) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the headings, with their lines. **Errors**: `NotOfficial`."""
    delimiter = None
    for number, raw in enumerate(member.lines, start=1):
        if delimiter is None:
            delimiter = _delimiter(raw)
            if delimiter is None and number >= _HEADINGS_MAX:
                raise NotOfficial(member.name, "the heading Current code assignment was expected", number)
            continue
        line = raw.decode("utf-8", errors="replace").strip("\r\n")
        (fields,) = csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_MINIMAL) if line.strip() else ([],)
        fields = [" ".join(each.replace('"', "").split()) for each in fields]
        if not any(fields):
            continue
        if len(fields) < _COLUMNS or any(fields[_COLUMNS:]):
            raise NotOfficial(member.name, f"{_COLUMNS} columns were expected, {len(fields)} are there", number)
        yield number, fields[:_COLUMNS]
    if delimiter is None:
        raise NotOfficial(member.name, "it ends before the heading Current code assignment")


def _delimiter(line: bytes) -> str | None:
    """Return what stands between the columns of a line of headings; None for another line."""
    for delimiter in ("\t", ","):
        fields = [field.strip(b' "\r\n').lower() for field in line.split(delimiter.encode())]
        if tuple(fields[:_COLUMNS]) == _HEADINGS:
            return delimiter
    return None


def _day(text: str) -> date | None:
    """Return the first day that the table says; None where it says none."""
    if _YEAR.fullmatch(text):
        return date(int(text), 10, 1)
    try:
        if (found := _DAY.fullmatch(text)) is not None:
            return date.fromisoformat(found[1])
        if (found := _SLASHES.fullmatch(text)) is not None:
            return date(_CENTURY + int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        return None
    return None


def previous_codes(said: str) -> tuple[str, ...]:
    """Return the codes that a wording names one by one, in their stored form.

    **Shape**: a range counts where only its last character runs (`H02.101-H02.106`); a phrase names none.
    """
    codes: list[str] = []
    for part in _BETWEEN.split(said):
        if _CODE.fullmatch(part):
            codes.append(part.replace(".", ""))
        elif (found := _RANGE.fullmatch(part)) is not None:
            codes.extend(_run(found[1].replace(".", ""), found[2].replace(".", "")))
    return tuple(dict.fromkeys(codes))


def _run(first: str, last: str) -> Iterator[str]:
    if first[:-1] == last[:-1]:
        begin, end = _LAST_CHARACTERS.index(first[-1]), _LAST_CHARACTERS.index(last[-1])
        yield from (first[:-1] + character for character in _LAST_CHARACTERS[begin : end + 1])


def _recognises(_: str, head: bytes) -> bool:
    return any(_delimiter(line) is not None for line in head.splitlines()[:_HEADINGS_MAX])


LAYOUTS: Final = (
    Layout(
        system=SYSTEM,
        about="ICD-10-CM conversion table (2026-conversion-table.zip)",
        recognises=_recognises,
        build=build,
    ),
)
