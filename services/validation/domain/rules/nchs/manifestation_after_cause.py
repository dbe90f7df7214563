"""A manifestation stands behind its cause.

The tabular list names causes at many manifestations ("code first"). A named cause that stands behind its manifestation
is an error. Where none is listed at all it is a warning, because the names are often examples. That a manifestation
never stands first is `primary_diagnosis_acceptable`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import Diagnosis, ScrubSubject
from shared.codesets.edition import TableNotLoaded
from shared.codesets.mce import Attribute, Edits


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each manifestation without a named cause before it."""
    for place, diagnosis in enumerate(subject.diagnoses, 1):
        if isinstance(diagnosis.causes, TableNotLoaded):
            inputs = (diagnosis.code, str(subject.service_on))
            yield not_loaded(diagnosis.causes, field=f"diagnoses/{place}", inputs=inputs)
        elif diagnosis.causes and place > 1:
            yield from _judged(place, diagnosis, subject)


def _judged(place: int, diagnosis: Diagnosis, subject: ScrubSubject) -> Iterator[Result]:
    field, edition = f"diagnoses/{place}", _edition(diagnosis)
    if any(_is_cause(each, diagnosis) for each in subject.diagnoses[: place - 1]):
        return
    later = next((each for each in subject.diagnoses[place:] if _is_cause(each, diagnosis)), None)
    if later is not None:
        mend = f"List {later.code} before {diagnosis.code}."
        yield Failure(field=field, inputs=(diagnosis.code, later.code), edition=edition, mend=mend)
    else:
        yield Failure(field=field, inputs=(diagnosis.code,), edition=edition, severity="warning")


def _is_cause(candidate: Diagnosis, manifestation: Diagnosis) -> bool:
    causes = () if isinstance(manifestation.causes, TableNotLoaded) else manifestation.causes
    return any(named.holds(candidate.code) for note in causes for named in note.codes)


def _edition(diagnosis: Diagnosis) -> str | None:
    return diagnosis.edits.edition.name if isinstance(diagnosis.edits, Edits) else None


def _has_manifestation(subject: ScrubSubject) -> bool:
    return any(
        isinstance(each.edits, Edits) and each.edits.attributes & Attribute.MANIFESTATION for each in subject.diagnoses
    )


MANIFESTATION_AFTER_CAUSE: Final = Rule(
    id="manifestation_after_cause",
    version=1,
    about="A manifestation code stands behind a cause that the tabular list names for it (error where the cause stands"
    " behind it, warning where none is listed).",
    citation="ICD-10-CM Official Guidelines, section I.A.13",
    source="ICD-10-CM tabular list of diseases; Medicare Code Editor, manifestation codes",
    effective_from=date(2015, 10, 1),
    severity="error",
    owner="coder",
    mend="Code the cause first, and this manifestation after it.",
    check=check,
    applies=_has_manifestation,
)
