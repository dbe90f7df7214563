"""The code tables that a scrub looks codes up in; each answers as of a date of service, or says that it cannot.

`main.py` hands in what is loaded. Nothing here reads a file.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from shared.codesets import code_list, hcpcs, icd10cm, mce, modifiers, pos
from shared.codesets.edition import Answer, TableNotLoaded
from shared.codesets.library import Library
from shared.codesets.mce import Edits

_OF_PAYMENTS: Final = {code_list.CARC.name, code_list.RARC.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The editions in force. **Shape**: what the library lacks is "not loaded", so that every look-up is "no data"."""

    library: Library

    def over(self, library: Library) -> Self:
        """Return the tables with the editions of another library."""
        return type(self)(library=library)

    def diagnosis(self, code: str, on: date) -> Answer:
        """Return what is known of a diagnosis code."""
        return icd10cm.answer(self.library, code, on)

    def edits(self, code: str, on: date) -> Edits | TableNotLoaded:
        """Return what the code editor attaches to a diagnosis code."""
        table = self.library.on(mce.SYSTEM, on)
        return table if isinstance(table, TableNotLoaded) else table.edits(code, on)

    def procedure(self, code: str, on: date) -> Answer:
        """Return what is known of a procedure code, by the code set that it belongs to."""
        return hcpcs.answer(self.library, code, on)

    def modifier(self, code: str, on: date) -> Answer:
        """Return what is known of a modifier."""
        return modifiers.answer(self.library, code, on)

    def place(self, code: str, on: date) -> Answer:
        """Return what is known of a place of service."""
        return self.library.look_up(pos.SYSTEM, code, on)

    def editions(self, on: date) -> tuple[str, ...]:
        """Return the names of the editions that answer for a day, as findings and events write them."""
        return tuple(each.name for each in self.library.editions_on(on) if each.system not in _OF_PAYMENTS)
