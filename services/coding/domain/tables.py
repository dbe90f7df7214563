"""The code tables that coding looks things up in."""

from datetime import date

from shared.codesets import icd10cm
from shared.codesets.edition import TableNotLoaded
from shared.codesets.icd10 import Icd10
from shared.codesets.library import Library


def diagnoses(library: Library, on: date) -> Icd10 | None:
    """Return the diagnosis codes of a day; None where no edition answers for it, so that nothing can be coded."""
    table = library.on(icd10cm.SYSTEM, on)
    return None if isinstance(table, TableNotLoaded) else table
