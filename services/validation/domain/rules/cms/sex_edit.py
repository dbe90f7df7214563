"""A diagnosis of one sex fits the patient's, for dates of service up to the day on which CMS ended the edit."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.rule import Failure, NoData, Result, Rule, not_loaded
from services.validation.domain.subject import ScrubSubject
from shared.codesets.edition import TableNotLoaded
from shared.codesets.mce import SEX_EDITS_END_ON, Attribute, Edits

_SEXED: Final = Attribute.FEMALE | Attribute.MALE
_OTHER: Final = {"female": Attribute.MALE, "male": Attribute.FEMALE}


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each diagnosis of the other sex, and what cannot be judged."""
    other = None if subject.sex is None else _OTHER.get(subject.sex)
    for place, diagnosis in enumerate(subject.diagnoses, 1):
        field, inputs = f"diagnoses/{place}", (diagnosis.code, str(subject.service_on))
        match diagnosis.edits:
            case TableNotLoaded() as answer:
                yield not_loaded(answer, field=field, inputs=inputs)
            case Edits(edition, attributes) if attributes & _SEXED and other is None:
                mend = "The sex is not known; judge by hand."
                yield NoData(field=field, inputs=(*inputs, "sex not known"), edition=edition.name, mend=mend)
            case Edits(edition, attributes) if other is not None and attributes & other:
                yield Failure(field=field, inputs=inputs, edition=edition.name)
            case _:
                continue


SEX_EDIT: Final = Rule(
    id="sex_edit",
    version=1,
    about="A diagnosis of one sex fits the patient's. CMS ended the edit: it is not asked after 2024-09-30.",
    citation="Definitions of Medicare Code Edits, sex conflict (until v41.1)",
    source="Medicare Code Editor v44, whose sex lists end on 2024-09-30; outside inpatient Medicare a warning",
    effective_from=date(2015, 10, 1),
    effective_to=SEX_EDITS_END_ON,
    severity="warning",
    owner="coder",
    mend="Check the diagnosis against the documentation.",
    check=check,
    applies=lambda subject: bool(subject.diagnoses),
)
