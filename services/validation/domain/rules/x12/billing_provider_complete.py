"""A claim says of whoever is paid what the guide wants."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.facts import Provider
from services.validation.domain.rule import Failure, NoData, Result, Rule
from services.validation.domain.subject import ScrubSubject

ZIP_DIGITS: Final = 9


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each thing that is missing."""
    biller = subject.billing
    if biller is None:
        return
    if biller.has_tax_id is None:
        mend = "The tax number was erased, and no claim can be written without it: enter the biller anew."
        yield NoData(field="providers/billing/tax_id", inputs=(biller.npi,), mend=mend)
    for part in _missing(biller):
        yield Failure(field=f"providers/billing/{part}", inputs=(biller.npi,))


def _missing(biller: Provider) -> Iterator[str]:
    if biller.has_tax_id is False:
        yield "tax_id"
    if biller.zip_digits is None:
        yield "address"
    elif biller.zip_digits != ZIP_DIGITS:
        yield "address/zip"
    if biller.kind == "person" and not biller.has_given_name:
        yield "given_name"


BILLING_PROVIDER_COMPLETE: Final = Rule(
    id="billing_provider_complete",
    version=1,
    about="The billing provider has a tax number, an address with a ZIP of nine digits and, a person, a given name.",
    citation="005010X222A1, loop 2010AA, NM1, N3, N4 and REF billing provider tax identification",
    source="X12 implementation guide 005010X222A1; provider master data",
    severity="error",
    owner="front-desk",
    mend="Complete the provider in the master data.",
    overridable=False,
    check=check,
    applies=lambda subject: bool(subject.coverages) and subject.billing is not None,
)
