"""Place of service: the two digits of a professional claim, and whether the facility rate applies there.

The restated list is complete: a code that it lacks is not assigned, invalid on a claim, and must not be priced. Codes
whose first day CMS does not print count from 1996-01-01, before any edition that we hold. Next: `loaders/pos.py` reads
a list that takes its place.
**Source**: CMS Place of Service Code Set (names restated) and Medicare Claims Processing Manual chapter 12, section
20.4.2, for the rate.
"""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from shared.codesets.dated import DatedTable
from shared.codesets.edition import Interval, Provenance
from shared.codesets.library import System


@dataclass(frozen=True, slots=True)
class PlaceOfService:
    """One place. **Shape**: `facility` decides which practice expense prices the service."""

    code: str
    label: str
    facility: bool
    valid: Interval

    @property
    def summary(self) -> str:
        """Return the name of the place and its rate."""
        return f"{self.label}, {'facility' if self.facility else 'non-facility'} rate"


BEFORE_ALL: Final = date(1996, 1, 1)


def _place(code: str, label: str, *, facility: bool = False, since: date = BEFORE_ALL) -> PlaceOfService:
    return PlaceOfService(code, label, facility, Interval(since))


_PLACES: Final = (
    _place("01", "Pharmacy", since=date(2005, 10, 1)),
    _place("02", "Telehealth, patient elsewhere than at home", facility=True, since=date(2017, 1, 1)),
    _place("03", "School", since=date(2003, 1, 1)),
    _place("04", "Homeless shelter", since=date(2003, 1, 1)),
    _place("05", "Indian Health Service, free-standing", since=date(2003, 1, 1)),
    _place("06", "Indian Health Service, provider-based", facility=True, since=date(2003, 1, 1)),
    _place("07", "Tribal 638, free-standing", since=date(2003, 1, 1)),
    _place("08", "Tribal 638, provider-based", facility=True, since=date(2003, 1, 1)),
    _place("09", "Prison or jail", since=date(2006, 7, 1)),
    _place("10", "Telehealth, patient at home", since=date(2022, 1, 1)),
    _place("11", "Office"),
    _place("12", "Patient's home"),
    _place("13", "Assisted living", since=date(2003, 10, 1)),
    _place("14", "Group home", since=date(2003, 10, 1)),
    _place("15", "Mobile unit", since=date(2003, 1, 1)),
    _place("16", "Temporary lodging", since=date(2008, 4, 1)),
    _place("17", "Walk-in retail clinic", since=date(2010, 5, 1)),
    _place("18", "Worksite", since=date(2013, 5, 1)),
    _place("19", "Outpatient hospital off campus", facility=True, since=date(2016, 1, 1)),
    _place("20", "Urgent care", since=date(2003, 1, 1)),
    _place("21", "Inpatient hospital", facility=True),
    _place("22", "Outpatient hospital on campus", facility=True),
    _place("23", "Hospital emergency room", facility=True),
    _place("24", "Ambulatory surgical center", facility=True),
    _place("25", "Birthing center"),
    _place("26", "Military treatment facility", facility=True),
    _place("27", "Outreach on the street", since=date(2023, 10, 1)),
    _place("31", "Skilled nursing facility", facility=True),
    _place("32", "Nursing facility"),
    _place("33", "Custodial care"),
    _place("34", "Hospice", facility=True),
    _place("41", "Ambulance on land", facility=True),
    _place("42", "Ambulance by air or water", facility=True),
    _place("49", "Independent clinic", since=date(2003, 10, 1)),
    _place("50", "Federally qualified health center"),
    _place("51", "Inpatient psychiatric facility", facility=True),
    _place("52", "Partial hospitalization, psychiatric", facility=True),
    _place("53", "Community mental health center", facility=True),
    _place("54", "Intermediate care for intellectual disabilities"),
    _place("55", "Residential substance use treatment"),
    _place("56", "Residential psychiatric treatment", facility=True),
    _place("57", "Non-residential substance use treatment", since=date(2003, 10, 1)),
    _place("58", "Non-residential opioid treatment", since=date(2020, 1, 1)),
    _place("60", "Mass immunization center"),
    _place("61", "Inpatient rehabilitation", facility=True),
    _place("62", "Outpatient rehabilitation"),
    _place("65", "Dialysis center"),
    _place("66", "PACE center", since=date(2024, 1, 1)),
    _place("71", "Public health clinic"),
    _place("72", "Rural health clinic"),
    _place("81", "Independent laboratory"),
    _place("99", "Another place"),
)

POS: Final = DatedTable(
    Provenance(
        system="pos",
        release="restated 2026-09",
        effective_from=date(2015, 10, 1),
        effective_to=None,  # changes are rare and announced half a year ahead
        source="CMS Place of Service Code Set, restated with own labels",
        complete=True,
    ),
    _PLACES,
)
SYSTEM: Final = System(
    name="pos",
    title="Places of service, and the rate that applies there",
    source="https://www.cms.gov/medicare/coding-billing/place-of-service-codes/code-sets",
    read=partial(DatedTable.read, "pos", PlaceOfService),
)
