"""The place of service is documented and assigned on the date of service."""

from collections.abc import Iterator
from typing import Final, assert_never

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import ScrubSubject
from shared.codesets.edition import MoreDigitsNeeded, NotValidOnDate, TableNotLoaded, UnknownCode, Valid


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield that the place is missing or not assigned."""
    place = subject.place_of_service
    if place is None:
        yield Failure(field="place_of_service", inputs=(), mend="Document where the visit took place.")
        return
    inputs = (place.code, str(subject.service_on))
    match place.answer:
        case Valid():
            return
        case TableNotLoaded() as answer:
            yield not_loaded(answer, field="place_of_service", inputs=inputs)
        case UnknownCode(edition) | MoreDigitsNeeded(edition) | NotValidOnDate(edition):
            yield Failure(field="place_of_service", inputs=inputs, edition=edition.name)
        case _:
            assert_never(place.answer)


PLACE_OF_SERVICE_VALID: Final = Rule(
    id="place_of_service_valid",
    version=1,
    about="The place of service is a code that is assigned on the date of service.",
    citation="Medicare Claims Processing Manual chapter 26, section 10.5; 005010X222A1, CLM05-1",
    source="CMS Place of Service Code Set",
    severity="error",
    owner="coder",
    mend="Use the two-digit code of the place where the visit took place.",
    check=check,
)
