"""Codes in words: which codes of the edition of a day somebody means by a few letters or words, and what a code means.

Owns: the indexes of a process, one for each table that was asked, and what is said of a code. Refuses: a code that no
table here has; who has no CPT list finds none. Next: `shared/codesets/search.py`.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any, Final, Literal, TypeAlias

from shared.codesets import code_list, hcpcs, icd10cm
from shared.codesets.code_list import CodeList
from shared.codesets.edition import MoreDigitsNeeded, TableNotLoaded, UnknownCode, Valid, Why
from shared.codesets.icd10 import Icd10
from shared.codesets.library import Library, System
from shared.codesets.search import CodeIndex

Searched: TypeAlias = Literal["icd10cm", "hcpcs", "cpt"]
SYSTEMS: Final[dict[Searched, System[Any]]] = {
    "icd10cm": icd10cm.SYSTEM,
    "hcpcs": hcpcs.SYSTEM,
    "cpt": code_list.CPT,
}
INDEXES_MAX: Final = 3
"""Tables whose index is kept, those that were asked last; one of all diagnoses takes some 15 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCode:
    """A code. **Shape**: `is_billable` None where the code set has no headings; `is_in_force` on the day asked for."""

    code: str
    title: str | None
    is_billable: bool | None
    is_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search finds. **Shape**: `edition` None where none answers for the day, and then `reason` says why."""

    items: tuple[FoundCode, ...] = ()
    edition: str | None = None
    reason: Why | None = None


def known(library: Library, system: Searched, code: str, on: date) -> FoundCode | None:
    """Return what the edition of a day says of a code in its stored form, in force or not; None where it has none."""
    table = library.on(SYSTEMS[system], on)
    if isinstance(table, TableNotLoaded) or isinstance(table.look_up(code, on), UnknownCode | TableNotLoaded):
        return None
    return _said(table, code, on)


class CodeSearch:
    """Searches of one process, from any thread."""

    def __init__(self) -> None:
        self._indexes: OrderedDict[str, CodeIndex] = OrderedDict()
        self._building = Lock()

    def find(self, library: Library, system: Searched, text: str, on: date, *, items_max: int) -> Found:
        """Return codes of the edition of a day, those in force first; the first search of a table builds its index."""
        table = library.on(SYSTEMS[system], on)
        if isinstance(table, TableNotLoaded):
            licensed = table.why is Why.ABSENT and SYSTEMS[system].licence is not None
            return Found(reason=Why.LICENSED if licensed else table.why)
        in_force: list[FoundCode] = []
        others: list[FoundCode] = []
        for code in self._index(table).find(text):
            each = _said(table, code, on)
            (in_force if each.is_in_force else others).append(each)
            if len(in_force) == items_max:
                break
        return Found(items=tuple((in_force + others)[:items_max]), edition=table.edition.name)

    def _index(self, table: Any) -> CodeIndex:  # noqa: ANN401 (a table of one of these code sets)
        key = table.edition.sha256
        with self._building:
            index = self._indexes.pop(key, None) or CodeIndex(_entries(table))
            self._indexes[key] = index
            if len(self._indexes) > INDEXES_MAX:
                self._indexes.popitem(last=False)
        return index


def _entries(table: Any) -> Iterator[tuple[str, str | None]]:  # noqa: ANN401 (as above)
    match table:
        case Icd10():
            yield from ((code, table.title(code)) for code in table)
        case CodeList():
            yield from ((code, table.label(code, table.edition.effective_from)) for code, _ in table.rows())
        case _:
            yield from ((row.code, row.description or row.label) for row in table)


def _said(table: Any, code: str, on: date) -> FoundCode:  # noqa: ANN401 (as above)
    answer = table.look_up(code, on)
    valid = isinstance(answer, Valid)
    match table:
        case Icd10():
            known = isinstance(answer, Valid | MoreDigitsNeeded)
            return FoundCode(code=code, title=table.title(code), is_billable=valid, is_in_force=known)
        case CodeList():
            title = table.label(code, on)
        case _:
            row = table.row(code)
            title = row.description or row.label
    return FoundCode(code=code, title=title, is_billable=None, is_in_force=valid)
