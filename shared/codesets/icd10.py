"""ICD-10-CM and ICD-10-PCS as of a date of service: validity, headings, titles.

Owns: reading the table that `icd10_table.py` writes. Refuses: guessing. A date outside the edition is "not loaded",
and a code without a title in the edition has the title None. Next: `icd10cm.py` and `icd10pcs.py`, which name the two
code sets; `icd10cm_notes.py` and `mce.py` for what else is said of a diagnosis.
Codes are text without the dot, upper case.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any, Final, Self

from shared.codesets.edition import (
    Answer,
    Edition,
    Interval,
    MoreDigitsNeeded,
    NotValidOnDate,
    Valid,
    absent_code,
    outside,
)
from shared.codesets.packed import Buffer, NotATable, Packed, day, find, key, text_of

NO_TITLE: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Span:
    """What a code is in some days: billable or a heading."""

    interval: Interval
    billable: bool


@dataclass(frozen=True, slots=True)
class _History:
    """The life of a code with its answers ready; fewer than 300 different ones serve all codes."""

    spans: tuple[tuple[date, date, Answer], ...]
    otherwise: Answer
    valid: tuple[Interval, ...]


class Icd10:
    """One edition of a code set. **Shape**: immutable; look-ups take a code in its stored form and a date of service.

    **Errors**: `NotATable`.
    """

    def __init__(self, system: str, table: Packed) -> None:
        self.edition: Final = table.edition(system)
        try:
            self._first, self._last = self.edition.effective_from, self.edition.effective_to or date.max
            self._absent: Final = absent_code(self.edition)
            self._histories = tuple(_history(self.edition, spans) for spans in table.head["histories"])
            self._extensions: Final = tuple(str(text) for text in table.head["extensions"])
        except (KeyError, TypeError, ValueError) as wrong:
            raise NotATable("the head is not that of a table of ICD-10") from wrong
        self._keys, self._history_of, self._title_of, self._extension_of = table.columns(
            ("codes", "Q"), ("history_of", "H"), ("title_of", "I"), ("extension_of", "B")
        )
        self._text_ends = table.numbers("text_ends", "I")
        self._text = table.section("text")
        self._title_hashes = table.numbers("title_hashes", "Q")
        self._titled = table.numbers("titled", "I")

    @classmethod
    def read(cls, system: str, buffer: Buffer) -> Self:
        """Return the table in a buffer, plain (mapped, say) or packed. **Errors**: `NotATable`."""
        return cls(system, Packed(buffer))

    def __len__(self) -> int:
        """Return the number of codes, headings included."""
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        """Return the codes in their order."""
        return map(text_of, self._keys)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each code, and whether it is billable, with days where that is not so in all of the edition; title."""
        for position, code in enumerate(self):
            spans = self._histories[self._history_of[position]].spans
            said = ", ".join(self._said(*span) for span in spans)
            yield code, f"{said}: {title}" if (title := self._title(position)) else said

    def _said(self, first: date, last: date, answer: Answer) -> str:
        word = "billable" if isinstance(answer, Valid) else "heading"
        if (first, last) == (self._first, self._last):
            return word
        return f"{word} {Interval(first, None if last == date.max else last)}"

    def look_up(self, code: str, on: date) -> Answer:
        """Return what is known of a code on a date of service."""
        if not self._first <= on <= self._last and (not_loaded := outside(self.edition, on)) is not None:
            return not_loaded
        position = self._find(code)
        if position is None:
            return self._absent
        history = self._histories[self._history_of[position]]
        for first, last, answer in history.spans:
            if first <= on <= last:
                return answer
        return history.otherwise

    def valid_intervals(self, code: str) -> tuple[Interval, ...]:
        """Return the days on which a code is billable, oldest first; empty for a heading and an unknown code."""
        position = self._find(code)
        return () if position is None else self._histories[self._history_of[position]].valid

    def title(self, code: str) -> str | None:
        """Return the title of a code or heading in the wording of the edition; None where the edition has none."""
        position = self._find(code)
        return None if position is None else self._title(position)

    def titles(self, text: str, on: date) -> tuple[str, ...]:
        """Return the codes, billable on a date, whose title is the text; several rarely, none most often.

        Case, white space and accents do not matter, and nothing else is forgiven.
        """
        wanted = folded(text)
        number = title_hash(wanted)
        position = find(self._title_hashes, number)
        codes: list[str] = []
        while position is not None and position < len(self._titled) and self._title_hashes[position] == number:
            row = self._titled[position]
            position += 1
            code = text_of(self._keys[row])
            if folded(self._title(row) or "") == wanted and isinstance(self.look_up(code, on), Valid):
                codes.append(code)
        return tuple(codes)

    def _find(self, code: str) -> int | None:
        number = key(code)
        return None if number is None else find(self._keys, number)

    def _title(self, position: int) -> str | None:
        text = self._title_of[position]
        if text == NO_TITLE:
            return None
        start = self._text_ends[text - 1] if text else 0
        base = bytes(self._text[start : self._text_ends[text]]).decode()
        extension = self._extension_of[position]
        return f"{base}, {self._extensions[extension]}" if extension else base


def folded(text: str) -> str:
    """Return a title as titles are compared: one space between words, no case, no accents."""
    joined = " ".join(text.split())
    if joined.isascii():  # nearly all titles, and nothing to take apart
        return joined.casefold()
    apart = unicodedata.normalize("NFKD", joined)
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()


def title_hash(fold: str) -> int:
    """Return the number under which a folded title is found; equal numbers are compared by their texts."""
    return int.from_bytes(blake2b(fold.encode(), digest_size=8).digest(), "big")


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return sorted intervals with those joined that follow each other without a day between."""
    joined: list[Interval] = []
    for each in intervals:
        before = joined[-1] if joined else None
        if before is not None and before.last is not None and before.last.toordinal() + 1 == each.first.toordinal():
            joined[-1] = Interval(before.first, each.last)
        else:
            joined.append(each)
    return tuple(joined)


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the days of all intervals, in order, without gaps or overlaps between those that touch."""
    joined: list[Interval] = []
    for each in sorted(intervals, key=lambda interval: (interval.first, interval.last or date.max)):
        if joined and (joined[-1].last is None or each.first <= joined[-1].last + timedelta(days=1)):
            ends = (joined[-1].last, each.last)
            joined[-1] = Interval(joined[-1].first, None if None in ends else max(end for end in ends if end))
        else:
            joined.append(each)
    return joined


def _history(edition: Edition, written: Iterable[Iterable[Any]]) -> _History:
    billable, heading = Valid(edition), MoreDigitsNeeded(edition)
    spans = tuple(
        Span(Interval(date.fromisoformat(first), day(last)), bool(is_billable)) for first, last, is_billable in written
    )
    valid = merged(span.interval for span in spans if span.billable)
    return _History(
        spans=tuple(
            (span.interval.first, span.interval.last or date.max, billable if span.billable else heading)
            for span in spans
        ),
        otherwise=NotValidOnDate(edition, valid or merged(span.interval for span in spans)),
        valid=valid,
    )
