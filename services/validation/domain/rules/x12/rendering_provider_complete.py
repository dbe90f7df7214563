"""A claim says who treated where that is not whoever is paid, and a person has a given name."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield that nobody is named beside an organization, or that a person is named by half."""
    who = subject.rendering
    if who is None:
        if subject.billing is not None and subject.billing.kind == "organization":
            yield Failure(field="providers/rendering", inputs=(subject.billing.npi,), severity="warning")
    elif who.kind == "person" and not who.has_given_name:
        mend = "Enter the given name in the provider master data: without one the file would say an organization."
        yield Failure(field="providers/rendering/given_name", inputs=(who.npi,), mend=mend)


RENDERING_PROVIDER_COMPLETE: Final = Rule(
    id="rendering_provider_complete",
    version=1,
    about="A person who treated has a given name (error); where an organization bills, somebody else treated, and"
    " should be documented (warning: laboratories and suppliers bill for themselves).",
    citation="005010X222A1, loop 2310B rendering provider name",
    source="X12 implementation guide 005010X222A1; provider master data",
    severity="error",
    owner="front-desk",
    mend="Document who treated the patient, unless the biller itself did.",
    overridable=False,
    check=check,
    applies=lambda subject: bool(subject.coverages),
)
