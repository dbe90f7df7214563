"""The coverage that is billed first insures every day of service; of the others a person should know."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each coverage, by its place in the filing order, that leaves a day of service out."""
    last_on = max((line.service_to_on for line in subject.lines), default=subject.service_on)
    for place, coverage in enumerate(subject.coverages, 1):
        ends_on = coverage.effective_to_on
        if coverage.effective_from_on > subject.service_on or (ends_on is not None and ends_on < last_on):
            inputs = (
                f"service {subject.service_on} to {last_on}",
                f"insured {coverage.effective_from_on} to {ends_on or 'open'}",
            )
            # A claim to the primary payer is right whatever the secondary does, so only the first one stops it.
            yield Failure(field=f"coverages/{place}", inputs=inputs, severity="error" if place == 1 else "warning")


COVERAGE_ACTIVE: Final = Rule(
    id="coverage_active",
    version=2,
    about="The first coverage is in force on all dates of service, the others should be; not asked of self-payers.",
    citation="Insured period of the plan; refused otherwise with CARC 26 (before coverage) or 27 (after coverage)",
    source="Coverage as registered from the card or the payer's answer",
    severity="error",
    owner="front-desk",
    mend="Verify the coverage for the date of service, and bill the one that was in force.",
    check=check,
    applies=lambda subject: bool(subject.coverages),
)
