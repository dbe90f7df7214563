"""ICD-10-CM: the diagnosis codes of claims in the United States, and the two forms in which a code is written.

Owns: the code set's name, and its forms: stored without the dot and in upper case (`stored_form` at the border), with
the dot for display (`dotted`). Next: `icd10.py` reads its table; `loaders/icd10_order.py` makes one out of the order
file of a fiscal year. A code is never known by its shape: membership of a table decides.
**Source**: reference/SOURCE.md; FY2016 is the first year of ICD-10-CM on claims, so 2015-10-01 is the first day.
"""

from functools import partial
from typing import Final

from shared.codesets.icd10 import Icd10
from shared.codesets.library import System

CATEGORY_LENGTH: Final = 3

SYSTEM: Final = System(
    name="icd10cm",
    title="ICD-10-CM: diagnosis codes",
    source="https://www.cms.gov/medicare/coding-billing/icd-10-codes",
    read=partial(Icd10.read, "icd10cm"),
)


def stored_form(text: str) -> str:
    """Return a code as it is stored and sent: `e11.9 ` becomes `E119`."""
    return text.strip().replace(".", "").upper()


def dotted(code: str) -> str:
    """Return a code as people read it: `E119` becomes `E11.9`."""
    return f"{code[:CATEGORY_LENGTH]}.{code[CATEGORY_LENGTH:]}" if len(code) > CATEGORY_LENGTH else code
