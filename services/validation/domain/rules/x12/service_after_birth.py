"""Nobody is treated before being born."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, NoData, Result, Rule
from services.validation.domain.subject import ScrubSubject


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield that the first day of service lies before the birth of the patient, whose date stays out of it."""
    if subject.age_years is None:
        mend = "The birth date was erased: judge by hand."
        yield NoData(field="patient/birth_on", inputs=(str(subject.service_on),), mend=mend)
    elif subject.age_years < 0:
        yield Failure(field="patient/birth_on", inputs=(str(subject.service_on),))


SERVICE_AFTER_BIRTH: Final = Rule(
    id="service_after_birth",
    version=1,
    about="The first day of service is not before the patient's birth.",
    citation="005010X222A1, loops 2010BA and 2010CA, DMG02 birth date; refused otherwise with CARC 14",
    source="X12 implementation guide 005010X222A1; birth date as registered",
    severity="error",
    owner="front-desk",
    mend="Correct the birth date, or the day of the visit.",
    check=check,
)
