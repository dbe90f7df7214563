"""The relative values as CMS publishes them: PPRRVU, comma-separated, ten lines of headings, 31 columns or 32.

Owns: the layout. The headings are spread over several lines, so columns go by their place, and their number is checked;
PRIC IND came later, as column 24. Since 2026 a quarter has two files, that for qualifying participants of an advanced
payment model beside that for all others, and they make one edition. Descriptions are AMA's and are not kept.
**Source**: CMS, Physician Fee Schedule relative value files; layout in the PDF of each release.
"""

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final

from shared.codesets.loaders.separated import after_headings, rows
from shared.codesets.mpfs import CODE_LENGTH, NUMBERS, QUALIFYING, SYSTEM, GlobalPeriod, Indicators
from shared.codesets.official import Built, Layout, Member, NotOfficial, Period, Stated, Told
from shared.codesets.packed import head_of, key, write

_COLUMNS: Final = 32
_PRICING_COLUMN: Final = 23  # not in the files before 2025
_HEADINGS: Final = ["HCPCS", "MOD", "DESCRIPTION", "CODE"]
_NUMBERS_AT: Final = (5, 6, 8, 10, 29, 30, 31)
_SHARES_AT: Final = (15, 16, 17)
_DAYS_AT: Final = 14
_FACTOR_AT: Final = 25
_TITLE: Final = re.compile(rb"Physician Fee Schedule Relative Value File", re.IGNORECASE)
_HEADINGS_LINE: Final = re.compile(rb"^HCPCS,MOD,DESCRIPTION,CODE,", re.MULTILINE)
_QUALIFYING: Final = re.compile(r"(non[-_ ]?)?qpp?(?![a-z])", re.IGNORECASE)
_YEAR_AND_MONTH: Final = re.compile(r"PPRRVU(?:20)?(\d\d)[-_ ]?(JAN|APR|JUL|OCT)", re.IGNORECASE)
_MONTHS: Final = ("JAN", "APR", "JUL", "OCT")
_TWO_FILES_FROM: Final = 2026
_DECIMAL: Final = re.compile(r"(\d{0,5})(?:\.(\d+))?")
_LARGEST: Final = 0xFFFF_FFFF
_INDICATORS_MAX: Final = 0x1_0000
_FACTORS_MAX: Final = 0x100


def build(members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of one edition from its file or files. **Errors**: `NotOfficial`."""
    told = Told()
    usual, qualifying = _sorted_out(members)
    head_parts = _Heads()
    sections = _sections(usual, head_parts, told, "")
    count = len(sections["keys"]) // 8
    if qualifying is not None:
        sections |= _sections(qualifying, head_parts, told, QUALIFYING)
    provenance = stated.provenance(
        SYSTEM.name, usual.name, _printed(usual.name), source="CMS, physician fee schedule relative values", told=told
    )
    head = {
        "edition": head_of(provenance),
        "indicators": [asdict(each) for each in head_parts.indicators],
        "factors": list(head_parts.factors),
        "has_qualifying": qualifying is not None,
    }
    return Built.of(SYSTEM, write(head, sections), count, told)


class _Heads:
    """What many rows share: it stands once in the head of the table."""

    def __init__(self) -> None:
        self.indicators: dict[Indicators, int] = {}
        self.factors: dict[int, int] = {}


def _sorted_out(members: Sequence[Member]) -> tuple[Member, Member | None]:
    """Return the file for all and that for qualifying participants. **Errors**: `NotOfficial` if one is missing."""
    usual = [member for member in members if not _is_qualifying(member.name)]
    qualifying = [member for member in members if _is_qualifying(member.name)]
    first = members[0].name
    if len(usual) > 1 or len(qualifying) > 1:
        raise NotOfficial(first, "the files are of several releases: load one at a time")
    if not usual:
        raise NotOfficial(first, "the file nonQPP of the same release must be loaded with it")
    periods = {printed for member in members if (printed := _printed(member.name)) is not None}
    if len(periods) > 1:
        raise NotOfficial(first, "the files are of several releases: load one at a time")
    if any(printed.first.year >= _TWO_FILES_FROM for printed in periods) and not qualifying:
        raise NotOfficial(first, "the file QPP of the same release must be loaded with it")
    return usual[0], qualifying[0] if qualifying else None


def _is_qualifying(name: str) -> bool:
    found = _QUALIFYING.search(name.rpartition("/")[2])
    return found is not None and not found[1]


def _sections(member: Member, heads: _Heads, told: Told, prefix: str) -> dict[str, bytes]:
    held: dict[int, tuple[int, ...]] = {}
    for line, cells in _data(member):
        number = _row_key(cells)
        values = [_scaled(cells[at], 2) for at in _NUMBERS_AT]
        factor = _scaled(cells[_FACTOR_AT], 4)
        indicators = _indicators(cells)
        if number is None:
            told.reject(
                member.name, line, f"columns 1 and 2 are a code of {CODE_LENGTH} characters and a modifier of 2"
            )
        elif None in values or factor is None:
            told.reject(member.name, line, "a relative value or the conversion factor is no number")
        elif indicators is None:
            told.reject(member.name, line, "an indicator is none that CMS describes")
        else:
            row = (
                *(value for value in values if value is not None),
                heads.indicators.setdefault(indicators, len(heads.indicators)),
                heads.factors.setdefault(factor, len(heads.factors)),
            )
            if held.setdefault(number, row) != row:
                told.reject(member.name, line, "the code stands there twice, with other values")
    if len(heads.indicators) > _INDICATORS_MAX or len(heads.factors) > _FACTORS_MAX:
        raise NotOfficial(member.name, "more different indicators or conversion factors than the table has room for")
    ordered = sorted(held.items())
    sections = {"keys": array("Q", [number for number, _ in ordered])}
    for at, name in enumerate(NUMBERS):
        sections[name] = array("I", [row[at] for _, row in ordered])
    sections["indicators"] = array("H", [row[-2] for _, row in ordered])
    sections["factors"] = array("B", [row[-1] for _, row in ordered])
    return {prefix + name: section.tobytes() for name, section in sections.items()}


def _data(member: Member) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows after the headings, always with column 24. **Errors**: `NotOfficial`."""
    found = rows(member)
    headings = after_headings(member, found, lambda cells: cells[:4] == _HEADINGS, "HCPCS, MOD, DESCRIPTION, CODE")
    if len(headings) not in {_COLUMNS, _COLUMNS - 1}:
        raise NotOfficial(member.name, f"{_COLUMNS} columns were expected, {len(headings)} are in the headings")
    if (headings[_DAYS_AT], headings[_FACTOR_AT - _COLUMNS]) != ("DAYS", "FACTOR"):
        raise NotOfficial(member.name, "its columns stand in another order: GLOB DAYS or CONV FACTOR is elsewhere")
    for line, cells in found:
        if len(cells) != len(headings):
            raise NotOfficial(member.name, f"{len(headings)} columns were expected, {len(cells)} are there", line)
        if len(headings) == _COLUMNS - 1:
            cells.insert(_PRICING_COLUMN, "")
        yield line, cells


def _row_key(cells: Sequence[str]) -> int | None:
    code, modifier = cells[0], cells[1]
    if len(code) != CODE_LENGTH or len(modifier) not in {0, 2} or not (code + modifier).isascii():
        return None
    return key(code + modifier)


def _scaled(cell: str, places: int) -> int | None:
    """Return a decimal in whole units of its last place; an empty cell is zero; None for what is no such number."""
    match = _DECIMAL.fullmatch(cell)
    if match is None or cell == ".":
        return None
    whole, fraction = match[1] or "0", (match[2] or "").rstrip("0")
    if len(fraction) > places:
        return None
    number = int(whole + fraction.ljust(places, "0"))
    return number if number <= _LARGEST else None


def _indicators(cells: Sequence[str]) -> Indicators | None:
    shares = [_scaled(cells[at], 2) for at in _SHARES_AT]
    try:
        period = GlobalPeriod(cells[_DAYS_AT].zfill(3) if cells[_DAYS_AT].isdigit() else cells[_DAYS_AT])
    except ValueError:
        return None
    single = (cells[3], cells[13], *cells[18:23])
    if None in shares or not all(len(each) == 1 and each.isalnum() for each in single):
        return None
    return Indicators(
        status=cells[3],
        components=cells[13],
        global_period=period,
        multiple=cells[18],
        bilateral=cells[19],
        assistant=cells[20],
        co_surgeons=cells[21],
        team=cells[22],
        endoscopy_of=cells[24] or None,
        supervision=cells[26].zfill(2) if cells[26].isdigit() else cells[26],
        imaging_family=cells[28].zfill(2) if cells[28].isdigit() else cells[28],
        seldom_in_office=cells[7] == "NA",
        seldom_in_facility=cells[9] == "NA",
        share_before_percent=shares[0] or 0,
        share_during_percent=shares[1] or 0,
        share_after_percent=shares[2] or 0,
    )


def _printed(name: str) -> Period | None:
    """Return the quarter that a file is for, as its name says it; the year may have two digits."""
    found = _YEAR_AND_MONTH.search(name)
    if found is None:
        return Period.quarter_named(name)
    return Period.quarter(2000 + int(found[1]), _MONTHS.index(found[2].upper()) + 1)


def _recognises(_name: str, head: bytes) -> bool:
    return bool(_TITLE.search(head) and _HEADINGS_LINE.search(head))


LAYOUTS: Final = (
    Layout(
        system=SYSTEM,
        about="physician fee schedule, relative values (PPRRVU, nonQPP and QPP together)",
        recognises=_recognises,
        build=build,
    ),
)
