"""The NPIs of whoever rendered and bills are well formed."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject
from shared.kernel.identifiers import is_npi

_is_npi: Final = lru_cache(maxsize=4096)(is_npi)  # the same few providers stand on every claim


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each NPI whose check digit is wrong."""
    for role, npi in (("rendering", subject.rendering_npi), ("billing", subject.billing_npi)):
        if npi is not None and not _is_npi(npi):
            yield Failure(field=f"providers/{role}", inputs=(npi,))


NPI_CHECK_DIGIT: Final = Rule(
    id="npi_check_digit",
    version=1,
    about="The NPIs of the rendering and the billing provider have ten digits and the right check digit.",
    citation="45 CFR 162.406",
    source="NPI final rule: Luhn over 80840 and the ten digits",
    severity="error",
    owner="front-desk",
    mend="Correct the NPI in the provider master data.",
    overridable=False,
    check=check,
    applies=lambda subject: not (subject.rendering_npi is None and subject.billing_npi is None),
)
