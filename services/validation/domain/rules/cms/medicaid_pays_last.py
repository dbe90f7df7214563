"""Medicaid is asked when everybody else has paid."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject

MEDICAID: Final = "MC"


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield the place of the first Medicaid plan that another kind of payer follows."""
    kinds = tuple(payer.claim_filing_indicator for payer in subject.payers)
    place = kinds.index(MEDICAID)
    if any(kind != MEDICAID for kind in kinds[place:]):
        yield Failure(field=f"coverages/{place + 1}", inputs=kinds)


MEDICAID_PAYS_LAST: Final = Rule(
    id="medicaid_pays_last",
    version=1,
    about="No other payer comes after Medicaid in the filing order; a few programs do, so that it is a warning.",
    citation="42 CFR 433.138 and 433.139 (liability of third parties)",
    source="Code of Federal Regulations; kind of insurance from the payer master data",
    severity="warning",
    owner="front-desk",
    mend="Put the other plan before Medicaid, unless it is one that pays after it.",
    check=check,
    applies=lambda subject: any(payer.claim_filing_indicator == MEDICAID for payer in subject.payers),
)
