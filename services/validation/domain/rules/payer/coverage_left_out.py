"""A visit is billed to the coverages that the patient has on its day, also where one became known later."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.facts import Coverage
from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject


def _in_force(subject: ScrubSubject) -> tuple[Coverage, ...]:
    """Return the newest coverage of each place in the line that insures the first day, as the desk orders them."""
    on = subject.service_on
    holding = [
        each
        for each in subject.known_coverages
        if each.effective_from_on <= on and (each.effective_to_on is None or on <= each.effective_to_on)
    ]
    holding.sort(key=lambda each: (each.effective_from_on, each.coverage_id))
    return tuple({each.filing_order: each for each in holding}.values())


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each coverage in force that the visit leaves out."""
    billed = {coverage.coverage_id for coverage in subject.coverages}
    for coverage in _in_force(subject):
        if coverage.coverage_id not in billed:
            insured = f"insured {coverage.effective_from_on} to {coverage.effective_to_on or 'open'}"
            yield Failure(field="coverages", inputs=(coverage.coverage_id, coverage.filing_order, insured))


COVERAGE_LEFT_OUT: Final = Rule(
    id="coverage_left_out",
    version=1,
    about="The visit names every coverage of the patient that insures its first day; of two for the same place in the"
    " line, the one that began later.",
    citation="005010X222A1, loops 2000B and 2320: every payer known to cover the patient; refused otherwise with"
    " CARC 22",
    source="Coverages as registered, also after the visit",
    severity="warning",
    owner="front-desk",
    mend="Ask the patient which plan pays first, and bill the visit to it.",
    check=check,
    applies=lambda subject: bool(subject.known_coverages),
)
