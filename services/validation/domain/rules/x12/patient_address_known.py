"""A claim says where the patient lives."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, NoData, Result, Rule
from services.validation.domain.subject import ScrubSubject


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield that there is no address, or that nothing is left of it."""
    if subject.has_address is None:
        mend = "The address was erased, and no claim can be written without it: close the encounter."
        yield NoData(field="patient/address", inputs=(), mend=mend)
    elif not subject.has_address:
        yield Failure(field="patient/address", inputs=())


PATIENT_ADDRESS_KNOWN: Final = Rule(
    id="patient_address_known",
    version=1,
    about="A claim to a payer carries the patient's address, as the insured or beside the insured.",
    citation="005010X222A1, loops 2010BA and 2010CA, N3 and N4",
    source="X12 implementation guide 005010X222A1; address as registered",
    severity="error",
    owner="front-desk",
    mend="Ask the patient for the address, and register it.",
    overridable=False,
    check=check,
    applies=lambda subject: bool(subject.coverages),
)
