"""A professional claim has at least one diagnosis and room for twelve."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject

DIAGNOSES_MAX: Final = 12


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield the count where it does not fit."""
    if not 1 <= len(subject.diagnoses) <= DIAGNOSES_MAX:
        yield Failure(field="diagnoses", inputs=(str(len(subject.diagnoses)),))


DIAGNOSIS_COUNT: Final = Rule(
    id="diagnosis_count",
    version=1,
    about="There are 1 to 12 diagnoses.",
    citation="005010X222A1, loop 2300, HI health care diagnosis code (HI01 to HI12)",
    source="X12 implementation guide 005010X222A1",
    severity="error",
    owner="coder",
    mend="List between 1 and 12 diagnoses, the reason of the visit first.",
    overridable=False,
    check=check,
)
