"""HCPCS Level II and its modifiers as CMS publishes them each quarter: one file of records of fixed width.

Owns: the layout. A code is a record 3 and as many records 4 as its description needs; a modifier is 7 and 8. Only the
first has details. Two tables come out of one file. Refuses: CPT and dental codes, which another licence covers, and
reports of transactions and corrections, which are no list of codes.
**Source**: CMS, HCPCS contractor record; 320 columns, 293 of them used in the file for everybody (ANWEB).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from shared.codesets.dated import packed
from shared.codesets.edition import Interval
from shared.codesets.hcpcs import SYSTEM, Coverage, ProcedureCode, is_cdt, is_cpt, is_unspecific
from shared.codesets.modifiers import MODIFIERS, Modifier, kind_of
from shared.codesets.modifiers import SYSTEM as MODIFIERS_SYSTEM
from shared.codesets.modifiers import is_cpt as is_cpt_modifier
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told

_SOURCE: Final = "CMS, HCPCS Level II quarterly file"
_OF_CPT: Final = "CPT, licensed by the American Medical Association"
_OF_CDT: Final = "CDT, licensed by the American Dental Association"
_FOREIGN: Final = (_OF_CPT, _OF_CDT)
_RECORD: Final = re.compile(r"(?P<code>.{5})\d{5}(?P<kind>[3478])")
_RECORD_BYTES: Final = re.compile(rb"(?:   [A-Z0-9]{2}|[A-Z0-9]{5})\d{5}[3478]")
_NO_LIST: Final = re.compile(r"transaction|correction|layout|note", re.IGNORECASE)
_CODE: Final = re.compile(r"[A-Z][0-9]{4}")
_MODIFIER: Final = re.compile(r"[A-Z0-9]{2}")
_PROCEDURE, _MODIFIES = ("3", "4"), ("7", "8")
_TWICE: Final = "the same code stood before, with something else"
_DETAILS_END: Final = 276  # where the day of addition ends; what follows may be blank and cut off


@dataclass(slots=True)
class _Entry:
    """A code with all its records. **Shape**: `first` is the record with details, from column 1."""

    line: int
    code: str
    first: str
    texts: list[str] = field(default_factory=list)

    def at(self, begin: int, end: int) -> str:
        """Return what stands between two columns, as the layout counts them: from 1, both included."""
        return self.first[begin - 1 : end].strip()

    def each(self, begin: int, width: int, times: int) -> tuple[str, ...]:
        """Return the filled ones of several fields of one width."""
        found = (self.at(begin + width * n, begin + width * (n + 1) - 1) for n in range(times))
        return tuple(value for value in found if value)

    @property
    def description(self) -> str:
        return " ".join(filter(None, map(str.strip, self.texts)))

    @property
    def valid(self) -> Interval | None:
        """Return the days of the code; None where they cannot be read."""
        try:
            first, last = _day(self.at(269, 276)), _day(self.at(285, 292))
        except ValueError:
            return None
        return None if first is None or (last is not None and last < first) else Interval(first, last)


def build_codes(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of codes of one quarter. **Errors**: `NotOfficial`."""
    member, told = _only(members), Told()
    rows: dict[str, ProcedureCode] = {}
    for entry in _entries(member, _PROCEDURE, told):
        valid = entry.valid
        if is_cpt(entry.code) or is_cdt(entry.code):
            told.drop(_OF_CDT if is_cdt(entry.code) else _OF_CPT)
        elif not _CODE.fullmatch(entry.code):
            told.reject(member.name, entry.line, "columns 1 to 5 are a letter and four digits")
        elif valid is None:
            told.reject(member.name, entry.line, "columns 269 to 276 and 285 to 292 are days, the second maybe blank")
        elif rows.setdefault(entry.code, row := _procedure(entry, valid)) != row:
            told.reject(member.name, entry.line, _TWICE)
    provenance = stated.provenance(
        SYSTEM.name, member.name, Period.quarter_named(member.name), source=_SOURCE, told=told, foreign=_FOREIGN
    )
    return Built.of(SYSTEM, packed(provenance, rows.values()), len(rows), told)


def build_modifiers(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of modifiers of a quarter: the file's, and CPT's by number. **Errors**: `NotOfficial`."""
    member, told = _only(members), Told()
    rows = {row.code: row for row in MODIFIERS if is_cpt_modifier(row.code)}
    for entry in _entries(member, _MODIFIES, told):
        code, valid = entry.code.strip(), entry.valid
        if is_cpt_modifier(code):
            told.drop(_OF_CPT)
        elif not _MODIFIER.fullmatch(code):
            told.reject(member.name, entry.line, "columns 4 and 5 are two letters or digits")
        elif valid is None:
            told.reject(member.name, entry.line, "columns 269 to 276 and 285 to 292 are days, the second maybe blank")
        elif rows.setdefault(code, row := _modifier(entry, code, valid)) != row:
            told.reject(member.name, entry.line, _TWICE)
    provenance = stated.provenance(
        MODIFIERS_SYSTEM.name,
        member.name,
        Period.quarter_named(member.name),
        source=_SOURCE,
        told=told,
        foreign=_FOREIGN,
    )
    return Built.of(MODIFIERS_SYSTEM, packed(provenance, rows.values()), len(rows), told)


def _only(members: Sequence[Member]) -> Member:
    if len(members) != 1:
        raise NotOfficial(members[0].name, "one quarter is one file: load the others by themselves")
    return members[0]


def _entries(member: Member, kinds: tuple[str, str], told: Told) -> Iterator[_Entry]:
    """Yield the codes of two kinds of record, each once it is whole. **Errors**: `NotOfficial`."""
    begins, goes_on = kinds
    entry: _Entry | None = None
    for line, raw in enumerate(member.lines, start=1):
        record = raw.decode("latin-1").rstrip("\r\n\x1a")
        if not record.strip():
            continue
        found = _RECORD.match(record)
        if found is None:
            raise NotOfficial(member.name, "a record has five digits in columns 6 to 10, then 3, 4, 7 or 8", line)
        if found["kind"] == goes_on:
            if entry is None or entry.code != found["code"]:
                told.reject(member.name, line, "a description goes on that did not begin")
            else:
                entry.texts.append(record[11:91])
            continue
        if entry is not None:
            yield entry
            entry = None
        if found["kind"] == begins:
            if len(record) < _DETAILS_END:
                raise NotOfficial(member.name, f"{_DETAILS_END} columns or more were expected", line)
            entry = _Entry(line, found["code"], record, [record[11:91]])
    if entry is not None:
        yield entry


def _procedure(entry: _Entry, valid: Interval) -> ProcedureCode:
    description = entry.description
    units = entry.at(266, 268)
    coverage = entry.at(230, 230)
    return ProcedureCode(
        code=entry.code,
        label=entry.at(92, 119) or description,
        valid=valid,
        unspecific=is_unspecific(description or entry.at(92, 119)),
        description=description or None,
        coverage=Coverage(coverage) if coverage in set(Coverage) else None,
        betos=entry.at(257, 259) or None,
        types_of_service=entry.each(261, 1, 5),
        pricing=entry.each(120, 2, 4),
        anesthesia_units=int(units) if units.isdecimal() and int(units) else None,
        instead=entry.each(205, 5, 5),
    )


def _modifier(entry: _Entry, code: str, valid: Interval) -> Modifier:
    description = entry.description
    return Modifier(code, kind_of(code), entry.at(92, 119) or description, valid, description or None)


def _day(text: str) -> date | None:
    """Return a day as the file writes it; None for a blank one. **Errors**: `ValueError`."""
    return None if not text.strip("0") else date.fromisoformat(text)


def _recognises(name: str, head: bytes) -> bool:
    return _NO_LIST.search(name.rpartition("/")[2]) is None and _RECORD_BYTES.match(head) is not None


LAYOUTS: Final = (
    Layout(system=SYSTEM, about="HCPCS Level II (HCPC…ANWEB.txt)", recognises=_recognises, build=build_codes),
    Layout(
        system=MODIFIERS_SYSTEM,
        about="Modifiers of HCPCS Level II (the same file)",
        recognises=_recognises,
        build=build_modifiers,
    ),
)
