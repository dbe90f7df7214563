"""The tabular list of ICD-10-CM: what it says of a code beside its title, at the code itself and above it.

Owns: reading the table that `loaders/icd10cm_tabular.py` builds: notes by kind, the codes that a note names, and the
7th characters. Refuses: saying that a code exists (`icd10cm.py` does), and judging a claim: a note often names a
condition that only the record shows, so that a rule quotes it and a person decides.
What is said at a heading, a section or a chapter holds for all codes below it. The list has no history: an edition
answers for the days of its release, so ask for it by day (`Library.on`).
**Source**: ICD-10-CM Official Guidelines, sections I.A.4 to I.A.17.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache, partial
from typing import Any, Final, Self

from shared.codesets.edition import Edition
from shared.codesets.library import System
from shared.codesets.packed import CODE_BYTES_MAX, Buffer, NotATable, Packed, find, key

CATEGORY_LENGTH: Final = 3
WHOLE_LENGTH: Final = 7
PLACEHOLDER: Final = "X"
_CODES_KEPT: Final = 4_096
"""Codes whose exclusions are kept ready, some 15 MB at most; a practice uses a few hundred."""


class NoteKind(IntEnum):
    """What a note is for. The numbers are stored in tables: never reuse one."""

    INCLUDES = 0
    INCLUSION_TERM = 1
    EXCLUDES1 = 2  # never coded together, unless the two conditions have nothing to do with each other
    EXCLUDES2 = 3  # not part of it: may be coded beside it
    CODE_FIRST = 4  # the cause, before this manifestation
    USE_ADDITIONAL_CODE = 5  # after it
    CODE_ALSO = 6  # in either order
    GENERAL = 7
    SEVENTH_CHARACTER = 8


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Codes that a note names. **Shape**: stored form, both ends with all that is below them; often one code twice."""

    first: str
    last: str

    def holds(self, code: str) -> bool:
        """Return whether a code, in its stored form, is among them."""
        return self.first <= code[: len(self.first)] and code[: len(self.last)] <= self.last


@dataclass(frozen=True, slots=True)
class Note:
    """A note. **Shape**: `owner` is a code in its stored form, a section (`A00-A09`) or a chapter (`chapter 1`).

    `codes` are those that the text names in parentheses and nothing else qualifies; none: read the text.
    """

    owner: str
    kind: NoteKind
    text: str
    codes: tuple[CodeRange, ...]


@dataclass(frozen=True, slots=True)
class SeventhCharacters:
    """The characters of which a code below `owner` needs one as its seventh, each with its meaning."""

    owner: str
    meanings: Mapping[str, str]

    def fit(self, code: str) -> bool:
        """Return whether a code is complete: seven characters, the last one of these."""
        return len(code) == WHOLE_LENGTH and code[-1] in self.meanings

    def completed(self, stem: str) -> tuple[str, ...]:
        """Return the complete codes of a code without its 7th character, with placeholders up to the sixth."""
        return tuple(f"{stem:{PLACEHOLDER}<{WHOLE_LENGTH - 1}}{character}" for character in self.meanings)


@dataclass(frozen=True, slots=True)
class _Exclusions:
    """What excludes1 says at and above a code. **Shape**: `named` are owner, lowest, highest, note; nearest first."""

    number: int
    owners: frozenset[int]
    named: tuple[tuple[int, int, int, int], ...]


class TabularNotes:
    """One edition of the notes. **Shape**: immutable, read in place. **Errors**: `NotATable`."""

    def __init__(self, system: str, table: Packed) -> None:
        self.edition: Final[Edition] = table.edition(system)
        try:
            self._blocks: Final = tuple((str(name), _place(parent)) for name, parent in table.head["blocks"])
            self._sevenths: Final = tuple(
                {str(character): str(meaning) for character, meaning in each} for each in table.head["sevenths"]
            )
            self._seventh_of: Final = {str(code): int(at) for code, at in table.head["seventh_of"].items()}
        except (KeyError, TypeError, ValueError, AttributeError) as wrong:
            raise NotATable("the head is not that of a table of notes") from wrong
        self._owners = table.numbers("owners", "Q")
        self._categories, self._block_of = table.columns(("categories", "Q"), ("block_of", "H"))
        self._kind, self._text_ends = table.columns(("kind", "B"), ("text_ends", "I"))
        self._text = table.section("text")
        self._lowest, self._highest = table.columns(("lowest", "Q"), ("highest", "Q"))
        notes = len(self._kind)
        self._starts = table.starts("starts", groups=len(self._owners) + len(self._blocks), rows=notes)
        self._named_starts = table.starts("named_starts", groups=notes, rows=len(self._lowest))
        self._check()
        self._place_of: Final = {owner: place for place, owner in enumerate(self._owners)}
        self._exclusions: Final = lru_cache(_CODES_KEPT)(self._exclusions_of)

    @classmethod
    def read(cls, system: str, buffer: Buffer) -> Self:
        """Return the table in a buffer, plain (mapped, say) or packed. **Errors**: `NotATable`."""
        return cls(system, Packed(buffer))

    def __len__(self) -> int:
        """Return the number of notes."""
        return len(self._kind)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each code, section or chapter with a kind of note, and its notes of that kind, by name."""
        owners = len(self._owners) + len(self._blocks)
        said = {
            f"{self._name(owner)} {kind.name.lower()}": " | ".join(self._note(owner, at).text for at in notes)
            for owner in range(owners)
            for kind in NoteKind
            if (notes := self._notes_of(owner, kind))
        }
        sevenths = {
            f"{code} 7th characters": ", ".join(f"{character} {meaning}" for character, meaning in meanings.items())
            for code, at in self._seventh_of.items()
            for meanings in (self._sevenths[at],)
        }
        return iter(sorted((said | sevenths).items()))

    def notes(self, code: str, kind: NoteKind, *, inherited: bool = True) -> tuple[Note, ...]:
        """Return the notes of a kind for a code, the nearest first; only its own where not `inherited`."""
        owners = self._owners_of(code) if inherited else self._own(code)
        return tuple(self._note(owner, at) for owner in owners for at in self._notes_of(owner, kind))

    def excludes1(self, code: str, other: str) -> tuple[Note, ...]:
        """Return the notes by which two codes are not reported together, whichever of them carries it; none most often.

        **Shape**: a note counts that stands at the one or above it, and names the other. One that also names the first,
        or stands above both, does not: it parts the two in a way that only its text says.
        """
        return (*self._excluded(code, other), *self._excluded(other, code))

    def seventh_characters(self, code: str) -> SeventhCharacters | None:
        """Return what the seventh character of a code may be: as its nearest heading says; None where none is asked."""
        for length in range(min(len(code), WHOLE_LENGTH), CATEGORY_LENGTH - 1, -1):
            at = self._seventh_of.get(code[:length])
            if at is not None:
                return SeventhCharacters(code[:length], self._sevenths[at])
        return None

    def _excluded(self, code: str, other: str) -> Iterator[Note]:
        own, partner = self._exclusions(code), self._exclusions(other)
        last = None
        for owner, low, high, at in own.named:
            if owner in partner.owners:
                return  # and so is everything above it
            if low <= partner.number <= high and not low <= own.number <= high and at != last:
                last = at
                yield self._note(owner, at)

    def _exclusions_of(self, code: str) -> _Exclusions:
        owners = tuple(self._owners_of(code))
        named = (
            (owner, self._lowest[each], self._highest[each], at)
            for owner in owners
            for at in self._notes_of(owner, NoteKind.EXCLUDES1)
            for each in range(self._named_starts[at], self._named_starts[at + 1])
        )
        return _Exclusions(key(code) or 0, frozenset(owners), tuple(named))

    def _owners_of(self, code: str) -> Iterator[int]:
        """Yield the places of a code, its headings, its section and its chapter, as far as they have notes."""
        for length in range(min(len(code), WHOLE_LENGTH), CATEGORY_LENGTH - 1, -1):
            number = key(code[:length])
            place = None if number is None else self._place_of.get(number)
            if place is not None:
                yield place
        category = key(code[:CATEGORY_LENGTH])
        found = None if category is None else find(self._categories, category)
        block: int | None = None if found is None else self._block_of[found]
        while block is not None:
            yield len(self._owners) + block
            block = self._blocks[block][1]

    def _own(self, code: str) -> Iterator[int]:
        place = self._place_of.get(key(code) or 0)
        if place is not None:
            yield place

    def _notes_of(self, owner: int, kind: NoteKind) -> range:
        """Return the notes of a kind; those of an owner stand together, by their kind."""
        first, last = self._starts[owner], self._starts[owner + 1]
        begin = bisect_left(self._kind, kind, first, last)
        return range(begin, bisect_left(self._kind, kind + 1, begin, last))

    def _name(self, owner: int) -> str:
        if owner >= len(self._owners):
            return self._blocks[owner - len(self._owners)][0]
        return _code(self._owners[owner])

    def _note(self, owner: int, at: int) -> Note:
        start = self._text_ends[at - 1] if at else 0
        text = bytes(self._text[start : self._text_ends[at]]).decode()
        named = range(self._named_starts[at], self._named_starts[at + 1])
        codes = tuple(CodeRange(_code(self._lowest[each]), _code(self._highest[each])) for each in named)
        return Note(self._name(owner), NoteKind(self._kind[at]), text, codes)

    def _check(self) -> None:
        known = (
            all(block < len(self._blocks) for block in self._block_of),
            all(at < len(self._sevenths) for at in self._seventh_of.values()),
            all(parent is None or parent < own for own, (_, parent) in enumerate(self._blocks)),
        )
        if not all(known):
            raise NotATable("the table names a block or a character that it does not have")


def highest(code: str) -> int:
    """Return the number of the last code that can stand below a code."""
    return int.from_bytes(code.encode().ljust(CODE_BYTES_MAX, b"\xff"), "big")


def _code(number: int) -> str:
    return number.to_bytes(CODE_BYTES_MAX, "big").rstrip(b"\0\xff").decode()


def _place(parent: Any) -> int | None:  # noqa: ANN401 (a value of the head, checked here)
    return None if parent is None else int(parent)


SYSTEM: Final = System(
    name="icd10cm_notes",
    title="ICD-10-CM: notes and 7th characters of the tabular list",
    source="https://www.cms.gov/medicare/coding-billing/icd-10-codes",
    read=partial(TabularNotes.read, "icd10cm_notes"),
)
