"""The days of a professional claim by their qualifiers, in the order of the guide: read and written from one table.

**Source**: DTP of loop 2300, 005010X222A1.
"""

from typing import Final

DATES: Final = (
    ("431", "onset_on"),
    ("454", "initial_treatment_on"),
    ("304", "last_seen_on"),
    ("453", "acute_manifestation_on"),
    ("439", "accident_on"),
    ("484", "last_menstruation_on"),
    ("297", "last_worked_on"),
    ("296", "return_to_work_on"),
    ("435", "admitted_on"),
    ("096", "discharged_on"),
)
