"""Writing a table of ICD-10: from rows of code, life and title to one file that `icd10.py` reads in place.

Headings need no source of their own: on any day, a code that begins a billable one and is none itself is a heading.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from shared.codesets.edition import Interval, Provenance
from shared.codesets.icd10 import NO_TITLE, Span, folded, merged, title_hash, union
from shared.codesets.packed import head_of, key, write
from shared.kernel.errors import Malformed

CM_HEADINGS: Final = range(3, 7)
"""Lengths of the headings of ICD-10-CM: a category and what divides it."""
PCS_HEADINGS: Final = range(3, 4)
"""Of ICD-10-PCS, only its tables have a title: section, body system and operation."""
EXTENSIONS_MAX: Final = 255
_LENGTHS: Final = range(3, 8)


class NotACode(Malformed):
    """A row has no code of 3 to 7 letters and digits, or its days overlap."""

    slug = "not-an-icd10cm-row"


@dataclass(frozen=True, slots=True)
class Title:
    """A title. **Shape**: 7th characters share a base and differ in `extension`, so both are kept apart."""

    base: str
    extension: str = ""

    @property
    def whole(self) -> str:
        """Return the title as printed."""
        return f"{self.base}, {self.extension}" if self.extension else self.base


def table_of(
    provenance: Provenance,
    lives: Mapping[str, Iterable[Span]],
    titles: Mapping[str, Title],
    headings: range = CM_HEADINGS,
) -> bytes:
    """Return the packed table.

    **Shape**: `lives` of billable codes, and of headings where a source names them; `titles` of both; `headings` are
    the lengths that one may have. **Errors**: `NotACode`.
    """
    histories = with_headings({code: _ordered(code, spans) for code, spans in lives.items()}, headings)
    codes = sorted(histories)
    distinct = sorted({_written(histories[code]) for code in codes}, key=repr)
    number_of = {history: number for number, history in enumerate(distinct)}
    extensions = ["", *sorted({title.extension for title in titles.values() if title.extension})]
    if len(extensions) > EXTENSIONS_MAX + 1:
        raise NotACode("more different 7th characters than the table has room for")
    bases = sorted({titles[code].base for code in codes if code in titles})
    base_of = {base: number for number, base in enumerate(bases)}
    extension_of = {extension: number for number, extension in enumerate(extensions)}
    searchable = sorted(
        (title_hash(folded(titles[code].whole)), row)
        for row, code in enumerate(codes)
        if code in titles and any(span.billable for span in histories[code])
    )
    head = {
        "edition": head_of(provenance),
        "histories": distinct,
        "extensions": extensions,
    }
    found = [titles.get(code) for code in codes]
    sections = {
        "codes": array("Q", [key(code) or 0 for code in codes]),
        "history_of": array("H", [number_of[_written(histories[code])] for code in codes]),
        "title_of": array("I", [base_of[title.base] if title else NO_TITLE for title in found]),
        "extension_of": array("B", [extension_of[title.extension] if title else 0 for title in found]),
        "text_ends": array("I", _ends(bases)),
        "title_hashes": array("Q", [number for number, _ in searchable]),
        "titled": array("I", [row for _, row in searchable]),
    }
    return write(head, {name: section.tobytes() for name, section in sections.items()} | {"text": _joined(bases)})


def with_headings(
    lives: Mapping[str, tuple[Span, ...]], headings: range = CM_HEADINGS
) -> Mapping[str, tuple[Span, ...]]:
    """Return the lives with those of the headings that they imply, and the days in which a code was a heading."""
    below: dict[str, set[Interval]] = {}
    for code, spans in lives.items():
        valid = set(merged(span.interval for span in spans if span.billable))
        for length in headings:
            if valid and length < len(code):
                below.setdefault(code[:length], set()).update(valid)
    whole = dict(lives)
    for code, intervals in below.items():
        own = lives.get(code, ())
        free = _without(union(intervals), [span.interval for span in own])
        both = [*own, *(Span(interval, billable=False) for interval in free)]
        whole[code] = tuple(sorted(both, key=lambda span: span.interval.first))
    return whole


def _ordered(code: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    ordered = tuple(sorted(spans, key=lambda span: span.interval.first))
    if not (len(code) in _LENGTHS and code.isascii() and code.isalnum() and ordered):
        raise NotACode("a code has 3 to 7 letters and digits and at least one span")
    if any(first.interval.meets(second.interval) for first, second in pairwise(ordered)):
        raise NotACode("the days of a code overlap")
    return ordered


def _without(intervals: Iterable[Interval], taken: Iterable[Interval]) -> Iterator[Interval]:
    """Yield the days of the one that are not in the other. **Shape**: both sorted and without overlaps."""
    holes = list(taken)
    for interval in intervals:
        first: date | None = interval.first
        for hole in holes:
            if first is None or not hole.meets(Interval(first, interval.last)):
                continue
            if first < hole.first:
                yield Interval(first, hole.first - timedelta(days=1))
            first = None if hole.last is None or hole.last == interval.last else hole.last + timedelta(days=1)
        if first is not None and (interval.last is None or first <= interval.last):
            yield Interval(first, interval.last)


def _written(spans: Iterable[Span]) -> tuple[tuple[str, str | None, int], ...]:
    return tuple((span.interval.first.isoformat(), _iso(span.interval.last), int(span.billable)) for span in spans)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _joined(texts: Iterable[str]) -> bytes:
    return b"".join(text.encode() for text in texts)


def _ends(texts: Iterable[str]) -> Iterator[int]:
    end = 0
    for text in texts:
        end += len(text.encode())
        yield end
