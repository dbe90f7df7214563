"""Lists of codes that a user brings: what may not ship with its wording (X12, NUBC, NUCC), or not at all (CPT, CDT).

Owns: the lists that are known, and looking codes up in them. Refuses: to guess which list a code belongs to. Who brings
a list answers for its being whole: a code that it lacks does not exist. Its wording stays with who brought it, and is
never told where lists are compared. Next: `loaders/code_list.py` reads them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Final, Self

import msgspec

from shared.codesets.edition import (
    Answer,
    Edition,
    Interval,
    NotValidOnDate,
    Provenance,
    TableNotLoaded,
    Valid,
    Why,
    absent_code,
    outside,
)
from shared.codesets.library import Library, LooksUp, System
from shared.codesets.packed import Buffer, NotATable, Packed, head_of, write

ALWAYS: Final = Interval(date.min)


@dataclass(frozen=True, slots=True)
class ListedCode:
    """One row of a list. **Shape**: a code may have several, for different days; no `label` where none is kept."""

    code: str
    valid: Interval = ALWAYS
    label: str | None = None


class CodeList:
    """One edition of a list. **Shape**: immutable."""

    def __init__(self, edition: Edition, rows: Iterable[ListedCode]) -> None:
        self.edition: Final = edition
        self._valid: Final = Valid(edition)  # one for all answers: they are many
        listed = sorted(rows, key=lambda row: (row.code, row.valid.first))
        self._rows: Final[Mapping[str, tuple[ListedCode, ...]]] = {
            code: tuple(group) for code, group in groupby(listed, attrgetter("code"))
        }

    @classmethod
    def read(cls, system: str, buffer: Buffer) -> Self:
        """Return the list in a buffer, as `packed` wrote it. **Errors**: `NotATable`."""
        table = Packed(buffer)
        try:
            rows = msgspec.json.decode(table.section("rows"), type=tuple[ListedCode, ...])
        except msgspec.MsgspecError as wrong:
            raise NotATable("the rows of the table cannot be read") from wrong
        return cls(table.edition(system), rows)

    def __len__(self) -> int:
        """Return the number of codes."""
        return len(self._rows)

    def look_up(self, code: str, on: date | None) -> Answer:
        """Return what is known of a code on a day; without a day, whether it ever was one."""
        if on is not None and (not_loaded := outside(self.edition, on)) is not None:
            return not_loaded
        rows = self._rows.get(code)
        if rows is None:
            return absent_code(self.edition)
        if on is None or any(row.valid.holds(on) for row in rows):
            return self._valid
        return NotValidOnDate(self.edition, tuple(row.valid for row in rows))

    def label(self, code: str, on: date) -> str | None:
        """Return the user's own wording for a code on a day; None where there is none."""
        return next((row.label for row in self._rows.get(code, ()) if row.valid.holds(on)), None)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each code and its days as one line, in the order of the codes."""
        for code, rows in self._rows.items():
            yield code, ", ".join("" if row.valid == ALWAYS else str(row.valid) for row in rows)


def packed(provenance: Provenance, rows: Iterable[ListedCode]) -> bytes:
    """Return the file of a list, as `CodeList.read` opens it."""
    listed = sorted(rows, key=lambda row: (row.code, row.valid.first))
    return write({"edition": head_of(provenance)}, {"rows": msgspec.json.encode(listed)})


def licensed(library: Library, system: System[LooksUp], code: str, on: date) -> Answer:
    """Return what is known of a code of a list that may not ship: until somebody brings it, that it is licensed."""
    answer = library.look_up(system, code, on)
    return TableNotLoaded(system.name, Why.LICENSED) if answer == TableNotLoaded(system.name, Why.ABSENT) else answer


_X12: Final = "X12: wording of its code lists"
_NUBC: Final = "AHA (NUBC): codes of the UB-04"


def _system(name: str, title: str, source: str, licence: str) -> System[LooksUp]:
    return System(name=name, title=title, source=source, read=partial(CodeList.read, name), licence=licence)


def _of_x12(name: str, title: str, page: str) -> System[LooksUp]:
    return _system(name, title, f"https://x12.org/codes/{page}", _X12)


def _of_nubc(name: str, title: str) -> System[LooksUp]:
    return _system(name, title, "https://www.nubc.org", _NUBC)


CARC: Final = _of_x12("carc", "Claim adjustment reasons (CARC)", "claim-adjustment-reason-codes")
RARC: Final = _of_x12("rarc", "Remittance remarks (RARC)", "remittance-advice-remark-codes")
CLAIM_STATUS: Final = _of_x12("claim_status", "Claim status codes", "claim-status-codes")
CLAIM_STATUS_CATEGORY: Final = _of_x12(
    "claim_status_category", "Claim status categories", "claim-status-category-codes"
)
REVENUE: Final = _of_nubc("revenue", "Revenue codes")
TYPE_OF_BILL: Final = _of_nubc("type_of_bill", "Types of bill, without the leading zero")
CONDITION: Final = _of_nubc("condition", "Condition codes")
OCCURRENCE: Final = _of_nubc("occurrence", "Occurrence codes")
VALUE: Final = _of_nubc("value", "Value codes")
PATIENT_STATUS: Final = _of_nubc("patient_status", "Patient discharge status")
TAXONOMY: Final = _system("taxonomy", "Provider taxonomy", "https://www.nucc.org", "NUCC, AMA: provider taxonomy")
CPT: Final = _system("cpt", "CPT codes, without descriptions", "https://www.ama-assn.org", "AMA: CPT")
CDT: Final = _system("cdt", "CDT codes, without descriptions", "https://www.ada.org", "ADA: CDT")
CPT_MODIFIERS: Final = _system(
    "cpt_modifiers", "Modifiers of CPT, without descriptions", "https://www.ama-assn.org", "AMA: CPT"
)
SYSTEMS: Final = (
    *(CARC, RARC, CLAIM_STATUS, CLAIM_STATUS_CATEGORY),
    *(REVENUE, TYPE_OF_BILL, CONDITION, OCCURRENCE, VALUE, PATIENT_STATUS),
    *(TAXONOMY, CPT, CPT_MODIFIERS, CDT),
)
