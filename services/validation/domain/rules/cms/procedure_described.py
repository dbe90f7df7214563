"""A code that does not say what was done or given needs words beside it."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line with such a code; a set of codes carries no words, so somebody has to see to it."""
    for line in subject.lines:
        if line.level2 is not None and line.level2.unspecific:
            yield Failure(
                field=f"lines/{line.line_no}/procedure_code",
                inputs=(line.procedure.code, str(line.service_from_on)),
                line_no=line.line_no,
            )


PROCEDURE_DESCRIBED: Final = Rule(
    id="procedure_described",
    version=1,
    about="A code for what has no code of its own (unlisted, not otherwise classified) goes out with a description of"
    " what was done or given. CPT's unlisted codes are licensed and not asked about.",
    citation="005010X222A1, loop 2400, SV101-7; Medicare Claims Processing Manual chapter 26, section 10.4",
    source="HCPCS Level II quarterly release, descriptions; X12 implementation guide 005010X222A1",
    severity="warning",
    owner="biller",
    mend="Use the code that names the service, or describe it on the claim: what, how much, and for a drug its NDC.",
    check=check,
    applies=lambda subject: any(line.level2 is not None for line in subject.lines),
)
