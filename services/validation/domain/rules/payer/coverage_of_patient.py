"""Every coverage that is to be billed is the patient's own."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each coverage, by its place in the filing order, that was added to somebody else."""
    for place, coverage in enumerate(subject.coverages, 1):
        if coverage.patient_id != subject.patient_id:
            yield Failure(field=f"coverages/{place}", inputs=(coverage.coverage_id,))


COVERAGE_OF_PATIENT: Final = Rule(
    id="coverage_of_patient",
    version=1,
    about="Every coverage of the filing order was added to the patient of the visit; not asked where the patient pays.",
    citation="005010X222A1, loops 2000B to 2010CA: the subscriber's number and the patient on one claim",
    source="Coverage as registered from the card, and the patient of the documented visit",
    severity="error",
    owner="front-desk",
    mend="Bill a coverage of this patient: another person's number on the claim shows one patient's visit to another.",
    check=check,
    applies=lambda subject: bool(subject.coverages),
)
