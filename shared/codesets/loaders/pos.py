"""Places of service from a table of CMS, saved as comma-separated text: code, name, maybe the rate and the days.

Owns: the layout. CMS publishes the codes on a page, and the rate of each in its manual; where the table has no column
for the rate, a place that we know keeps its own. The days of a code are those of columns `start` and `end`, else those
that we know. A place that is called unassigned is none.
**Source**: CMS Place of Service Code Set; Medicare Claims Processing Manual chapter 12, section 20.4.2.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from shared.codesets.dated import packed
from shared.codesets.edition import Interval
from shared.codesets.loaders.separated import after_headings, rows, text, word
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told
from shared.codesets.pos import BEFORE_ALL, POS, SYSTEM, PlaceOfService

_CODE: Final = ("pos", "code", "placeofservicecode", "placeofservicecodes")
_LABEL: Final = ("name", "placeofservicename", "label", "display")
_RATE: Final = ("ratetype", "rate", "facility")
_RATES: Final = {"facility": True, "nonfacility": False}
_UNASSIGNED: Final = "unassigned"
_NAME: Final = re.compile(r"(?:places?[-_ ]of[-_ ]service|pos(?![a-z]))[^/]*\.(?:csv|txt)", re.IGNORECASE)


def build(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of one edition. **Errors**: `NotOfficial`."""
    member, told = members[0], Told()
    if len(members) > 1:
        raise NotOfficial(member.name, "an edition is one table: load the others by themselves")
    found = rows(member)
    headings = after_headings(member, found, _are_headings, "of a code and a name")
    places = {word(heading): place for place, heading in enumerate(headings)}
    kept: dict[str, PlaceOfService] = {}
    for line, cells in found:
        values = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        if _UNASSIGNED in {word(_of(values, _RATE)), word(_of(values, _LABEL))}:
            continue
        try:
            row = _place(values, kept)
        except ValueError as wrong:
            told.reject(member.name, line, str(wrong))
        else:
            kept[row.code] = row
    provenance = stated.provenance(
        SYSTEM.name,
        member.name,
        Period.quarter_named(member.name),
        source="CMS Place of Service Code Set",
        told=told,
    )
    return Built.of(SYSTEM, packed(provenance, kept.values()), len(kept), told)


def _place(values: Mapping[str, str], kept: Mapping[str, PlaceOfService]) -> PlaceOfService:
    """Return the place of a row. **Errors**: `ValueError`, whose text says what was expected."""
    code, label, rate = _of(values, _CODE), _of(values, _LABEL), word(_of(values, _RATE))
    known = POS.row(code)
    if re.fullmatch("[0-9]{2}", code) is None or not label:
        raise ValueError("a place has a code of two digits and a name")
    if code in kept:
        raise ValueError("a code stands in the table once")
    facility = _RATES.get(rate) if rate or known is None else known.facility
    if facility is None:
        raise ValueError("a place has a rate, Facility or Non-Facility, unless it is a known one")
    return PlaceOfService(code, label, facility, _days(values, known))


def _days(values: Mapping[str, str], known: PlaceOfService | None) -> Interval:
    first, last = values.get("start", ""), values.get("end", "")
    since = BEFORE_ALL if known is None else known.valid.first
    try:
        days = Interval(date.fromisoformat(first) if first else since, date.fromisoformat(last) if last else None)
    except ValueError:
        raise ValueError("days are written 2026-01-31") from None
    if days.last is not None and days.last < days.first:
        raise ValueError("the last day is not before the first")
    return days


def _of(values: Mapping[str, str], names: Sequence[str]) -> str:
    return next((values[name] for name in names if name in values), "")


def _are_headings(cells: Sequence[str]) -> bool:
    words = set(map(word, cells))
    return bool(words.intersection(_CODE) and words.intersection(_LABEL))


def _recognises(name: str, head: bytes) -> bool:
    named = _NAME.search(name.rpartition("/")[2]) is not None
    return named and any(_are_headings(text(line).split(",")) for line in head.splitlines()[:40])


LAYOUTS: Final = (
    Layout(
        system=SYSTEM,
        about="Places of service (place-of-service.csv: code, name, rate_type)",
        recognises=_recognises,
        build=build,
    ),
)
