"""ICD-10-PCS: the procedure codes of inpatient hospital claims. Their date of service is the day of discharge.

Owns: the code set's name. Next: `icd10.py` reads its table; `loaders/icd10_order.py` makes one out of the order file of
a fiscal year. Only seven characters can be billed; of the rest only the tables (three characters) are headings.
"""

from functools import partial
from typing import Final

from shared.codesets.icd10 import Icd10
from shared.codesets.library import System

SYSTEM: Final = System(
    name="icd10pcs",
    title="ICD-10-PCS: inpatient procedure codes",
    source="https://www.cms.gov/medicare/coding-billing/icd-10-codes",
    read=partial(Icd10.read, "icd10pcs"),
)
