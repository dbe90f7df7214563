"""The days of a professional claim and of its lines by their qualifiers: read and written from one table.

**Shape**: in the order of the guide; the days of a disability, of which one alone has another qualifier than both,
stand between `DATES` and `LATER_DATES`. **Source**: DTP of loops 2300 and 2400, 005010X222A1.
"""

from typing import Final

DATES: Final = (
    ("431", "onset_on"),
    ("454", "initial_treatment_on"),
    ("304", "last_seen_on"),
    ("453", "acute_manifestation_on"),
    ("439", "accident_on"),
    ("484", "last_menstruation_on"),
    ("455", "x_rayed_on"),
    ("471", "prescribed_on"),
)
LATER_DATES: Final = (
    ("297", "last_worked_on"),
    ("296", "return_to_work_on"),
    ("435", "admitted_on"),
    ("096", "discharged_on"),
    ("090", "care_assumed_on"),
    ("091", "care_relinquished_on"),
    ("444", "first_contact_on"),
    ("050", "repricer_received_on"),
)
LINE_DATES: Final = (
    ("471", "prescribed_on"),
    ("304", "last_seen_on"),
    ("738", "hemoglobin_tested_on"),
    ("739", "creatinine_tested_on"),
    ("011", "shipped_on"),
    ("455", "x_rayed_on"),
    ("454", "initial_treatment_on"),
)
