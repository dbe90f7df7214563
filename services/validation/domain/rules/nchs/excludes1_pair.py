"""Two diagnoses that the tabular list parts: an excludes1 note says that they are not coded together.

A warning, for the guidelines allow both where the two conditions have nothing to do with each other, which only the
record shows. The note is quoted.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule, not_loaded
from services.validation.domain.subject import ScrubSubject
from shared.codesets.edition import TableNotLoaded


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each pair, at its second code, with the nearest note that parts it."""
    if isinstance(subject.excluded, TableNotLoaded):
        codes = tuple(diagnosis.code for diagnosis in subject.diagnoses)
        yield not_loaded(subject.excluded, field="diagnoses", inputs=codes)
        return
    for pair in subject.excluded:
        yield Failure(
            field=f"diagnoses/{pair.second}",
            inputs=(subject.diagnoses[pair.first - 1].code, subject.diagnoses[pair.second - 1].code),
            edition=pair.edition,
            mend=f"Code one of the two, unless they have nothing to do with each other. Excludes1 at {pair.note.owner}:"
            f" {pair.note.text}",
        )


EXCLUDES1_PAIR: Final = Rule(
    id="excludes1_pair",
    version=1,
    about="No two diagnoses are listed that an excludes1 note of the tabular list parts.",
    citation="ICD-10-CM Official Guidelines, section I.A.12.a",
    source="ICD-10-CM tabular list of diseases",
    effective_from=date(2015, 10, 1),
    severity="warning",
    owner="coder",
    mend="Code one of the two, unless they have nothing to do with each other.",
    check=check,
    applies=lambda subject: len(subject.diagnoses) > 1,
)
