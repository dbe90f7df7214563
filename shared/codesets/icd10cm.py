"""ICD-10-CM: the diagnosis codes of claims in the United States, and the two forms in which a code is written.

Owns: the code set's name, and its forms: stored without the dot and in upper case (`stored_form` at the border), with
the dot for display (`dotted`). Next: `icd10.py` reads its table; `loaders/icd10_order.py` makes one out of the order
file of a fiscal year. A code is never known by its shape: membership of a table decides.
**Source**: reference/SOURCE.md; FY2016 is the first year of ICD-10-CM on claims, so 2015-10-01 is the first day.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Final

from shared.codesets.edition import Answer, Edition, Interval, NotValidOnDate, UnknownCode
from shared.codesets.icd10 import Icd10, union
from shared.codesets.library import Library, System

CATEGORY_LENGTH: Final = 3

SYSTEM: Final = System(
    name="icd10cm",
    title="ICD-10-CM: diagnosis codes",
    source="https://www.cms.gov/medicare/coding-billing/icd-10-codes",
    read=partial(Icd10.read, "icd10cm"),
)


def answer(library: Library, code: str, on: date) -> Answer:
    """Return what is known of a code on a day, by all editions that are held.

    **Shape**: the order file of a year knows no other year. A code that it lacks, and that another edition has for
    days before or after it, is not unknown but not valid on that day.
    """
    found = library.look_up(SYSTEM, code, on)
    if not isinstance(found, UnknownCode):
        return found
    elsewhere = tuple(union(_elsewhere(library, code, found.edition)))
    return NotValidOnDate(found.edition, elsewhere) if elsewhere else found


def _elsewhere(library: Library, code: str, edition: Edition) -> Iterator[Interval]:
    """Yield the days on which other editions have a code, but for those that an edition without it answers for."""
    shelf = library.shelf(SYSTEM)
    tables = shelf.loaded if shelf.starter is None else (shelf.starter, *shelf.loaded)
    for table in tables:
        covers = table.edition.covers
        for each in table.valid_intervals(code):
            last = min(each.last or date.max, covers.last or date.max)
            if each.first < edition.effective_from:
                yield Interval(each.first, min(last, edition.effective_from - timedelta(days=1)))
            elif edition.effective_to is not None and each.first > edition.effective_to:
                yield Interval(each.first, None if last == date.max else last)


def stored_form(text: str) -> str:
    """Return a code as it is stored and sent: `e11.9 ` becomes `E119`."""
    return text.strip().replace(".", "").upper()


def dotted(code: str) -> str:
    """Return a code as people read it: `E119` becomes `E11.9`."""
    return f"{code[:CATEGORY_LENGTH]}.{code[CATEGORY_LENGTH:]}" if len(code) > CATEGORY_LENGTH else code
