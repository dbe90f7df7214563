"""A diagnosis code is in force, and has all its characters, on the date of service."""

from collections.abc import Iterator
from typing import Final, assert_never

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import Diagnosis, ScrubSubject
from shared.codesets.edition import MoreDigitsNeeded, NotValidOnDate, TableNotLoaded, UnknownCode, Valid


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each code that cannot be billed, with what its table knows of it."""
    for place, diagnosis in enumerate(subject.diagnoses, 1):
        match diagnosis.answer:
            case Valid():
                continue
            case TableNotLoaded() as answer:
                yield not_loaded(answer, field=f"diagnoses/{place}", inputs=(diagnosis.code, str(subject.service_on)))
            case MoreDigitsNeeded(edition):
                mend = _completed(diagnosis) or "Use a longer code below this heading."
                yield _failure(place, diagnosis.code, subject, edition.name, mend)
            case NotValidOnDate(edition):
                yield _failure(
                    place, diagnosis.code, subject, edition.name, "Use the code in force on the date of service."
                )
            case UnknownCode(edition):
                yield _failure(place, diagnosis.code, subject, edition.name, _completed(diagnosis))
            case _:
                assert_never(diagnosis.answer)


def _completed(diagnosis: Diagnosis) -> str | None:
    """Return how a code is mended that lacks its 7th character; None for others."""
    if not diagnosis.complete:
        return None
    return f"Add the 7th character that the record supports: {', '.join(diagnosis.complete)}."


def _failure(place: int, code: str, subject: ScrubSubject, edition: str, mend: str | None) -> Failure:
    inputs = (code, str(subject.service_on))
    return Failure(field=f"diagnoses/{place}", inputs=inputs, edition=edition, mend=mend)


DIAGNOSIS_BILLABLE: Final = Rule(
    id="diagnosis_billable",
    version=2,
    about="Every diagnosis is an ICD-10-CM code that is billable on the date of service.",
    citation="ICD-10-CM Official Guidelines, section I.B.2; 45 CFR 162.1002(c)",
    source="ICD-10-CM order file of the fiscal year; embedded edition: Medicare Code Editor v44",
    severity="error",
    owner="coder",
    mend="Use a code of the edition in force, with all its characters.",
    check=check,
)
