"""The code tables that a scrub looks codes up in; each answers as of a date of service, or says that it cannot.

`main.py` hands in what is loaded. Nothing here reads a file.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from shared.codesets import hcpcs, icd10cm, mce
from shared.codesets.dated import DatedTable
from shared.codesets.edition import Answer, TableNotLoaded
from shared.codesets.hcpcs import HCPCS, ProcedureCode
from shared.codesets.library import Library
from shared.codesets.mce import Edits
from shared.codesets.modifiers import MODIFIERS, Modifier
from shared.codesets.pos import POS, PlaceOfService


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The editions in force. **Shape**: what the library lacks is "not loaded", so that every look-up is "no data"."""

    library: Library
    hcpcs: DatedTable[ProcedureCode] = HCPCS
    modifiers: DatedTable[Modifier] = MODIFIERS
    places: DatedTable[PlaceOfService] = POS

    def over(self, library: Library) -> Self:
        """Return the tables with the editions of another library."""
        return replace(self, library=library)

    def diagnosis(self, code: str, on: date) -> Answer:
        """Return what is known of a diagnosis code."""
        table = self.library.on(icd10cm.SYSTEM, on)
        return table if isinstance(table, TableNotLoaded) else table.look_up(code, on)

    def edits(self, code: str, on: date) -> Edits | TableNotLoaded:
        """Return what the code editor attaches to a diagnosis code."""
        table = self.library.on(mce.SYSTEM, on)
        return table if isinstance(table, TableNotLoaded) else table.edits(code, on)

    def procedure(self, code: str, on: date) -> Answer:
        """Return what is known of a procedure code; CPT is licensed and so never loaded here."""
        return hcpcs.look_up(code, on, table=self.hcpcs)

    def editions(self) -> tuple[str, ...]:
        """Return the names of the loaded editions, as findings and events write them."""
        restated = (self.hcpcs.edition, self.modifiers.edition, self.places.edition)
        return tuple(edition.name for edition in (*self.library.editions(), *restated))
