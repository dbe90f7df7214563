"""A real ICD-10-CM table with few codes, for tests that need to know every one of them."""

from datetime import date
from typing import Final

from shared.codesets.edition import Interval, Provenance
from shared.codesets.icd10 import Span
from shared.codesets.icd10_table import Title, table_of
from shared.codesets.icd10cm import SYSTEM
from shared.codesets.library import Library, Shelf

FIRST: Final = date(2015, 10, 1)
_LIVES: Final = {
    "E119": [Span(Interval(FIRST), billable=True)],
    "I10": [Span(Interval(FIRST), billable=True)],
    "J020": [Span(Interval(FIRST), billable=True)],
    "R05": [Span(Interval(FIRST, date(2021, 9, 30)), billable=True)],
    "R051": [Span(Interval(date(2021, 10, 1)), billable=True)],
    "T100": [Span(Interval(FIRST), billable=True)],
    "T101": [Span(Interval(FIRST), billable=True)],
}
_TITLES: Final = {
    "E119": Title("Type 2 diabetes mellitus without complications"),
    "I10": Title("Essential (primary) hypertension"),
    "J020": Title("Streptococcal pharyngitis"),
    "R05": Title("Cough"),
    "R051": Title("Acute cough"),
    "T100": Title("Twice the same title"),
    "T101": Title("Twice the same title"),
}
_MANY: Final = {f"Z{number:02d}": [Span(Interval(FIRST), billable=True)] for number in range(20)}
ICD10CM: Final = SYSTEM.read(
    table_of(
        Provenance(
            system=SYSTEM.name,
            release="test",
            effective_from=FIRST,
            effective_to=date(2027, 9, 30),
            source="synthetic",
            complete=True,
        ),
        _LIVES | _MANY,
        _TITLES,
    )
)
TABLES: Final = Library((Shelf(system=SYSTEM, starter=ICD10CM),))
EDITION: Final = "icd10cm test"
