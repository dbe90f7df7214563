"""The same service of the same provider for the same patient on the same day is billed once, across encounters."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.rules.cms.duplicate_line import DISTINGUISHING, may_be_another
from services.validation.domain.same_day import Service
from services.validation.domain.subject import Line, ScrubSubject


def _same(one: Service, other: Service) -> bool:
    return (
        one.code == other.code
        and (one.service_from_on, one.service_to_on) == (other.service_from_on, other.service_to_on)
        and sorted(one.modifiers) == sorted(other.modifiers)
    )


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line that another encounter has too, with the first one that has it."""
    others = [service for service in subject.services if service.encounter_id is not None]
    own = [service for service in subject.services if service.encounter_id is None]
    for line, service in zip(subject.lines, own, strict=True):
        if not DISTINGUISHING.isdisjoint(service.modifiers):
            continue
        twin = next((other for other in others if _same(service, other)), None)
        if twin is not None:
            yield _failure(line, service, twin)


def _failure(line: Line, service: Service, twin: Service) -> Failure:
    field = f"lines/{line.line_no}"
    inputs = (service.code, *sorted(service.modifiers), str(service.service_from_on), f"as {twin.place}")
    if not may_be_another(line):
        return Failure(field=field, inputs=inputs, line_no=line.line_no)
    mend = "Bill it with one of the encounters, unless the two are different drugs or items, or given twice."
    return Failure(field=field, inputs=inputs, line_no=line.line_no, severity="warning", mend=mend)


DUPLICATE_SERVICE: Final = Rule(
    id="duplicate_service",
    version=2,
    about="No other encounter of the patient has a line of the same provider with the same procedure, modifiers and"
    " dates, unless a modifier says that the service is distinct or was repeated (59, 76, 77, 91, XE, XP, XS, XU). A"
    " warning for drugs (J, S5000, S5001) and codes that do not say what was given: the claims say which one it was.",
    citation="Medicare Claims Processing Manual chapter 1, section 120 (duplicate claims); refused otherwise with"
    " CARC 18",
    source="Medicare Claims Processing Manual; the latest codes of the patient's encounters of the day",
    severity="error",
    owner="coder",
    mend="Bill the service with one of the encounters, or add the modifier that tells the two apart.",
    check=check,
    applies=lambda subject: any(service.encounter_id is not None for service in subject.services),
)
