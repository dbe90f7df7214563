"""A diagnosis says which side, where a code for each side exists.

The code editor's list of unspecified codes binds inpatient Medicare since April 2022; elsewhere payers ask for records,
so that it warns.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import ScrubSubject
from shared.codesets.edition import TableNotLoaded
from shared.codesets.mce import Attribute, Edits


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each code that leaves the side open."""
    for place, diagnosis in enumerate(subject.diagnoses, 1):
        inputs = (diagnosis.code, str(subject.service_on))
        match diagnosis.edits:
            case TableNotLoaded() as answer:
                yield not_loaded(answer, field="diagnoses", inputs=inputs)
                return  # the others are of the same day
            case Edits(edition, attributes) if attributes & Attribute.UNSPECIFIED:
                yield Failure(field=f"diagnoses/{place}", inputs=inputs, edition=edition.name)
            case _:
                continue


DIAGNOSIS_SPECIFIC: Final = Rule(
    id="diagnosis_specific",
    version=1,
    about="No diagnosis leaves the side open where a code for each side exists.",
    citation="Definitions of Medicare Code Edits, unspecified code; ICD-10-CM Official Guidelines, section I.B.13",
    source="Medicare Code Editor v44",
    effective_from=date(2022, 4, 1),
    severity="warning",
    owner="coder",
    mend="Code the side that the record names; ask the clinician where it names none.",
    check=check,
    applies=lambda subject: bool(subject.diagnoses),
)
