"""A claim says who is to be paid."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield that nobody was documented as billing."""
    if subject.billing_npi is None:
        yield Failure(field="providers/billing", inputs=())


BILLING_PROVIDER_KNOWN: Final = Rule(
    id="billing_provider_known",
    version=1,
    about="A claim to a payer names its billing provider; where the patient pays, nobody has to.",
    citation="005010X222A1, loop 2010AA billing provider name",
    source="X12 implementation guide 005010X222A1",
    severity="error",
    owner="front-desk",
    mend="Document who bills for the visit.",
    overridable=False,
    check=check,
    applies=lambda subject: bool(subject.coverages),
)
