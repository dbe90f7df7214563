"""The code tables that coding looks things up in, as one value that `main.py` fills."""

from dataclasses import dataclass

from shared.codesets.edition import Edition
from shared.codesets.icd10cm import Icd10cm


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What is loaded. **Shape**: `icd10cm` None: nothing can be coded; `editions` are published at start."""

    icd10cm: Icd10cm | None
    editions: tuple[Edition, ...] = ()
