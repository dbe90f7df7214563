"""A plan of a current employer may pay before Medicare."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.facts import Coverage
from services.validation.domain.rule import Failure, NoData, Result, Rule
from services.validation.domain.subject import ScrubSubject

COMMERCIAL: Final = frozenset({"12", "13", "14", "15", "BL", "CI", "HM"})
"""Kinds of insurance that employers buy."""


def _behind_medicare(subject: ScrubSubject) -> tuple[tuple[int, Coverage], ...]:
    if not subject.bills_medicare:
        return ()
    placed = enumerate(zip(subject.coverages, subject.payers, strict=False), 1)
    return tuple((place, coverage) for place, (coverage, payer) in placed if payer.claim_filing_indicator in COMMERCIAL)


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each commercial plan of a group that Medicare stands before."""
    for place, coverage in _behind_medicare(subject):
        field = f"coverages/{place}"
        if coverage.of_group is None:
            yield NoData(field=field, inputs=(), mend="The number of the group was erased: judge by hand.")
        elif coverage.of_group:
            yield Failure(field=field, inputs=(subject.payers[0].claim_filing_indicator, coverage.filing_order))


MEDICARE_SECONDARY_PAYER: Final = Rule(
    id="medicare_secondary_payer",
    version=1,
    about="Where Medicare is billed before a commercial plan of a group, somebody should have asked whether the plan is"
    " of a current employer, of the patient or the spouse: it may pay first then.",
    citation="42 CFR 411.20 and 411.172 (Medicare as secondary payer); Medicare Secondary Payer Manual chapter 3,"
    " section 20",
    source="Code of Federal Regulations; kind of insurance from the payer master data, group from the card",
    severity="warning",
    owner="front-desk",
    mend="Ask the questions of Medicare as secondary payer, and put a plan of a current employer first.",
    check=check,
    applies=lambda subject: bool(_behind_medicare(subject)),
)
