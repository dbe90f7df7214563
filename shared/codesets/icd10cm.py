"""ICD-10-CM as of a date of service: validity, headings, titles, and what the Medicare Code Editor attaches.

Owns: reading the table that `icd10cm_table.py` writes. Refuses: guessing. A date outside the edition is "not loaded",
and a code without a title in the edition (new in FY2027, or gone before April 2026) has the title None.
Codes are text without the dot, upper case: `stored_form` at the border, `dotted` for display.
**Source**: reference/SOURCE.md; FY2016 is the first year of ICD-10-CM on claims, so 2015-10-01 is the first day.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any, Final, Self, TypeAlias

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
from shared.codesets.library import System
from shared.codesets.mce import Attribute
from shared.codesets.packed import Buffer, NotATable, Packed, day, find, key

NO_TITLE: Final = 0xFFFF_FFFF
Judged: TypeAlias = tuple[Answer, Attribute]
"""What is known of a code on a date, and what the code editor attaches to it; `NONE` where it is not `Valid`."""
_CATEGORY_LENGTH: Final = 3


@dataclass(frozen=True, slots=True)
class Span:
    """What holds for a code in some days: billable or a heading, and its attributes."""

    interval: Interval
    billable: bool
    attributes: Attribute = Attribute.NONE


@dataclass(frozen=True, slots=True)
class _History:
    """The life of a code with its answers ready; fewer than 300 different ones serve all codes."""

    spans: tuple[tuple[date, date, Judged], ...]
    otherwise: Judged
    valid: tuple[Interval, ...]


class Icd10cm:
    """One edition of ICD-10-CM. **Shape**: immutable; look-ups take a code in its stored form and a date of service."""

    def __init__(self, table: Packed) -> None:
        self.edition: Final = table.edition(SYSTEM.name)
        try:
            self._first, self._last = self.edition.effective_from, self.edition.effective_to or date.max
            self._absent: Final[Judged] = (absent_code(self.edition), Attribute.NONE)
            self._histories = tuple(_history(self.edition, spans) for spans in table.head["histories"])
            self._extensions: Final = tuple(str(text) for text in table.head["extensions"])
        except (KeyError, TypeError, ValueError) as wrong:
            raise NotATable("the head is not that of an ICD-10-CM table") from wrong
        self._keys = table.numbers("codes", "Q")
        self._history_of = table.numbers("history_of", "H")
        self._title_of = table.numbers("title_of", "I")
        self._extension_of = table.numbers("extension_of", "B")
        self._text_ends = table.numbers("text_ends", "I")
        self._text = table.section("text")
        self._title_hashes = table.numbers("title_hashes", "Q")
        self._titled = table.numbers("titled", "I")
        if not len(self._keys) == len(self._history_of) == len(self._title_of) == len(self._extension_of):
            raise NotATable("the sections of the table are not of one length")

    @classmethod
    def read(cls, buffer: Buffer) -> Self:
        """Return the table in a buffer, plain (mapped, say) or packed. **Errors**: `NotATable`."""
        return cls(Packed(buffer))

    def __len__(self) -> int:
        """Return the number of codes, headings included."""
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        """Return the codes in their order."""
        return (number.to_bytes(8, "big").rstrip(b"\0").decode() for number in self._keys)

    def look_up(self, code: str, on: date) -> Answer:
        """Return what is known of a code on a date of service."""
        return self.judged(code, on)[0]

    def attributes(self, code: str, on: date) -> Attribute:
        """Return what the code editor attaches on a date; `NONE` also where `look_up` is not `Valid`: ask it first."""
        return self.judged(code, on)[1]

    def judged(self, code: str, on: date) -> Judged:
        """Return both at once: a code is found once."""
        if not self._first <= on <= self._last and (not_loaded := outside(self.edition, on)) is not None:
            return not_loaded, Attribute.NONE
        position = self._find(code)
        if position is None:
            return self._absent
        history = self._histories[self._history_of[position]]
        for first, last, judged in history.spans:
            if first <= on <= last:
                return judged
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
            code = self._keys[row].to_bytes(8, "big").rstrip(b"\0").decode()
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


def stored_form(text: str) -> str:
    """Return a code as it is stored and sent: `e11.9 ` becomes `E119`."""
    return text.strip().replace(".", "").upper()


def dotted(code: str) -> str:
    """Return a code as people read it: `E119` becomes `E11.9`."""
    return f"{code[:_CATEGORY_LENGTH]}.{code[_CATEGORY_LENGTH:]}" if len(code) > _CATEGORY_LENGTH else code


def folded(text: str) -> str:
    """Return a title as titles are compared: one space between words, no case, no accents."""
    apart = unicodedata.normalize("NFKD", " ".join(text.split()))
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


def _history(edition: Edition, written: Iterable[Iterable[Any]]) -> _History:
    billable, heading = Valid(edition), MoreDigitsNeeded(edition)
    spans = tuple(
        Span(Interval(date.fromisoformat(first), day(last)), bool(is_billable), Attribute(attributes))
        for first, last, is_billable, attributes in written
    )
    valid = merged(span.interval for span in spans if span.billable)
    return _History(
        spans=tuple(
            (
                span.interval.first,
                span.interval.last or date.max,
                (billable if span.billable else heading, span.attributes),
            )
            for span in spans
        ),
        otherwise=(NotValidOnDate(edition, valid or merged(span.interval for span in spans)), Attribute.NONE),
        valid=valid,
    )


SYSTEM: Final = System(
    name="icd10cm",
    title="ICD-10-CM: diagnosis codes",
    source="https://www.cms.gov/medicare/coding-billing/icd-10-codes",
    read=Icd10cm.read,
)
