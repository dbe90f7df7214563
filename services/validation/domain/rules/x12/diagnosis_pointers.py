"""A line names the one to four diagnoses that it was done for."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject

POINTERS_MAX: Final = 4


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line that points nowhere, too often, or beyond the list."""
    last = len(subject.diagnoses)
    for line in subject.lines:
        pointers = line.pointers
        if not (1 <= len(pointers) <= POINTERS_MAX and min(pointers) >= 1 and max(pointers) <= last):
            inputs = (*map(str, pointers), f"of {last}")
            yield Failure(field=f"lines/{line.line_no}/pointers", inputs=inputs, line_no=line.line_no)


DIAGNOSIS_POINTERS: Final = Rule(
    id="diagnosis_pointers",
    version=1,
    about="Every line points to 1 to 4 diagnoses of the list.",
    citation="005010X222A1, loop 2400, SV107 composite diagnosis code pointer",
    source="X12 implementation guide 005010X222A1",
    severity="error",
    owner="coder",
    mend="Point the line to 1 to 4 of the listed diagnoses.",
    overridable=False,
    check=check,
    applies=lambda subject: bool(subject.lines),
)
