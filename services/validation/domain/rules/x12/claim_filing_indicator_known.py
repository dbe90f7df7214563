"""A claim says which kind of insurance is asked."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject

INDICATORS: Final = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "16",
        "17",
        "AM",
        "BL",
        "CH",
        "CI",
        "DS",
        "FI",
        "HM",
        "LM",
        "MA",
        "MB",
        "MC",
        "OF",
        "TV",
        "VA",
        "WC",
        "ZZ",
    ]
)
"""The values of the guide."""


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each payer, by its place in the filing order, of a kind that the guide does not have."""
    for place, payer in enumerate(subject.payers, 1):
        if payer.claim_filing_indicator not in INDICATORS:
            yield Failure(
                field=f"payers/{place}/claim_filing_indicator",
                inputs=(payer.claim_filing_indicator,),
                severity="error" if place == 1 else "warning",
            )


CLAIM_FILING_INDICATOR_KNOWN: Final = Rule(
    id="claim_filing_indicator_known",
    version=1,
    about="The kind of insurance of the first payer is one of the guide's (error), and that of the others (warning).",
    citation="005010X222A1, loop 2000B, SBR09 claim filing indicator code",
    source="X12 implementation guide 005010X222A1; payer master data",
    severity="error",
    owner="biller",
    mend="Enter the payer with its kind of insurance, such as MB for Medicare Part B or CI for a commercial plan.",
    overridable=False,
    check=check,
    applies=lambda subject: bool(subject.payers),
)
