"""The code tables that a scrub looks codes up in; each answers as of a date of service, or says that it cannot.

`main.py` hands in what is loaded. Nothing here reads a file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, NamedTuple, Self, TypeVar

from shared.codesets import (
    add_ons,
    code_list,
    coverage_articles,
    hcpcs,
    icd10cm,
    icd10cm_conversions,
    icd10cm_notes,
    mce,
    modifiers,
    mpfs,
    mue,
    ncci_ptp,
    nppes,
    pos,
)
from shared.codesets.add_ons import AddOn
from shared.codesets.coverage_articles import Necessity
from shared.codesets.edition import Answer, TableNotLoaded, Valid
from shared.codesets.hcpcs import ProcedureCode
from shared.codesets.icd10cm_notes import TabularNotes
from shared.codesets.library import Library
from shared.codesets.mce import Edits
from shared.codesets.mue import UnitLimit
from shared.codesets.ncci_ptp import PairEdit

_OF_PAYMENTS: Final = {code_list.CARC.name, code_list.RARC.name}

Row = TypeVar("Row")
SUPPLIERS: Final = "33"
"""How the taxonomy codes of suppliers begin; their claims have unit limits of their own."""


class Told(NamedTuple, Generic[Row]):
    """What a table says, and by which edition."""

    row: Row
    edition: str


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

    def instead(self, diagnosis: str, on: date) -> tuple[str, ...]:
        """Return what is billable on a day in place of a code that is not: later codes, or earlier ones.

        **Shape**: none where the conversion table of the day says nothing, or is not loaded.
        """
        table = self.library.on(icd10cm_conversions.SYSTEM, on)
        if isinstance(table, TableNotLoaded):
            return ()

        def billable(code: str) -> bool:
            return isinstance(self.diagnosis(code, on), Valid)

        later = tuple(each.code for each in table.successors(diagnosis, on, billable))
        return later or table.predecessors(diagnosis, on, billable)

    def edits(self, code: str, on: date) -> Edits | TableNotLoaded:
        """Return what the code editor attaches to a diagnosis code."""
        table = self.library.on(mce.SYSTEM, on)
        return table if isinstance(table, TableNotLoaded) else table.edits(code, on)

    def notes(self, on: date) -> TabularNotes | TableNotLoaded:
        """Return what the tabular list says of diagnosis codes on a day."""
        return self.library.on(icd10cm_notes.SYSTEM, on)

    def procedure(self, code: str, on: date) -> Answer:
        """Return what is known of a procedure code, by the code set that it belongs to."""
        return hcpcs.answer(self.library, code, on)

    def level2(self, code: str, on: date) -> ProcedureCode | None:
        """Return what is said of a Level II code that is in force; None where nothing is known."""
        table = self.library.on(hcpcs.SYSTEM, on)
        return None if isinstance(table, TableNotLoaded) else table.row_on(code, on)

    def modifier(self, code: str, on: date) -> Answer:
        """Return what is known of a modifier."""
        return modifiers.answer(self.library, code, on)

    def place(self, code: str, on: date) -> Answer:
        """Return what is known of a place of service."""
        return self.library.look_up(pos.SYSTEM, code, on)

    def in_facility(self, place: str, on: date) -> bool | None:
        """Return whether a place of service has the rate of a facility; None where it is not known as a place."""
        table = self.library.on(pos.SYSTEM, on)
        row = None if isinstance(table, TableNotLoaded) else table.row_on(place, on)
        return None if row is None else row.facility

    def values(self, code: str, on: date) -> mpfs.Found:
        """Return what the physician fee schedule says of a procedure as a whole, or why it says nothing."""
        table = self.library.on(mpfs.SYSTEM, on)
        return table if isinstance(table, TableNotLoaded) else table.values(code, on)

    def taxonomy(self, code: str, on: date) -> Answer:
        """Return what is known of a taxonomy code, whose list a user brings."""
        return code_list.licensed(self.library, code_list.TAXONOMY, code, on)

    def registered(self, npi: str, on: date) -> nppes.Found:
        """Return who holds an NPI, or why nobody can say."""
        table = self.library.on(nppes.SYSTEM, on)
        return table if isinstance(table, TableNotLoaded) else table.provider(npi, on)

    def pair(self, column1: str, column2: str, on: date) -> Told[PairEdit] | TableNotLoaded | None:
        """Return the edit of two services in this order, on practitioners' claims; None where there is none."""
        table = self.library.on(ncci_ptp.PRACTITIONER, on)
        if isinstance(table, TableNotLoaded):
            return table
        edit = table.edit(column1, column2, on)
        return None if edit is None else Told(edit, table.edition.name)

    def unit_limit(self, code: str, on: date, biller: str | None) -> Told[UnitLimit] | TableNotLoaded | None:
        """Return the units that are paid. **Shape**: `biller` is the taxonomy of who bills: suppliers' limits differ.

        None where a whole table has no limit.
        """
        supplies = biller is not None and biller.startswith(SUPPLIERS)
        table = self.library.on(mue.DME if supplies else mue.PRACTITIONER, on)
        if isinstance(table, TableNotLoaded):
            return table
        limit = table.limit(code, on)
        return Told(limit, table.edition.name) if isinstance(limit, UnitLimit) else limit

    def add_on(self, code: str, on: date) -> Told[AddOn] | TableNotLoaded | None:
        """Return which services an add-on code stands beside; None where a whole table does not call it one."""
        table = self.library.on(add_ons.SYSTEM, on)
        if isinstance(table, TableNotLoaded):
            return table
        add_on = table.add_on(code, on)
        return Told(add_on, table.edition.name) if isinstance(add_on, AddOn) else add_on

    def necessities(
        self, procedure: str, diagnoses: Iterable[str], on: date
    ) -> Told[tuple[Necessity, ...]] | TableNotLoaded | None:
        """Return what each article of Medicare that lists a procedure says of it; None where none restricts it.

        **Shape**: articles of all contractors; which of them pays is not known here.
        """
        table = self.library.on(coverage_articles.SYSTEM, on)
        if isinstance(table, TableNotLoaded):
            return table
        said = table.necessity(procedure, diagnoses, on)
        if isinstance(said, TableNotLoaded):
            return said
        return Told(said, table.edition.name) if said else None

    def editions(self, on: date) -> tuple[str, ...]:
        """Return the names of the editions that answer for a day, as findings and events write them."""
        return tuple(each.name for each in self.library.editions_on(on) if each.system not in _OF_PAYMENTS)
