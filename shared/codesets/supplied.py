"""A list of codes that a user brings: a table of text with a column `code`, as the keepers of such lists publish them.

For what may not ship (CPT, taxonomy, NUBC's lists) or is a partner's own (payers). Who brings a list answers for its
being whole: a code that it lacks does not exist.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Final

from shared.codesets.edition import Answer, Edition, Interval, NotValidOnDate, UnknownCode, Valid
from shared.kernel.errors import Malformed

_ALWAYS: Final = Interval(date.min)


class NotACodeList(Malformed):
    """A text is no list of codes. **Shape**: the message names the line, and no value."""

    slug = "not-a-code-list"


class SuppliedList:
    """A list that was brought. **Shape**: a code may have several intervals of validity."""

    def __init__(self, system: str, codes: Mapping[str, tuple[Interval, ...]]) -> None:
        self._codes = codes
        self.edition = Edition(
            system=system,
            release="as supplied",
            effective_from=date.min,
            effective_to=None,
            sha256=sha256(repr(sorted(codes.items())).encode()).hexdigest(),
            source="supplied by the user",
            complete=True,
        )

    def __len__(self) -> int:
        """Return the number of codes."""
        return len(self._codes)

    def look_up(self, code: str, on: date | None) -> Answer:
        """Return what is known of a code on a day; without a day, whether it ever was one."""
        valid = self._codes.get(code)
        if valid is None:
            return UnknownCode(self.edition)
        if on is None or any(each.holds(on) for each in valid):
            return Valid(self.edition)
        return NotValidOnDate(self.edition, valid)


def read_supplied(system: str, lines: Iterable[str]) -> SuppliedList:
    """Return the list in a table of comma-separated lines.

    **Shape**: the first line names the columns, of which `code` is read, and `start` and `end` where they are there:
    days as 2026-01-31, both usable, empty without end. Points are taken out of codes. **Errors**: `NotACodeList`.
    """
    rows = _rows(lines)
    _, first = next(rows, (0, []))
    names = [name.strip().lower() for name in first]
    if "code" not in names:
        raise NotACodeList("the first line of a list of codes names its columns, and one of them is code")
    found: dict[str, tuple[Interval, ...]] = {}
    for line_number, row in rows:
        values = dict(zip(names, map(str.strip, row), strict=False))
        code = values["code"].replace(".", "").upper() if "code" in values else ""
        if not code:
            continue
        try:
            valid = _interval(values.get("start", ""), values.get("end", ""))
        except ValueError:
            raise NotACodeList(f"line {line_number}: days are written 2026-01-31") from None
        found[code] = (*found.get(code, ()), valid)
    if not found:
        raise NotACodeList("the list has no code")
    return SuppliedList(system, found)


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row and the line that it ends in. **Errors**: `NotACodeList`."""
    table = csv.reader(lines)
    try:
        for row in table:
            yield table.line_num, row
    except csv.Error:
        raise NotACodeList(f"line {table.line_num} cannot be taken apart into columns") from None


def _interval(first: str, last: str) -> Interval:
    if not first and not last:
        return _ALWAYS
    return Interval(date.fromisoformat(first) if first else date.min, date.fromisoformat(last) if last else None)
