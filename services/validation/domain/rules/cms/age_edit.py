"""A diagnosis that belongs to an age fits the patient's age on the date of service. The finding never says that age."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.rule import Failure, NoData, Result, Rule, not_loaded
from services.validation.domain.subject import ScrubSubject
from shared.codesets.edition import TableNotLoaded
from shared.codesets.mce import AGES, Attribute, Edits, age_conflicts

_AGED: Final = Attribute.NEWBORN | Attribute.PEDIATRIC | Attribute.MATERNITY | Attribute.ADULT


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each diagnosis of another age, and what cannot be judged."""
    for place, diagnosis in enumerate(subject.diagnoses, 1):
        match diagnosis.edits:
            case TableNotLoaded() as answer:
                yield not_loaded(answer, field=f"diagnoses/{place}", inputs=(diagnosis.code, str(subject.service_on)))
            case Edits() as edits if edits.attributes & _AGED:
                yield from _judged(f"diagnoses/{place}", diagnosis.code, edits, subject)
            case _:
                continue


def _judged(field: str, code: str, edits: Edits, subject: ScrubSubject) -> Iterator[Result]:
    inputs, edition = (code, str(subject.service_on)), edits.edition.name
    if subject.age_years is None:
        mend = "The birth date is not known any more; judge by hand."
        yield NoData(field=field, inputs=(*inputs, "birth date erased"), edition=edition, mend=mend)
        return
    for group in age_conflicts(edits.attributes, subject.age_years, subject.service_on):
        allowed = f"age outside {_ages(group, subject.service_on)}"
        yield Failure(field=field, inputs=(*inputs, allowed), edition=edition)


def _ages(group: Attribute, on: date) -> str:
    return ", ".join(f"{each.youngest}-{each.oldest}" for each in AGES[group] if each.valid.holds(on))


AGE_EDIT: Final = Rule(
    id="age_edit",
    version=1,
    about="A newborn, pediatric, maternity or adult diagnosis fits the age on the date of service; ages of maternity"
    " changed on 2019-10-01.",
    citation="Definitions of Medicare Code Edits, age conflict",
    source="Medicare Code Editor v44; outside inpatient Medicare a warning",
    effective_from=date(2015, 10, 1),
    severity="warning",
    owner="coder",
    mend="Check the diagnosis against the documentation, and the birth date with the front desk.",
    check=check,
    applies=lambda subject: bool(subject.diagnoses),
)
