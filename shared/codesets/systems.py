"""The code sets that the product knows, in the order in which it lists them, and the layouts that it reads.

Owns: the list. Next: a module of its own for each, which says what its table answers.
"""

from typing import Any, Final

from shared.codesets import icd10cm
from shared.codesets.library import System
from shared.codesets.official import Layout

SYSTEMS: Final[tuple[System[Any], ...]] = (icd10cm.SYSTEM,)
LAYOUTS: Final[tuple[Layout, ...]] = ()
