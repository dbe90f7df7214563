"""Lists of codes as users bring them: comma-separated text whose first line names the columns.

Owns: the columns `code`, `description`, `start` and `end`, of which the first is needed; days are written 2026-01-31,
both usable. NUCC's taxonomy is read as it is downloaded. The name of the file says which list it is (`revenue.csv`,
`revenue-2026.csv`); NUCC's says its days, others are stated. Refuses: to keep a description of CPT or CDT, whoever
brings it; a description is the user's own otherwise, and never ships.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.codesets.code_list import (
    CARC,
    CDT,
    CLAIM_STATUS,
    CLAIM_STATUS_CATEGORY,
    CONDITION,
    CPT,
    CPT_MODIFIERS,
    OCCURRENCE,
    PATIENT_STATUS,
    RARC,
    REVENUE,
    TAXONOMY,
    TYPE_OF_BILL,
    VALUE,
    CodeList,
    ListedCode,
    packed,
)
from shared.codesets.edition import Interval
from shared.codesets.library import LooksUp, System
from shared.codesets.loaders.separated import rows, text, word
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told

_CODE: Final = "code"
_LABELS: Final = ("description", "displayname")  # NUCC's Definition is longer than a label
_DAYS: Final = ("start", "end")
_SOURCE: Final = "supplied by the user"
_NUCC: Final = re.compile(r"nucc_taxonomy_(\d\d)([01])(?!\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How the codes of a list look. **Shape**: `says` is for people; `zero`: one before a code is not stored."""

    pattern: str
    says: str
    zero: bool = False
    keeps_labels: bool = True

    def stored(self, code: str) -> str | None:
        """Return a code as it is stored, upper case without points; None for what is no code of the list."""
        bare = code.replace(".", "").upper()
        if self.zero and re.fullmatch("0" + self.pattern, bare):
            bare = bare[1:]
        return bare if re.fullmatch(self.pattern, bare) else None


_ANY: Final = _Form(pattern=".+", says="not empty")


def supplied(name: str, member: Member) -> CodeList:
    """Return a list of any codes for use at once, on all days.

    **Errors**: `NotOfficial`, also at the first row that cannot be read.
    """
    told = Told()
    found = list(_rows(member, _ANY, told))
    for first in told.rejected:
        raise NotOfficial(first.file, first.why, first.line)
    _refuse_empty(member, found)
    provenance = Stated(release="as supplied", effective_from=date.min).provenance(
        name, member.name, None, source=_SOURCE, told=told
    )
    return CodeList.read(name, packed(provenance, found))


def build(system: System[LooksUp], form: _Form, members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of one edition of a list. **Errors**: `NotOfficial`."""
    member, told = members[0], Told()
    if len(members) > 1:
        raise NotOfficial(member.name, "an edition of a list is one file: load the others by themselves")
    found = list(dict.fromkeys(_rows(member, form, told)))
    _refuse_empty(member, found)
    provenance = stated.provenance(system.name, member.name, _printed(member.name), source=_SOURCE, told=told)
    return Built.of(system, packed(provenance, found), len(found), told)


def _rows(member: Member, form: _Form, told: Told) -> Iterator[ListedCode]:
    """Yield what can be read, telling the rest. **Errors**: `NotOfficial`."""
    table = rows(member)
    _, headings = next(table, (0, []))
    places = {word(heading): place for place, heading in enumerate(headings)}
    if _CODE not in places:
        raise NotOfficial(member.name, "the first line names the columns, and one of them is code", 1)
    for line, cells in table:
        values = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        code = form.stored(values[_CODE])
        if code is None:
            told.reject(member.name, line, f"a code of this list is {form.says}")
            continue
        try:
            valid = _valid(*(values.get(name, "") for name in _DAYS))
        except ValueError:
            told.reject(member.name, line, "days are written 2026-01-31, the first one not after the last")
            continue
        label = next(filter(None, (values.get(name) for name in _LABELS)), None)
        yield ListedCode(code, valid, label if form.keeps_labels else None)


def _valid(first: str, last: str) -> Interval:
    """Return the days of a row. **Errors**: `ValueError`."""
    valid = Interval(date.fromisoformat(first) if first else date.min, date.fromisoformat(last) if last else None)
    if valid.last is not None and valid.last < valid.first:
        raise ValueError("the last day is before the first")
    return valid


def _refuse_empty(member: Member, found: list[ListedCode]) -> None:
    if not found:
        raise NotOfficial(member.name, "the list has no code that can be read")


def _printed(name: str) -> Period | None:
    """Return the half year that NUCC's name says: version 26.0 is in force from April 2026, 26.1 from October."""
    found = _NUCC.search(name)
    if found is None:
        return None
    year, second = 2000 + int(found[1]), found[2] == "1"
    first, last = (date(year, 10, 1), date(year + 1, 3, 31)) if second else (date(year, 4, 1), date(year, 9, 30))
    return Period(f"{found[1]}.{found[2]}", first, last)


def _layout(system: System[LooksUp], names: str, form: _Form) -> Layout:
    """Return how a list is read. **Shape**: `names` is what its file may be called, before a year or version."""
    named = re.compile(rf"(?:{names})(?:[-_ ]codes?)?(?:[-_ .]\d.*)?\.(?:csv|txt)", re.IGNORECASE)

    def recognises(name: str, head: bytes) -> bool:
        headings = text(head.split(b"\n", 1)[0]).split(",")
        return named.fullmatch(name.rpartition("/")[2]) is not None and _CODE in map(word, headings)

    return Layout(
        system=system,
        about=f"{system.title} (a list that you bring)",
        recognises=recognises,
        build=lambda members, stated: build(system, form, members, stated),
    )


_TWO: Final = _Form(pattern="[0-9A-Z]{2}", says="two digits or letters")
_OF_CPT: Final = _Form(pattern="[0-9]{4}[0-9A-Z]", says="four digits, and a digit or letter", keeps_labels=False)
_OF_CPT_MODIFIERS: Final = _Form(
    pattern="[0-9]{2}|[0-9]P|P[0-9]", says="two digits, or P and a digit", keeps_labels=False
)
_OF_CDT: Final = _Form(pattern="D[0-9]{4}", says="D and four digits", keeps_labels=False)
_OF_BILLS: Final = _Form(
    pattern="[1-9][0-9][0-9A-Z]", says="two digits and a digit or letter, with a zero before them or none", zero=True
)
LAYOUTS: Final = (
    _layout(
        CARC, "carc|adjustment[-_ ]reasons?", _Form(pattern="[A-Z]?[0-9]{1,3}", says="a number, maybe after a letter")
    ),
    _layout(RARC, "rarc|remarks?", _Form(pattern="(?:M|MA|N)[0-9]{1,4}", says="a number after M, MA or N")),
    _layout(CLAIM_STATUS, "(?:claim[-_ ])?status", _Form(pattern="[0-9]{1,4}", says="a number")),
    _layout(
        CLAIM_STATUS_CATEGORY,
        "(?:claim[-_ ])?status[-_ ]categor(?:y|ies)",
        _Form(pattern="[A-Z][0-9A-Z]{1,3}", says="a letter and one to three more"),
    ),
    _layout(REVENUE, "revenue", _Form(pattern="[0-9]{4}", says="four digits; spreadsheets lose a zero in front")),
    _layout(TYPE_OF_BILL, "types?[-_ ]of[-_ ]bill|tob", _OF_BILLS),
    _layout(CONDITION, "conditions?", _TWO),
    _layout(OCCURRENCE, "occurrences?", _TWO),
    _layout(VALUE, "values?", _TWO),
    _layout(
        PATIENT_STATUS,
        "patient[-_ ](?:discharge[-_ ])?status",
        _Form(pattern="[0-9]{2}", says="two digits; spreadsheets lose a zero in front"),
    ),
    _layout(TAXONOMY, "(?:nucc[-_ ])?taxonomy", _Form(pattern="[0-9A-Z]{10}", says="ten digits or letters")),
    _layout(CPT, "cpt", _OF_CPT),
    _layout(CPT_MODIFIERS, "cpt[-_ ]modifiers?", _OF_CPT_MODIFIERS),
    _layout(CDT, "cdt", _OF_CDT),
)
