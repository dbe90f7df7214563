"""A diagnosis code stands on an encounter once."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each code that stood there before."""
    seen: set[str] = set()
    for place, diagnosis in enumerate(subject.diagnoses, 1):
        if diagnosis.code in seen:
            yield Failure(field=f"diagnoses/{place}", inputs=(diagnosis.code,))
        seen.add(diagnosis.code)


DIAGNOSIS_DUPLICATES: Final = Rule(
    id="diagnosis_duplicates",
    version=1,
    about="No diagnosis code is listed twice.",
    citation="ICD-10-CM Official Guidelines, section I.B.12",
    source="ICD-10-CM Official Guidelines for Coding and Reporting",
    effective_from=date(2015, 10, 1),
    severity="error",
    owner="coder",
    mend="List the code once, and point every line to that place.",
    check=check,
    applies=lambda subject: len(subject.diagnoses) > 1,
)
