"""A claim to Medicare carries a Medicare Beneficiary Identifier."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.rule import Failure, NoData, Result, Rule
from services.validation.domain.subject import MEDICARE, ScrubSubject


def _by_place(subject: ScrubSubject) -> Iterator[tuple[int, bool | None]]:
    for place, (coverage, payer) in enumerate(zip(subject.coverages, subject.payers, strict=False), 1):
        if payer.claim_filing_indicator in MEDICARE:
            yield place, coverage.medicare_number


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each coverage of Medicare whose number has another form; the number itself stays out of it."""
    for place, of_form in _by_place(subject):
        field = f"coverages/{place}/member_id"
        if of_form is None:
            yield NoData(field=field, inputs=(), mend="The number was erased: nothing can be sent with it any more.")
        elif not of_form:
            yield Failure(field=field, inputs=(), severity="error" if place == 1 else "warning")


MEDICARE_NUMBER_FORM: Final = Rule(
    id="medicare_number_form",
    version=1,
    about="The number on a Medicare card has eleven characters, in the order that Medicare gives them out, without"
    " dashes; an error where Medicare is billed first, a warning in the other places.",
    citation="Medicare Claims Processing Manual chapter 2, section 10.1; 005010X222A1, loop 2010BA NM109",
    source="CMS, Medicare Beneficiary Identifier format; alone since 2020-01-01",
    effective_from=date(2020, 1, 1),
    severity="error",
    owner="front-desk",
    mend="Read the number from the new Medicare card, and register the coverage with it.",
    check=check,
    applies=lambda subject: any(True for _ in _by_place(subject)),
)
