"""The order files of ICD-10-CM and ICD-10-PCS: every code and heading of a fiscal year, fixed width.

Owns: the layout (columns counted from 1: 1-5 order number, 7-13 code, 15 billable or heading, 17-76 short title, 78 on
long title), and that of the order addenda, which say what changed against the year before. The addenda have no table of
their own: loaded together with the order file, they check it. An order file has no history, so that a code holds on
all days of its edition and on no other.
**Source**: CMS, code descriptions in tabular order; ICD-10-PCS order file; the read-me files in both.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Final

from shared.codesets import icd10cm, icd10pcs
from shared.codesets.edition import Interval
from shared.codesets.icd10 import Icd10, Span
from shared.codesets.icd10_table import EXTENSIONS_MAX, Title, table_of
from shared.codesets.library import System
from shared.codesets.loaders.fiscal_year import printed
from shared.codesets.official import Built, Layout, Member, NotOfficial, Stated, Told

_ROW: Final = re.compile(rb"\d{5} ([0-9A-Z]{3,7}) *[01] ")
_CODE: Final = re.compile(r"[0-9A-Z]{3,7}")
_FLAGS: Final = {"0": False, "1": True}
_LONG_TITLE_AT: Final = 77
_BLANKS: Final = (5, 13, 15, 76)  # columns that are blank in every row: a shifted file shows here
_LABELS: Final = (b"Add:", b"Delete:", b"Revise from:", b"Revise to:")
_LABEL_END: Final = 13
_WHOLE_CODE: Final = 7
_COUNTED: Final = re.compile(rb"\s*(\d+) (headers|codes) in icd10(?:cm|pcs)[-_]order[-_]\d{4}", re.IGNORECASE)
_NO_HEADINGS: Final = range(0)
"""An order file lists its headings, so none is derived."""


@dataclass(slots=True)
class _Codes:
    """What an order file lists."""

    billable: dict[str, bool] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    def count(self, *, billable: bool) -> int:
        return sum(each is billable for each in self.billable.values())


@dataclass(frozen=True, slots=True)
class _Change:
    """A row of the addenda. **Shape**: `flags` that the code may have; both where the layout says none (PCS)."""

    label: bytes
    code: str
    flags: tuple[bool, ...]


def build(system: System[Icd10], members: Sequence[Member], stated: Stated) -> Built:
    """Return the table of a fiscal year. **Shape**: one order file, and its addenda where they are there.

    **Errors**: `NotOfficial`, also where the addenda contradict the file.
    """
    opened = [(member.name, *_opened(member)) for member in members]
    orders = [(name, lines) for name, first, lines in opened if not _is_addendum(first)]
    addenda = [(name, lines) for name, first, lines in opened if _is_addendum(first)]
    if not orders:
        raise NotOfficial(
            members[0].name,
            "these are the order addenda, which only say what changed: load the order file of the year, or both",
        )
    if len(orders) > 1:
        raise NotOfficial(orders[1][0], "this is a second order file: load one at a time")
    ((name, lines),) = orders
    told = Told()
    codes = _read(name, lines, told)
    for addendum, changes in addenda:
        _check(addendum, changes, codes)
    provenance = stated.provenance(system.name, name, printed(name), source=system.source, told=told)
    days = Interval(provenance.effective_from, provenance.effective_to)
    table = table_of(
        provenance,
        {code: [Span(days, billable=billable)] for code, billable in codes.billable.items()},
        _titles(codes.titles),
        _NO_HEADINGS,
    )
    return Built(table=table, edition=system.read(table).edition, rows=len(codes.billable), told=told)


def _opened(member: Member) -> tuple[bytes, Iterator[bytes]]:
    """Return the first line, and all of them."""
    lines = iter(member.lines)
    first = next(lines, b"")
    return first, chain((first,), lines)


def _is_addendum(first: bytes) -> bool:
    return first.startswith(_LABELS)


def _read(name: str, lines: Iterator[bytes], told: Told) -> _Codes:
    """Return the codes of an order file. **Errors**: `NotOfficial`."""
    codes, expected = _Codes(), 1
    for number, raw in enumerate(lines, start=1):
        line = _text(raw)
        if not line:
            continue
        if len(line) <= _LONG_TITLE_AT or any(line[at] != " " for at in _BLANKS) or not line[:5].isdigit():
            raise NotOfficial(name, "fixed columns of order number, code, flag and two titles were expected", number)
        order, code, billable = int(line[:5]), line[6:13].rstrip(), _FLAGS.get(line[14])
        if order != expected:
            told.reject(name, number, f"rows are missing before it: order number {expected} was expected")
        if _CODE.fullmatch(code) is None or billable is None:
            told.reject(name, number, "columns 7 to 13 are a code, column 15 is 0 or 1")
        elif code in codes.billable:
            told.reject(name, number, "the code stands there twice")
        else:
            codes.billable[code] = billable
            codes.titles[code] = line[_LONG_TITLE_AT:]
        expected = order + 1
    if not codes.billable:
        raise NotOfficial(name, "it has no row")
    return codes


def _text(raw: bytes) -> str:
    """Return a line as text; the files are plain ASCII, and were Latin-1 before that."""
    try:
        return raw.decode("utf-8").rstrip()
    except UnicodeDecodeError:
        return raw.decode("latin-1").rstrip()


def _titles(titles: Mapping[str, str]) -> Mapping[str, Title]:
    """Return the titles; those that a 7th character completes share the one of their heading."""
    split: dict[str, tuple[str, str]] = {}
    for code, title in titles.items():
        for base in dict.fromkeys((code[:-1], code[:-1].rstrip("X"))) if len(code) == _WHOLE_CODE else ():
            heading = titles.get(base)
            if heading is not None and title.startswith(f"{heading}, "):
                split[code] = (heading, title[len(heading) + 2 :])
                break
    extensions = Counter(extension for _, extension in split.values())
    common = {extension for extension, _ in extensions.most_common(EXTENSIONS_MAX)}
    return {
        code: Title(*split[code]) if code in split and split[code][1] in common else Title(title)
        for code, title in titles.items()
    }


# -- addenda -------------------------------------------------------------------------------------------------------


def _check(name: str, lines: Iterator[bytes], codes: _Codes) -> None:
    """Refuse an order file that its addenda contradict. **Errors**: `NotOfficial`."""
    added: set[str] = set()
    deleted: dict[str, int] = {}
    counted: dict[bytes, int] = {}
    for number, raw in enumerate(lines, start=1):
        if (count := _COUNTED.match(raw)) is not None:
            counted[count[2].lower()] = int(count[1])  # this year's stands below last year's
        change = _change(name, number, raw)
        if change is not None and change.label == b"Delete:":
            deleted[change.code] = number
        elif change is not None and change.label != b"Revise from:":
            added.add(change.code)
            if codes.billable.get(change.code) not in change.flags:
                raise NotOfficial(name, "the order file does not have it so: load files of one release", number)
    for code, number in deleted.items():
        if code in codes.billable and code not in added:
            raise NotOfficial(name, "the order file still has the code: load files of one release", number)
    _check_counts(name, counted, codes)


def _check_counts(name: str, counted: Mapping[bytes, int], codes: _Codes) -> None:
    for what, billable in ((b"headers", False), (b"codes", True)):
        listed = codes.count(billable=billable)
        if counted.get(what, listed) != listed:
            raise NotOfficial(name, f"it counts {counted[what]:,} {what.decode()}, the order file has {listed:,}")


def _change(name: str, number: int, raw: bytes) -> _Change | None:
    """Return a row of the addenda; None for the summary below them. **Errors**: `NotOfficial`."""
    if not raw.startswith(_LABELS):
        return None
    label, line = raw[: _LABEL_END - 1].rstrip(), _text(raw)
    has_flag = line[_LABEL_END : _LABEL_END + 2] in {"0 ", "1 "}
    code = (line[15:22] if has_flag else line[_LABEL_END : _LABEL_END + _WHOLE_CODE]).rstrip()
    if _CODE.fullmatch(code) is None:
        raise NotOfficial(name, "a label, a flag for ICD-10-CM, and a code were expected in fixed columns", number)
    return _Change(label, code, (_FLAGS[line[_LABEL_END]],) if has_flag else (False, True))


def _is_of(system: System[Icd10], name: str, head: bytes) -> bool:
    """Return whether a file begins as an order file of a code set, or as its addenda.

    Beside the order addenda lie those of the list of codes, which have no flag either: there its own name decides.
    """
    first = head.split(b"\n", 1)[0]
    if _is_addendum(first):
        return "order" in name.rsplit("/", 1)[-1].lower() and (
            first[_LABEL_END : _LABEL_END + 2] in {b"0 ", b"1 "}
        ) is (system is icd10cm.SYSTEM)
    row = _ROW.match(first)
    return row is not None and row[1][:1].isdigit() is (system is icd10pcs.SYSTEM)  # PCS begins with table 001


def _layout(system: System[Icd10], about: str) -> Layout:
    return Layout(
        system=system,
        about=about,
        recognises=lambda name, head: _is_of(system, name, head),
        build=partial(build, system),
    )


LAYOUTS: Final = (
    _layout(icd10cm.SYSTEM, "ICD-10-CM order file (icd10cm_order_2027.txt), with its addenda"),
    _layout(icd10pcs.SYSTEM, "ICD-10-PCS order file (icd10pcs_order_2026.txt), with its addenda"),
)
