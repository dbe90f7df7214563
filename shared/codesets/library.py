"""Which editions of the code sets are held, and which of them answers for a day of service.

Owns: `System` (a code set, and how its tables are read), `Shelf` (its editions), `Library` (all shelves). Refuses: two
loaded editions that answer for the same day. Next: `systems.py` lists the code sets, `official.py` says how a table
comes out of a file that an agency publishes.

A starter is what the product carries. It gives way: a loaded edition answers for its own days, and the starter for all
others. So loading an edition never changes a look-up for a day that it does not cover.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Generic, Protocol, Self, TypeVar, cast

from shared.codesets.edition import Answer, Edition, TableNotLoaded, Why
from shared.codesets.packed import Buffer
from shared.kernel.errors import Rejected


class Table(Protocol):
    """What a table of codes must have."""

    @property
    def edition(self) -> Edition:
        """Return which release it is."""

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield what has a row, by its name, and what holds for it as one line, in the order of the names."""


class LooksUp(Table, Protocol):
    """What a table of codes must have that says of each what is known of it."""

    def look_up(self, code: str, on: date) -> Answer:
        """Return what is known of a code on a day."""


T = TypeVar("T", bound=Table)
L = TypeVar("L", bound=LooksUp)


_ANSWERS_MAX: Final = 10_000


class EditionsOverlap(Rejected):
    """Another loaded edition answers for some of these days.

    **Shape**: the message names both releases. Load what goes before or after it, or say that it replaces the other.
    """

    slug = "editions-overlap"

    @classmethod
    def of(cls, new: Edition, held: str) -> Self:
        """Return the error that says which two editions share a day. **Shape**: `held` is a release."""
        return cls(
            f"{new.name} answers for days that {held} answers for: say which days it is for, or that it replaces the"
            " other"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class System(Generic[T]):
    """A code set. **Shape**: `name` as events and findings write it; `read` opens a table, plain or packed.

    `source` is where its keeper publishes it, for whoever lacks it; `licence` names what has to be accepted before its
    file may be loaded, None where it is free.
    """

    name: str
    title: str
    source: str
    read: Callable[[Buffer], T]
    licence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf(Generic[T]):
    """The editions of one code set. **Shape**: `loaded` by their first day, without a common day."""

    system: System[T]
    starter: T | None = None
    loaded: tuple[T, ...] = ()

    def on(self, day: date) -> T | TableNotLoaded:
        """Return the table that answers for a day of service, or why none does."""
        for table in self.loaded:
            if table.edition.covers.holds(day):
                return table
        if self.starter is not None and self.starter.edition.covers.holds(day):
            return self.starter
        return self._nearest(day)

    def with_table(self, table: T, *, replaces: str | None = None) -> Self:
        """Return the shelf with one edition more; the same table again changes nothing.

        **Shape**: `replaces` is the hash of the edition whose place it takes. **Errors**: `EditionsOverlap`.
        """
        if any(each.edition.sha256 == table.edition.sha256 for each in self.loaded):
            return self
        others = tuple(each for each in self.loaded if each.edition.sha256 != replaces)
        for other in others:
            if table.edition.covers.meets(other.edition.covers):
                raise EditionsOverlap.of(table.edition, other.edition.release)
        return replace(self, loaded=tuple(sorted((*others, table), key=lambda each: each.edition.effective_from)))

    def editions(self) -> tuple[Edition, ...]:
        """Return what is held, the starter first."""
        held = self.loaded if self.starter is None else (self.starter, *self.loaded)
        return tuple(table.edition for table in held)

    def _nearest(self, day: date) -> TableNotLoaded:
        editions = self.editions()
        before = [each for each in editions if each.effective_from <= day]
        if not editions:
            return TableNotLoaded(self.system.name, Why.ABSENT)
        if not before:
            first = min(editions, key=lambda each: each.effective_from)
            return TableNotLoaded(self.system.name, Why.BEFORE_FIRST_EDITION, first)
        last = max(before, key=lambda each: each.effective_to or date.max)
        why = Why.AFTER_LAST_EDITION if len(before) == len(editions) else Why.BETWEEN_EDITIONS
        return TableNotLoaded(self.system.name, why, last)


class Library:
    """The shelves of a process. **Shape**: immutable; a system that it does not know is absent."""

    def __init__(self, shelves: Iterable[Shelf[Any]] = ()) -> None:
        self._shelves: Mapping[str, Shelf[Any]] = {shelf.system.name: shelf for shelf in shelves}
        self._answers: dict[tuple[str, date], Any] = {}  # a batch asks thousands of times about a few days
        self._editions: dict[date, tuple[Edition, ...]] = {}

    def shelf(self, system: System[T]) -> Shelf[T]:
        """Return the editions of a code set."""
        return cast(Shelf[T], self._shelves.get(system.name) or Shelf(system=system))

    def on(self, system: System[T], day: date) -> T | TableNotLoaded:
        """Return the table of a code set that answers for a day, or why none does."""
        asked = (system.name, day)
        answer: T | TableNotLoaded | None = self._answers.get(asked)
        if answer is None:
            if len(self._answers) >= _ANSWERS_MAX:
                self._answers.clear()
            answer = self._answers[asked] = self.shelf(system).on(day)
        return answer

    def look_up(self, system: System[L], code: str, on: date) -> Answer:
        """Return what is known of a code on a day, by the table that answers for it."""
        table = self.on(system, on)
        return table if isinstance(table, TableNotLoaded) else table.look_up(code, on)

    def with_table(self, system: System[T], table: T, *, replaces: str | None = None) -> "Library":
        """Return the library with one edition more. **Errors**: `EditionsOverlap`."""
        shelf = self.shelf(system).with_table(table, replaces=replaces)
        return Library({**self._shelves, system.name: shelf}.values())

    def editions_on(self, day: date) -> tuple[Edition, ...]:
        """Return what answers for a day, an edition of each code set at most."""
        editions = self._editions.get(day)
        if editions is None:
            if len(self._editions) >= _ANSWERS_MAX:
                self._editions.clear()
            tables = (shelf.on(day) for shelf in self._shelves.values())
            editions = tuple(table.edition for table in tables if not isinstance(table, TableNotLoaded))
            self._editions[day] = editions
        return editions

    def editions(self) -> tuple[Edition, ...]:
        """Return everything that is held."""
        return tuple(edition for shelf in self._shelves.values() for edition in shelf.editions())
