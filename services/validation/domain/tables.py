"""The code tables that a scrub looks codes up in; each answers as of a date of service, or says that it cannot.

`main.py` hands in what is loaded. Nothing here reads a file.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.codesets import hcpcs
from shared.codesets.dated import DatedTable, Labelled
from shared.codesets.edition import Answer, TableNotLoaded, Why
from shared.codesets.hcpcs import HCPCS
from shared.codesets.icd10cm import SYSTEM, Icd10cm, Judged
from shared.codesets.mce import Attribute
from shared.codesets.modifiers import MODIFIERS, Modifier
from shared.codesets.pos import POS, PlaceOfService

_NO_DIAGNOSES: Final[Judged] = (TableNotLoaded(SYSTEM.name, Why.ABSENT), Attribute.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The editions in force. **Shape**: `icd10cm` None: not loaded, so that every diagnosis is "no data"."""

    icd10cm: Icd10cm | None
    hcpcs: DatedTable[Labelled] = HCPCS
    modifiers: DatedTable[Modifier] = MODIFIERS
    places: DatedTable[PlaceOfService] = POS

    def diagnosis(self, code: str, on: date) -> Judged:
        """Return what is known of a diagnosis code, and what the code editor attaches to it."""
        return _NO_DIAGNOSES if self.icd10cm is None else self.icd10cm.judged(code, on)

    def procedure(self, code: str, on: date) -> Answer:
        """Return what is known of a procedure code; CPT is licensed and so never loaded here."""
        return hcpcs.look_up(code, on, table=self.hcpcs)

    def editions(self) -> tuple[str, ...]:
        """Return the names of the loaded editions, as findings and events write them."""
        diagnoses = () if self.icd10cm is None else (self.icd10cm.edition,)
        return tuple(
            edition.name for edition in (*diagnoses, self.hcpcs.edition, self.modifiers.edition, self.places.edition)
        )
