"""Writing the table of the Medicare Code Editor: from the days on which each code has which attributes."""

from array import array
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TypeAlias

from shared.codesets.edition import Interval, Provenance
from shared.codesets.icd10_table import NotACode
from shared.codesets.mce import Attribute
from shared.codesets.packed import head_of, key, write

Marked: TypeAlias = tuple[Interval, Attribute]
"""What holds for a code in some days."""


def table_of(provenance: Provenance, codes: Mapping[str, Iterable[Marked]]) -> bytes:
    """Return the packed table. **Shape**: the days of a code do not overlap. **Errors**: `NotACode`."""
    histories = {code: _written(code, marked) for code, marked in sorted(codes.items())}
    distinct = sorted({history for history in histories.values() if history}, key=repr)
    number_of = {history: number for number, history in enumerate(distinct)}
    kept = {code: number_of[history] for code, history in histories.items() if history}
    sections = {
        "codes": array("Q", [key(code) or 0 for code in kept]),
        "history_of": array("H", list(kept.values())),
    }
    head = {"edition": head_of(provenance), "histories": distinct}
    return write(head, {name: section.tobytes() for name, section in sections.items()})


def _written(code: str, marked: Iterable[Marked]) -> tuple[tuple[str, str | None, int], ...]:
    ordered = sorted((each for each in marked if each[1]), key=lambda each: each[0].first)
    if key(code) is None or any(first[0].meets(second[0]) for first, second in pairwise(ordered)):
        raise NotACode("a code has at most 8 letters and digits, and its days do not overlap")
    return tuple(
        (days.first.isoformat(), None if days.last is None else days.last.isoformat(), int(attributes))
        for days, attributes in ordered
    )
