"""What was done over a line has the place of service of telehealth."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject

OVER_A_LINE: Final = frozenset({"93", "95", "GQ", "GT"})
TELEHEALTH: Final = frozenset({"02", "10"})
OF_HOSPITALS: Final = frozenset({"19", "22"})
"""Outpatient hospitals bill their therapists' telehealth with modifier 95."""


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line of telehealth at another place."""
    place = subject.place_of_service
    if place is None or place.code in TELEHEALTH | OF_HOSPITALS:
        return
    for line in subject.lines:
        if codes := OVER_A_LINE.intersection(line.modifier_codes):
            yield Failure(field="place_of_service", inputs=(place.code, *sorted(codes)), line_no=line.line_no)


def _applies(subject: ScrubSubject) -> bool:
    return any(not OVER_A_LINE.isdisjoint(line.modifier_codes) for line in subject.lines if line.modifiers)


TELEHEALTH_PLACE: Final = Rule(
    id="telehealth_place",
    version=1,
    about="A service with a telehealth modifier (93, 95, GQ, GT) has place of service 02 or 10, or is an outpatient"
    " hospital's. Until the end of 2023 telehealth was billed as a visit in person: not asked.",
    citation="Medicare Claims Processing Manual chapter 12, section 190; 42 CFR 414.65",
    source="CMS, physician fee schedule final rule for 2024 (88 FR 78818)",
    effective_from=date(2024, 1, 1),
    severity="warning",
    owner="coder",
    mend="Use 10 where the patient was at home, 02 elsewhere; or drop the modifier where the visit was in person.",
    check=check,
    applies=_applies,
)
