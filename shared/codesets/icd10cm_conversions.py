"""What became of an ICD-10-CM code: the codes that took the place of another, and since when.

Owns: reading the table that `loaders/icd10cm_conversions.py` builds. Refuses: recoding. A code is often split, so that
only the record says which of its successors is meant; a finding names them, a coder decides.
The table is cumulative, so that one edition knows all changes since 2015, and is asked for by day (`Library.on`).
**Source**: ICD-10-CM conversion table of the fiscal year (NCHS).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final, Self

from shared.codesets.edition import Edition, Provenance
from shared.codesets.library import System
from shared.codesets.packed import Buffer, NotATable, Packed, head_of, write

_STEPS_MAX: Final = 12
"""A code is seldom replaced twice; a table that leads in a circle must end."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A code that took the place of others. **Shape**: stored forms; `since` is its first day.

    `previous` are those that the table names one by one; `said` is its own wording, which may name more (a category),
    or join two that were coded together.
    """

    code: str
    since: date
    previous: tuple[str, ...]
    said: str


class Conversions:
    """One edition of the table. **Shape**: immutable. **Errors**: `NotATable`."""

    def __init__(self, system: str, table: Packed) -> None:
        self.edition: Final[Edition] = table.edition(system)
        try:
            rows = tuple(
                Conversion(str(code), date.fromisoformat(since), tuple(map(str, previous)), str(said))
                for code, since, previous, said in table.head["conversions"]
            )
        except (KeyError, TypeError, ValueError) as wrong:
            raise NotATable("the head is not that of a table of conversions") from wrong
        self._to: Final = _grouped((row.code, row) for row in rows)
        self._from: Final = _grouped((previous, row) for row in rows for previous in row.previous)
        self._count: Final = len(rows)

    @classmethod
    def read(cls, system: str, buffer: Buffer) -> Self:
        """Return the table in a buffer, plain (mapped, say) or packed. **Errors**: `NotATable`."""
        return cls(system, Packed(buffer))

    def __len__(self) -> int:
        """Return the number of conversions."""
        return self._count

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each code that took the place of others, since when and of which, in the order of the codes."""
        for code in sorted(self._to):
            yield code, "; ".join(sorted(f"since {row.since}: {row.said}" for row in self._to[code]))

    def successors(self, code: str, on: date, billable: Callable[[str], bool]) -> tuple[Conversion, ...]:
        """Return what took the place of a code until a day and is billable on it, by code; none where nobody knows.

        **Shape**: `billable` says it of a code on that day; one that is not is followed to its own successors.
        """
        found: dict[str, Conversion] = {}
        waiting, seen = [code], {code}
        for _ in range(_STEPS_MAX):
            later = {
                row.code: row
                for each in waiting
                for row in self._from.get(each, ())
                if row.since <= on and row.code not in seen
            }
            seen.update(later)
            found |= {each: row for each, row in later.items() if billable(each)}
            waiting = [each for each in later if each not in found]
        return tuple(found[each] for each in sorted(found))

    def predecessors(self, code: str, on: date, billable: Callable[[str], bool]) -> tuple[str, ...]:
        """Return what was billable on a day in place of a code that came later, by code; none where nobody knows."""
        found: dict[str, None] = {}
        waiting, seen = [code], {code}
        for _ in range(_STEPS_MAX):
            earlier = [
                previous
                for each in waiting
                for row in self._to.get(each, ())
                if row.since > on
                for previous in row.previous
                if previous not in seen
            ]
            seen.update(earlier)
            found |= dict.fromkeys(each for each in earlier if billable(each))
            waiting = [each for each in earlier if each not in found]
        return tuple(sorted(found))


def _grouped(pairs: Iterable[tuple[str, Conversion]]) -> dict[str, tuple[Conversion, ...]]:
    grouped: dict[str, list[Conversion]] = {}
    for code, row in pairs:
        grouped.setdefault(code, []).append(row)
    return {code: tuple(rows) for code, rows in grouped.items()}


def table_of(provenance: Provenance, conversions: Iterable[Conversion]) -> bytes:
    """Return the packed table; the same conversion again changes nothing."""
    rows = sorted({(row.code, row.since.isoformat(), row.previous, row.said) for row in conversions})
    return write({"edition": head_of(provenance), "conversions": rows}, {})


SYSTEM: Final = System(
    name="icd10cm_conversions",
    title="ICD-10-CM: which codes took the place of others",
    source="https://www.cms.gov/medicare/coding-billing/icd-10-codes",
    read=partial(Conversions.read, "icd10cm_conversions"),
)
