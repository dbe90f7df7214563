"""Articles of the Medicare Coverage Database: which diagnoses support a procedure, and for whose patients.

Owns: reading the table that `loaders/coverage_articles.py` builds. Refuses: denying; the lists of an article go
together as its text says, not always by their numbers, so what is found here is a warning. Since 2019 codes stand in
articles, not in the local determinations (LCD) that these belong to.
**Source**: Medicare Program Integrity Manual chapter 13; Medicare Coverage Database, data dictionary of its downloads.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from itertools import groupby
from typing import Final, Self, TypeAlias

import msgspec
from msgspec import Struct

from shared.codesets.edition import Interval, TableNotLoaded, Why, outside
from shared.codesets.library import System
from shared.codesets.packed import Buffer, NotATable, Packed, find, key, text_of

CONTRACTOR_LENGTH: Final = 5
_CODES_KEPT: Final = 32_768  # procedures, and diagnoses, whose places in the table are remembered
COVERED: Final = "covered_"
NONCOVERED: Final = "noncovered_"
"""What the names of the sections of a list begin with."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article in one version. **Shape**: `number` as people know it (A57759); `kind` the number of its type.

    `contractors` are the numbers (MAC) of who issued it, none where the download does not say.
    """

    number: str
    version: str
    title: str
    kind: str
    valid: Interval
    contractors: tuple[str, ...]

    def concerns(self, contractor: str) -> bool:
        """Return whether an article may be that of a contractor, by its five digits."""
        return not self.contractors or contractor in self.contractors


class Listed(Struct, frozen=True, gc=False):
    """An article that lists a procedure. **Shape**: `groups` are the numbers of its lists that hold the procedure.

    `first` and `last` are its days; `covered` and `noncovered` the rows of its lists of diagnoses, an end behind them.
    """

    article: Article
    groups: tuple[int, ...]
    first: date
    last: date
    covered: tuple[int, int]
    noncovered: tuple[int, int]


class Match(Struct, frozen=True, gc=False):
    """A diagnosis in a list. **Shape**: `paired`: the list has the number of one that holds the procedure."""

    diagnosis: str
    group: int
    paired: bool


class Necessity(Struct, frozen=True, gc=False):
    """What an article says of a procedure with these diagnoses.

    `lists_diagnoses`: it names diagnoses that support; an article without such a list may only name what does not.
    """

    article: Article
    groups: tuple[int, ...]
    supported: tuple[Match, ...]
    excluded: tuple[Match, ...]
    lists_diagnoses: bool

    @property
    def met(self) -> bool | None:
        """Return whether a diagnosis supports the procedure; None where the article does not decide that."""
        if self.supported:
            return True
        return False if self.lists_diagnoses or self.excluded else None


Necessities: TypeAlias = tuple[Necessity, ...] | TableNotLoaded


class CoverageArticles:
    """One edition of the articles. **Shape**: immutable, lists read in place. **Errors**: `NotATable`."""

    def __init__(self, system: str, table: Packed) -> None:
        self.edition: Final = table.edition(system)
        try:
            self._articles: Final = msgspec.json.decode(bytes(table.section("articles")), type=tuple[Article, ...])
        except msgspec.MsgspecError as wrong:
            raise NotATable("the articles of the table cannot be read") from wrong
        self._codes: Final = table.numbers("codes", "Q")
        self._code_articles, self._code_groups = table.columns(("code_articles", "I"), ("code_groups", "H"))
        self._code_starts: Final = table.starts("code_starts", groups=len(self._codes), rows=len(self._code_articles))
        self._diagnoses: Final = table.numbers("diagnoses", "Q")
        self._covered: Final = _Lists(table, COVERED, len(self._articles))
        self._noncovered: Final = _Lists(table, NONCOVERED, len(self._articles))
        self._first, self._last = self.edition.effective_from, self.edition.effective_to or date.max
        self._listed_in: Final = lru_cache(_CODES_KEPT)(self._all_listed)
        self._diagnosis: Final = lru_cache(_CODES_KEPT)(self._place_of)

    @classmethod
    def read(cls, system: str, buffer: Buffer) -> Self:
        """Return the table in a buffer, plain (mapped, say) or packed. **Errors**: `NotATable`."""
        return cls(system, Packed(buffer))

    def __len__(self) -> int:
        """Return the number of articles."""
        return len(self._articles)

    def listing(self, procedure: str, on: date, contractor: str | None = None) -> tuple[Listed, ...] | TableNotLoaded:
        """Return the articles in force on a day that list a procedure, or why that cannot be said.

        **Shape**: `contractor` is the number of who pays (MAC), None: those of all. None at all: nobody restricts it.
        """
        if not self._first <= on <= self._last and (not_loaded := outside(self.edition, on)) is not None:
            return not_loaded
        found = self._listed_in(procedure)
        if found:
            found = tuple([each for each in found if each.first <= on <= each.last])
            if contractor is not None:
                wanted = contractor.zfill(CONTRACTOR_LENGTH)
                found = tuple(each for each in found if each.article.concerns(wanted))
        if not found and not self.edition.complete:
            return TableNotLoaded(self.edition.system, Why.PARTIAL, self.edition)
        return found

    def necessity(
        self, procedure: str, diagnoses: Iterable[str], on: date, contractor: str | None = None
    ) -> Necessities:
        """Return what each article that lists a procedure says of it with these diagnoses.

        **Shape**: diagnoses as stored, without dots; those that the line points to.
        """
        listed = self.listing(procedure, on, contractor)
        if isinstance(listed, TableNotLoaded):
            return listed
        if not listed:
            return ()
        places = [
            (diagnosis, place)
            for diagnosis in dict.fromkeys(diagnoses)
            if (place := self._diagnosis(diagnosis)) is not None
        ]
        return tuple(
            [
                Necessity(
                    each.article,
                    each.groups,
                    self._covered.matches(places, each.covered, each.groups),
                    self._noncovered.matches(places, each.noncovered, each.groups),
                    each.covered[0] < each.covered[1],
                )
                for each in listed
            ]
        )

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each article and each code of its lists, and what is said of it as one line, in their order."""
        procedures: dict[int, list[tuple[str, int]]] = {}
        for place, number in enumerate(self._codes):
            for row in range(self._code_starts[place], self._code_starts[place + 1]):
                procedures.setdefault(self._code_articles[row], []).append((text_of(number), self._code_groups[row]))
        for at, article in enumerate(self._articles):
            yield article.number, f"version {article.version} {article.valid} {' '.join(article.contractors)}".rstrip()
            for name, codes in (
                ("covered", self._listed(self._covered, at)),
                ("noncovered", self._listed(self._noncovered, at)),
                ("procedure", procedures.get(at, ())),
            ):
                for code, same in groupby(codes, key=lambda row: row[0]):
                    yield f"{article.number} {name} {code}", f"group {', '.join(str(group) for _, group in same)}"

    def _all_listed(self, procedure: str) -> tuple[Listed, ...]:
        """Return the articles that list a procedure on whatever day."""
        number = key(procedure)
        place = None if number is None else find(self._codes, number)
        if place is None:
            return ()
        rows = range(self._code_starts[place], self._code_starts[place + 1])
        return tuple(
            Listed(
                article := self._articles[at],
                tuple(self._code_groups[row] for row in same),
                article.valid.first,
                article.valid.last or date.max,
                self._covered.rows(at),
                self._noncovered.rows(at),
            )
            for at, same in groupby(rows, key=self._code_articles.__getitem__)
        )

    def _place_of(self, code: str) -> int | None:
        number = key(code)
        return None if number is None else find(self._diagnoses, number)

    def _listed(self, lists: "_Lists", at: int) -> Iterator[tuple[str, int]]:
        for place, group in lists.all(at):
            yield text_of(self._diagnoses[place]), group


class _Lists:
    """The lists of diagnoses of all articles, those of one article beside each other, by diagnosis."""

    def __init__(self, table: Packed, prefix: str, articles: int) -> None:
        self._diagnoses, self._groups = table.columns((f"{prefix}diagnoses", "I"), (f"{prefix}groups", "H"))
        self._starts = table.starts(f"{prefix}starts", groups=articles, rows=len(self._diagnoses))

    def rows(self, at: int) -> tuple[int, int]:
        return self._starts[at], self._starts[at + 1]

    def matches(
        self, places: Iterable[tuple[str, int]], rows: tuple[int, int], groups: tuple[int, ...]
    ) -> tuple[Match, ...]:
        first, last = rows
        if first == last:
            return ()
        found = []
        for diagnosis, place in places:
            row = bisect_left(self._diagnoses, place, first, last)
            while row < last and self._diagnoses[row] == place:
                found.append(Match(diagnosis, self._groups[row], self._groups[row] in groups))
                row += 1
        return tuple(found)

    def all(self, at: int) -> Iterator[tuple[int, int]]:
        for row in range(*self.rows(at)):
            yield self._diagnoses[row], self._groups[row]


SYSTEM: Final = System(
    name="coverage_articles",
    title="Medicare coverage articles: diagnoses that support a procedure",
    source="https://www.cms.gov/medicare-coverage-database/downloads/downloads.aspx",
    read=partial(CoverageArticles.read, "coverage_articles"),
    licence="AMA: CPT numbers",
)
