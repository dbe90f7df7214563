"""Diagnoses for which a hospital need not say whether they were present on admission.

Owns: reading the table that `loaders/poa_exempt.py` builds. Refuses: judging an indicator; a rule does. Inpatient
claims only; the date is that of discharge, and the list is that of its fiscal year (ask by day: `Library.on`).
**Source**: CMS, present on admission (POA) exempt list.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final, Self

from shared.codesets.edition import Edition
from shared.codesets.library import System
from shared.codesets.packed import Buffer, Packed, find, key, text_of


class PoaExempt:
    """One edition of the list. **Shape**: immutable, read in place. **Errors**: `NotATable`."""

    def __init__(self, system: str, table: Packed) -> None:
        self.edition: Final[Edition] = table.edition(system)
        self._codes = table.numbers("codes", "Q")

    @classmethod
    def read(cls, system: str, buffer: Buffer) -> Self:
        """Return the table in a buffer, plain (mapped, say) or packed. **Errors**: `NotATable`."""
        return cls(system, Packed(buffer))

    def __len__(self) -> int:
        """Return the number of exempt codes."""
        return len(self._codes)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each exempt code, and that it is, in the order of the codes."""
        return ((text_of(number), "exempt") for number in self._codes)

    def exempts(self, code: str) -> bool:
        """Return whether a code, in its stored form, is on the list."""
        number = key(code)
        return number is not None and find(self._codes, number) is not None


SYSTEM: Final = System(
    name="poa_exempt",
    title="Diagnoses exempt from present on admission",
    source="https://www.cms.gov/medicare/coding-billing/icd-10-codes",
    read=partial(PoaExempt.read, "poa_exempt"),
)
