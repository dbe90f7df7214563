"""The registry of providers as CMS publishes it each month: comma-separated, all fields quoted, 330 columns.

Owns: the layout, by the names of its columns. Eight million rows go through as bytes, and each becomes one number of 64
bits in the bucket of its NPI, so that sorting takes a bucket at a time and no row is an object. The weekly files hold
changes only and are refused. **Source**: NPPES Data Dissemination, readme and code values, CMS.
"""

import re
from array import array
from collections.abc import Sequence
from datetime import date, timedelta
from operator import itemgetter
from typing import Final

from shared.codesets.loaders.commas import columns, fields, records
from shared.codesets.nppes import (
    DAY_ZERO,
    FIRST_DAY,
    GONE,
    NONE_PRIMARY,
    NPI_LENGTH,
    STILL,
    SYSTEM,
    EntityType,
    state_number,
)
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told
from shared.codesets.packed import head_of, write

_TAXONOMIES: Final = 15
_WANTED: Final = {
    "npi": "NPI",
    "entity": "Entity Type Code",
    "state": "Provider Business Practice Location Address State Name",
    "country": "Provider Business Practice Location Address Country Code (If outside U.S.)",
    "deactivated": "NPI Deactivation Date",
    "reactivated": "NPI Reactivation Date",
    **{f"code{n}": f"Healthcare Provider Taxonomy Code_{n}" for n in range(1, _TAXONOMIES + 1)},
    **{f"switch{n}": f"Healthcare Provider Primary Taxonomy Switch_{n}" for n in range(1, _TAXONOMIES + 1)},
}
_DAYS: Final = re.compile(r"npidata_pfile_(\d{8})-(\d{8})", re.IGNORECASE)
_TAXONOMY: Final = re.compile(rb"[0-9A-Z]{10}")
_ENTITIES: Final = {b"": 0, b"1": EntityType.INDIVIDUAL, b"2": EntityType.ORGANIZATION}
_LEAST_NPI: Final = 1_000_000_000
_BUCKET: Final = 1_000_000
_BUCKETS: Final = 2_000  # an NPI begins with 1 or 2
_STATE_BITS: Final = 10
_KIND_BITS: Final = 23
_REST_BITS: Final = _STATE_BITS + _KIND_BITS


def build(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of one month. **Errors**: `NotOfficial`."""
    if len(members) > 1:
        raise NotOfficial(members[0].name, "the files are of several months: load the newest alone")
    (member,) = members
    printed = _printed(member.name)
    told = Told()
    rows = _Rows()
    _read(member, rows, told)
    provenance = stated.provenance(
        SYSTEM.name, member.name, printed, source="CMS, National Plan and Provider Enumeration System", told=told
    )
    head = {"edition": head_of(provenance), "taxonomies": [code.decode() for code in rows.kinds.taxonomies]}
    sections = rows.sections(member.name)
    count = len(sections["npis"])
    table = write(head, {name: memoryview(section).cast("B") for name, section in sections.items()})
    return Built.of(SYSTEM, table, count, told)


class _Kinds:
    """What providers have in common, each once: entity type, taxonomies and which of these is primary."""

    def __init__(self) -> None:
        self.taxonomies: dict[bytes, int] = {}
        self.entity, self.primary = array("B"), array("B")
        self.ends, self.codes = array("I"), array("H")
        self._number_of: dict[bytes, int | None] = {}

    def number(self, written: tuple[bytes, ...]) -> int | None:
        """Return the number of a kind as a row writes it: entity type, codes, switches; None where it is malformed."""
        joined = b",".join(written)
        try:
            return self._number_of[joined]
        except KeyError:
            number = self._number_of[joined] = self._new(written)
            return number

    def _new(self, written: tuple[bytes, ...]) -> int | None:
        entity = _ENTITIES.get(written[0])
        codes, switches = written[1 : _TAXONOMIES + 1], written[_TAXONOMIES + 1 :]
        if entity is None or not all(_TAXONOMY.fullmatch(code) for code in codes if code):
            return None
        listed = list(dict.fromkeys(code for code in codes if code))  # one stands there again for each licence
        primary = next((code for code, switch in zip(codes, switches, strict=True) if code and switch == b"Y"), None)
        self.entity.append(entity)
        self.primary.append(NONE_PRIMARY if primary is None else listed.index(primary))
        self.codes.extend(self.taxonomies.setdefault(code, len(self.taxonomies)) for code in listed)
        self.ends.append(len(self.codes))
        return len(self.entity) - 1


class _Rows:
    """What was read so far: of each row 64 bits, in buckets by NPI, and of the deactivated ones 64 more."""

    def __init__(self) -> None:
        self.kinds = _Kinds()
        self._buckets = [array("Q") for _ in range(_BUCKETS)]
        self._gone = array("Q")

    def add(self, npi: int, kind: int, state: int) -> None:
        offset = npi - _LEAST_NPI
        self._buckets[offset // _BUCKET].append(offset << _REST_BITS | state << _KIND_BITS | kind)

    def add_gone(self, npi: int, since: int, until: int) -> None:
        self._gone.append(npi << 32 | since << 16 | until)

    def sections(self, file: str) -> "dict[str, array[int]]":
        """Return the sections of the table. **Errors**: `NotOfficial` where an NPI stands there twice."""
        npis, kinds, states = array("I"), array("I"), array("H")
        gone = {(number >> 32) - _LEAST_NPI for number in self._gone}
        for place, bucket in enumerate(self._buckets):
            ordered = sorted(set(bucket))
            self._buckets[place] = array("Q")  # what is in the sections needs no second place
            npis.extend((number >> _REST_BITS) + _LEAST_NPI for number in ordered)
            states.extend(
                number >> _KIND_BITS & (1 << _STATE_BITS) - 1 | (GONE if number >> _REST_BITS in gone else 0)
                for number in ordered
            )
            kinds.extend(number & (1 << _KIND_BITS) - 1 for number in ordered)
            if len({number >> _REST_BITS for number in ordered}) < len(ordered):
                raise NotOfficial(file, "a provider stands there twice and differs: it is not one month's file")
        if len(self.kinds.entity) > 1 << _KIND_BITS:
            raise NotOfficial(file, "more different combinations of taxonomies than the table has room for")
        spans = sorted(set(self._gone))
        return {
            "npis": npis,
            "kinds": kinds,
            "states": states,
            "kind_ends": self.kinds.ends,
            "kind_taxonomies": self.kinds.codes,
            "kind_entity": self.kinds.entity,
            "kind_primary": self.kinds.primary,
            "gone": array("I", [number >> 32 for number in spans]),
            "gone_from": array("H", [number >> 16 & 0xFFFF for number in spans]),
            "gone_until": array("H", [number & 0xFFFF for number in spans]),
        }


def _read(member: Member, rows: _Rows, told: Told) -> None:
    found = records(member)
    line, headings = next(found, (1, b""))
    at = columns(member, line, fields(headings), _WANTED)
    width = headings.count(b",") + 1
    most = max(at.values()) + 1
    kind_of = itemgetter(
        at["entity"],
        *(at[f"code{n}"] for n in range(1, _TAXONOMIES + 1)),
        *(at[f"switch{n}"] for n in range(1, _TAXONOMIES + 1)),
    )
    states: dict[tuple[bytes, bytes], int] = {}
    days: dict[bytes, int | None] = {b"": STILL}
    for line, record in found:
        cells = fields(record, most)
        if len(cells) < most:
            if not record:
                continue
            raise NotOfficial(member.name, f"{width} columns were expected, fewer are there", line)
        npi = _npi(cells[at["npi"]])
        kind = rows.kinds.number(kind_of(cells))
        since, until = _day(cells[at["deactivated"]], days), _day(cells[at["reactivated"]], days)
        if npi is None:
            told.reject(member.name, line, "an NPI has ten digits and begins with 1 or 2")
        elif kind is None:
            told.reject(member.name, line, "the entity type is 1 or 2, and a taxonomy has ten letters and digits")
        elif since is None or until is None:
            told.reject(member.name, line, "the days of deactivation and reactivation are as 12/31/2026")
        else:
            where = cells[at["state"]], cells[at["country"]]
            if where not in states:
                states[where] = state_number(where[0]) if where[1] in {b"", b"US"} else 0
            rows.add(npi, kind, states[where])
            if since < STILL:
                rows.add_gone(npi, since, until if since < until else STILL)  # it may be the second time


def _npi(text: bytes) -> int | None:
    return int(text) if len(text) == NPI_LENGTH and text.isdigit() and text[:1] in {b"1", b"2"} else None


def _day(text: bytes, known: dict[bytes, int | None]) -> int | None:
    """Return a day as the table writes it, remembered because a file has few different ones; None for no day."""
    if text not in known:
        month, _, rest = text.decode("latin-1").partition("/")
        day, _, year = rest.partition("/")
        try:
            number = date.fromisoformat(f"{year}-{month}-{day}").toordinal() - DAY_ZERO
        except ValueError:
            number = -1
        known[text] = number if 0 <= number < STILL else None
    return known[text]


def _printed(name: str) -> Period | None:
    """Return the days that a file answers for: from the first NPI to the end of the month after it, when it is old.

    **Errors**: `NotOfficial` for a weekly file.
    """
    found = _DAYS.search(name)
    if found is None:
        return None
    try:
        first, last = (date.fromisoformat(each) for each in found.groups())
    except ValueError:
        return None
    if first != FIRST_DAY:
        raise NotOfficial(name, "a weekly file holds changes only: load the monthly one")
    month = last.year * 12 + last.month + 1  # the month after the next, counted from 0
    return Period(last.isoformat(), first, date(month // 12, month % 12 + 1, 1) - timedelta(days=1))


def _recognises(name: str, head: bytes) -> bool:
    headings = head.split(b"\n", 1)[0]
    return "fileheader" not in name.lower() and b"Entity Type Code" in headings and b"Taxonomy Code_1" in headings


LAYOUTS: Final = (
    Layout(
        system=SYSTEM,
        about="registry of providers, monthly file (npidata_pfile_20050523-….csv)",
        recognises=_recognises,
        build=build,
    ),
)
