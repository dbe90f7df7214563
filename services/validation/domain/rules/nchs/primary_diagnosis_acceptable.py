"""The first-listed diagnosis says why the patient came.

A manifestation code and an external-cause code never stand first: the guidelines say so for every setting, so both are
errors. The code editor's list of unacceptable principal diagnoses binds inpatient Medicare only; elsewhere it warns.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import ScrubSubject
from shared.codesets.edition import TableNotLoaded
from shared.codesets.mce import Attribute, Edits

_NEVER_FIRST: Final = Attribute.MANIFESTATION | Attribute.EXTERNAL_CAUSE


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield what is wrong with the first code; one that is not billable is another rule's business."""
    first = subject.diagnoses[0]
    inputs = (first.code, str(subject.service_on))
    match first.edits:
        case TableNotLoaded() as answer:
            yield not_loaded(answer, field="diagnoses/1", inputs=inputs)
        case Edits(edition, attributes) if attributes & _NEVER_FIRST:
            mend = (
                "Code the cause first, and this manifestation after it."
                if attributes & Attribute.MANIFESTATION
                else "Code the injury or condition first, and its external cause after it."
            )
            yield Failure(field="diagnoses/1", inputs=inputs, edition=edition.name, mend=mend)
        case Edits(edition, attributes) if attributes & Attribute.UNACCEPTABLE_PRINCIPAL:
            yield Failure(field="diagnoses/1", inputs=inputs, edition=edition.name, severity="warning")
        case _:
            return


PRIMARY_DIAGNOSIS_ACCEPTABLE: Final = Rule(
    id="primary_diagnosis_acceptable",
    version=1,
    about="The first-listed diagnosis is neither a manifestation nor an external cause (error), nor on the code"
    " editor's list of unacceptable principal diagnoses (warning: that list binds inpatient Medicare only).",
    citation="ICD-10-CM Official Guidelines, sections I.A.13 and I.C.20; Definitions of Medicare Code Edits,"
    " unacceptable principal diagnosis",
    source="ICD-10-CM Official Guidelines for Coding and Reporting; Medicare Code Editor v44",
    effective_from=date(2015, 10, 1),
    severity="error",
    owner="coder",
    mend="List the reason of the visit first.",
    check=check,
    applies=lambda subject: bool(subject.diagnoses),
)
