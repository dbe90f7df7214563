"""The code sets that the product knows, in the order in which it lists them, and the layouts that it reads.

Owns: the list. Next: a module of its own for each, which says what its table answers.
"""

from typing import Any, Final

from shared.codesets import icd10cm, ncci_ptp
from shared.codesets.library import System
from shared.codesets.loaders import ncci_ptp as ncci_ptp_files
from shared.codesets.official import Layout

SYSTEMS: Final[tuple[System[Any], ...]] = (icd10cm.SYSTEM, ncci_ptp.PRACTITIONER, ncci_ptp.HOSPITAL)
LAYOUTS: Final[tuple[Layout, ...]] = (*ncci_ptp_files.LAYOUTS,)
