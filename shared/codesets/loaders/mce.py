"""The definitions of Medicare code edits, as CMS publishes them: a text of numbered edits with lists between tabs.

Owns: the layout. An edit begins with its number and title (`6. Manifestation code as principal diagnosis`), a list
of one of its kinds with a letter (`B. Pediatric diagnoses (age 0 through 17)`), both alone on their line: in the
table of contents a tab and a page follow. A row is a code, a tab and a title (which is not kept: the order file has
it). A list ends with the first line of text after its rows, so that what an appendix repeats is not read into another.
Refuses: lists of procedures, and those that only an inpatient stay is asked by (questionable admission, length of
stay, limited coverage). External causes have no list: they are a chapter (`mce.EXTERNAL_CAUSES`).
**Source**: CMS, Definitions of Medicare Code Edits, text version; the lists of sexes stand in v41.1 for the last time.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from shared.codesets.edition import Interval
from shared.codesets.loaders.fiscal_year import fiscal_year
from shared.codesets.mce import EXTERNAL_CAUSES, SYSTEM, Attribute
from shared.codesets.mce_table import table_of
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told

_DEFINITIONS: Final = re.compile(r"definitions?[ _-](?:of[ _-])?(?:medicare[ _-]code[ _-]edits|mce)", re.IGNORECASE)
_VERSION: Final = re.compile(r"(?<![a-z])v(?:ersion)?[ _.-]?(\d\d)(?:[._]?(\d))?(?!\d)", re.IGNORECASE)
_YEARS_BEFORE: Final = 1983  # version 44 is that of fiscal year 2027
_FIRST_VERSION: Final = 33  # of fiscal year 2016, the first with ICD-10
_VERSION_LINES_MAX: Final = 60
_EDIT: Final = re.compile(r"(\d{1,2})\.\s+(\D.*)")
_KIND: Final = re.compile(r"[A-Z]\.\s+(.+)")
_ROW: Final = re.compile(r"([A-Z]\d[0-9A-Z]{1,5})\s*")
_WITH_SECONDARY: Final = "when a secondary diagnosis"

_OF_EDITS: Final = {
    "manifestation code": Attribute.MANIFESTATION,
    "unacceptable principal": Attribute.UNACCEPTABLE_PRINCIPAL,
    "unspecified code": Attribute.UNSPECIFIED,
}
_OF_KINDS: Final = {
    "perinatal/newborn diagnoses": Attribute.NEWBORN,
    "pediatric diagnoses": Attribute.PEDIATRIC,
    "maternity diagnoses": Attribute.MATERNITY,
    "adult diagnoses": Attribute.ADULT,
    "diagnoses for females only": Attribute.FEMALE,
    "diagnoses for males only": Attribute.MALE,
}
_EXPECTED: Final = (
    Attribute.NEWBORN,
    Attribute.PEDIATRIC,
    Attribute.MATERNITY,
    Attribute.ADULT,
    Attribute.MANIFESTATION,
    Attribute.UNACCEPTABLE_PRINCIPAL,
)
"""Lists of every version. Unspecified codes have one since version 38, sexes until 41.1."""
_UNSPECIFIED_SINCE: Final = date(2020, 10, 1)


@dataclass(slots=True)
class _Lists:
    """The attributes of each code, as the lines are read. **Shape**: `attribute` of the list that a row belongs to."""

    told: Told
    found: dict[str, Attribute] = field(default_factory=dict)
    attribute: Attribute = Attribute.NONE
    begun: bool = False

    def take(self, member: Member, number: int, line: str) -> None:
        """Take a line."""
        code, tab, _ = line.partition("\t")
        if not tab:
            self._text(line.strip())
        elif self.attribute and (row := _ROW.fullmatch(code)) is not None:
            self.begun = True
            self.found[row[1]] = self.found.get(row[1], Attribute.NONE) | self.attribute
        elif self.attribute and self.begun:
            self.told.reject(member.name, number, "a diagnosis code was expected before the tab")

    def _text(self, text: str) -> None:
        if not text:
            return
        if (edit := _EDIT.fullmatch(text)) is not None:
            self._begin(_named(edit[2], _OF_EDITS))
        elif (kind := _KIND.fullmatch(text)) is not None:
            self._begin(_named(kind[1], _OF_KINDS))
        elif _WITH_SECONDARY in text.lower() and self.attribute & Attribute.UNACCEPTABLE_PRINCIPAL:
            self._begin(Attribute.UNACCEPTABLE_PRINCIPAL | Attribute.SECONDARY_REQUIRED)
        elif self.begun:
            of_exceptions = self.attribute & Attribute.SECONDARY_REQUIRED
            self._begin(Attribute.UNACCEPTABLE_PRINCIPAL if of_exceptions else Attribute.NONE)

    def _begin(self, attribute: Attribute) -> None:
        self.attribute, self.begun = attribute, False


def build(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of a version. **Errors**: `NotOfficial`, also where a list is not there."""
    if len(members) > 1:
        raise NotOfficial(members[1].name, "these are second definitions: load one version at a time")
    (member,) = members
    lists = _Lists(Told())
    said = _period(member.name)
    for number, raw in enumerate(member.lines, start=1):
        line = raw.decode("cp1252", errors="replace").rstrip("\r\n")
        if said is None and number <= _VERSION_LINES_MAX:
            said = _period(line)
        lists.take(member, number, line)
    provenance = stated.provenance(SYSTEM.name, member.name, said, source=SYSTEM.source, told=lists.told)
    days = Interval(provenance.effective_from, provenance.effective_to)
    for each in _missing(lists.found.values(), days.first):
        raise NotOfficial(member.name, f"it has no list of {(each.name or '').lower().replace('_', ' ')} diagnoses")
    codes = {code: ((days, _with_chapter(code, attributes)),) for code, attributes in lists.found.items()}
    return Built.of(SYSTEM, table_of(provenance, codes), len(codes), lists.told)


def _period(text: str) -> Period | None:
    """Return the days of the version that a name or line says, its own name before that of its zip."""
    for part in reversed(text.split("/")):
        if (found := _VERSION.search(part)) is None or int(found[1]) < _FIRST_VERSION:
            continue
        year = fiscal_year(int(found[1]) + _YEARS_BEFORE)
        if found[2] in {None, "0"}:
            return Period(f"v{found[1]}", year.first, year.last)
        return Period(f"v{found[1]}.{found[2]}", date(year.first.year + 1, 4, 1), year.last)
    return None


def _named(title: str, lists: dict[str, Attribute]) -> Attribute:
    lowered = title.lower()
    return next((attribute for name, attribute in lists.items() if lowered.startswith(name)), Attribute.NONE)


def _missing(found: Iterable[Attribute], first: date) -> Iterator[Attribute]:
    all_found = Attribute.NONE
    for each in found:
        all_found |= each
    expected = (*_EXPECTED, Attribute.UNSPECIFIED) if first >= _UNSPECIFIED_SINCE else _EXPECTED
    return (each for each in expected if each not in all_found)


def _with_chapter(code: str, attributes: Attribute) -> Attribute:
    return attributes | Attribute.EXTERNAL_CAUSE if code[0] in EXTERNAL_CAUSES else attributes


LAYOUTS: Final = (
    Layout(
        system=SYSTEM,
        about="Definitions of Medicare Code Edits (Definitions of Medicare Code Edits_v_44.txt)",
        recognises=lambda name, head: (
            name.lower().endswith(".txt") and _DEFINITIONS.search(f"{name} {head.decode('latin-1')}") is not None
        ),
        build=build,
    ),
)
