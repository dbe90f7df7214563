"""A procedure of Level II is one that Medicare pays; asked where Medicare is billed first."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import Line, ScrubSubject
from shared.codesets.hcpcs import Coverage

NOT_PAID: Final = {
    Coverage.NOT_PAYABLE: "not payable by Medicare",
    Coverage.NOT_COVERED: "not covered",
    Coverage.EXCLUDED: "excluded by statute",
}
KNOWN_TO_BE: Final = frozenset({"GA", "GX", "GY", "GZ"})
"""Modifiers by which the biller says that a denial is expected."""


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line that Medicare does not pay, unless its modifiers say that this is known."""
    for line in subject.lines:
        why = _why(line)
        if why is not None and KNOWN_TO_BE.isdisjoint(line.modifier_codes):
            yield Failure(
                field=f"lines/{line.line_no}/procedure_code",
                inputs=(line.procedure.code, str(line.service_from_on), why),
                line_no=line.line_no,
            )


def _why(line: Line) -> str | None:
    coverage = None if line.level2 is None else line.level2.coverage
    return None if coverage is None else NOT_PAID.get(coverage)


PROCEDURE_PAYABLE: Final = Rule(
    id="procedure_payable",
    version=1,
    about="A Level II code on a claim to Medicare is covered: its coverage indicator is none of I, M and S, unless a"
    " modifier says that the denial is expected (GA, GX, GY, GZ). Codes whose coverage no table says pass.",
    citation="42 CFR 411.15; Medicare Claims Processing Manual chapter 30, section 50",
    source="HCPCS Level II quarterly release, coverage indicator",
    severity="warning",
    owner="biller",
    mend="Bill the patient or another payer, or add the modifier that says that the denial is expected.",
    check=check,
    applies=lambda subject: subject.bills_medicare and any(line.level2 is not None for line in subject.lines),
)
