"""A diagnosis code is in force, and has all its characters, on the date of service."""

from collections.abc import Iterator
from typing import Final, assert_never

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import Diagnosis, ScrubSubject
from shared.codesets.edition import MoreDigitsNeeded, NotValidOnDate, TableNotLoaded, UnknownCode, Valid

NAMED_MAX: Final = 12
"""Codes that a finding names in place of another; a few codes were split into more."""


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each code that cannot be billed, with what its table knows of it."""
    for place, diagnosis in enumerate(subject.diagnoses, 1):
        match diagnosis.answer:
            case Valid():
                continue
            case TableNotLoaded() as answer:
                yield not_loaded(answer, field=f"diagnoses/{place}", inputs=(diagnosis.code, str(subject.service_on)))
            case MoreDigitsNeeded(edition):
                mend = _completed(diagnosis) or _converted(diagnosis) or "Use a longer code below this heading."
                yield _failure(place, diagnosis.code, subject, edition.name, mend)
            case NotValidOnDate(edition):
                mend = _converted(diagnosis) or "Use the code in force on the date of service."
                yield _failure(place, diagnosis.code, subject, edition.name, mend)
            case UnknownCode(edition):
                yield _failure(
                    place, diagnosis.code, subject, edition.name, _completed(diagnosis) or _converted(diagnosis)
                )
            case _:
                assert_never(diagnosis.answer)


def _completed(diagnosis: Diagnosis) -> str | None:
    """Return how a code is mended that lacks its 7th character; None for others."""
    if not diagnosis.complete:
        return None
    return f"Add the 7th character that the record supports: {', '.join(diagnosis.complete)}."


def _converted(diagnosis: Diagnosis) -> str | None:
    """Return which codes the conversion table has in place of a code; None where it has none."""
    if not diagnosis.instead:
        return None
    named, more = diagnosis.instead[:NAMED_MAX], len(diagnosis.instead) - NAMED_MAX
    rest = f" and {more} more" if more > 0 else ""
    return f"In force on the date of service in its place, as the record supports: {', '.join(named)}{rest}."


def _failure(place: int, code: str, subject: ScrubSubject, edition: str, mend: str | None) -> Failure:
    inputs = (code, str(subject.service_on))
    return Failure(field=f"diagnoses/{place}", inputs=inputs, edition=edition, mend=mend)


DIAGNOSIS_BILLABLE: Final = Rule(
    id="diagnosis_billable",
    version=3,
    about="Every diagnosis is an ICD-10-CM code that is billable on the date of service; of one that"
    " was replaced, the conversion table names what took its place.",
    citation="ICD-10-CM Official Guidelines, section I.B.2; 45 CFR 162.1002(c)",
    source="ICD-10-CM order file and conversion table of the fiscal year; embedded edition: Medicare Code Editor v44",
    severity="error",
    owner="coder",
    mend="Use a code of the edition in force, with all its characters.",
    check=check,
)
