"""Medicare Code Editor: what it says of a diagnosis code beside its validity, and the ages that its groups mean.

Outside inpatient Medicare every one of these edits is a warning. **Source**: Definitions of Medicare Code Edits, v44
(October 2026); the table test compares the ages with the editor's own table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntFlag
from types import MappingProxyType
from typing import Final

from shared.codesets.edition import Interval


class Attribute(IntFlag):
    """What the editor attaches to a code for a span of days. The numbers are stored in tables: never reuse one."""

    NONE = 0
    UNACCEPTABLE_PRINCIPAL = 1  # not acceptable as the principal diagnosis
    MANIFESTATION = 2  # never first: its cause is coded before it
    EXTERNAL_CAUSE = 4  # how it happened, never why the patient came
    UNSPECIFIED = 8  # a more specific code exists, such as one with a side
    NEWBORN = 16
    PEDIATRIC = 32
    MATERNITY = 64
    ADULT = 128
    FEMALE = 256  # CMS ended both sex lists on 2024-09-30; never refuse on sex after that day
    MALE = 512
    SECONDARY_REQUIRED = 1024  # acceptable as principal only with a secondary diagnosis
    QUESTIONABLE_ADMISSION = 2048
    NO_OUTCOME_OF_DELIVERY = 4096
    WRONG_PROCEDURE = 8192
    CLINICAL_TRIAL = 16384


NEVER_FIRST: Final = Attribute.UNACCEPTABLE_PRINCIPAL | Attribute.MANIFESTATION | Attribute.EXTERNAL_CAUSE
SEX_EDITS_END_ON: Final = date(2024, 9, 30)  # the last day of every sex list


@dataclass(frozen=True, slots=True)
class AgeRange:
    """The ages that a group allows, in days of its validity. **Units**: completed years, both ends allowed."""

    youngest: int
    oldest: int
    valid: Interval

    def allows(self, age_years: int) -> bool:
        """Return whether a patient of that age belongs to the group."""
        return self.youngest <= age_years <= self.oldest


_ALWAYS: Final = Interval(date(1984, 3, 1))
AGES: Final[Mapping[Attribute, tuple[AgeRange, ...]]] = MappingProxyType(
    {
        Attribute.NEWBORN: (AgeRange(0, 0, _ALWAYS),),
        Attribute.PEDIATRIC: (AgeRange(0, 17, _ALWAYS),),
        Attribute.MATERNITY: (
            AgeRange(12, 55, Interval(_ALWAYS.first, date(2019, 9, 30))),
            AgeRange(9, 64, Interval(date(2019, 10, 1))),
        ),
        Attribute.ADULT: (AgeRange(15, 124, _ALWAYS),),
    }
)


def age_conflicts(attributes: Attribute, age_years: int, on: date) -> tuple[Attribute, ...]:
    """Return the age groups of a code that a patient does not belong to on a day; empty where none objects."""
    return tuple(
        group
        for group, ranges in AGES.items()
        if group in attributes
        and not any(each.allows(age_years) for each in ranges if each.valid.holds(on))
        and any(each.valid.holds(on) for each in ranges)
    )
