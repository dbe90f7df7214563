"""A service that the payer wants to be asked about has its consent, for the day, the procedure and the units."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.authorized import Standing
from services.validation.domain.rule import Failure, Result, Rule
from services.validation.domain.subject import ScrubSubject

_MEND: Final[dict[Standing, str]] = {
    "units-exceeded": "Ask the payer for its consent to more units, and note the answer.",
    "not-covered": "Ask the payer to extend its consent to this day and procedure, and note the answer.",
    "pended": "Send the payer what it wants to see, and note its answer.",
    "requested": "Ask the payer for its answer, and note it.",
    "required": "Ask the payer for its consent, and note request and answer.",
    "denied": "Ask the payer again with more evidence, or settle with the patient who pays.",
    "ended": "Ask whether the payer wants to be asked again: its consent to this procedure has ended.",
}


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line, coverage by coverage, that is known to need a consent and has none."""
    lines = {line.line_no: line for line in subject.lines}
    for each in subject.authorized:
        if each.standing == "covered":
            continue
        line, coverage = lines[each.line_no], subject.coverages[each.place - 1]
        # A claim to the primary payer is right whatever the secondary wants; an ended consent only raises a question.
        stops = each.place == 1 and each.standing != "ended"
        yield Failure(
            field=f"coverages/{each.place}/authorization",
            line_no=each.line_no,
            inputs=(
                line.procedure.code,
                f"service {line.service_from_on} to {line.service_to_on}",
                f"units {line.units}",
                f"{each.standing} {each.authorization_id}",
                coverage.coverage_id,
            ),
            severity="error" if stops else "warning",
            mend=_MEND[each.standing],
        )


AUTHORIZATION_ON_SERVICE: Final = Rule(
    id="authorization_on_service",
    version=1,
    about="Where a payer is known to want to be asked before a service, it consented to the procedure on the day and to"
    " the units of this visit: error for the first coverage, warning for the others. Warning too where its consent to"
    " the procedure ended in the 90 days before. Not asked where nobody said that a consent is needed; units that other"
    " visits drew on are not counted.",
    citation="005010X222A1, loop 2300 REF*G1 prior authorization; refused otherwise with CARC 197 (absent), 198"
    " (exceeded), 39 (denied when requested)",
    source="Authorizations as registered from the payer's rules and answers",
    severity="error",
    owner="front-desk",
    mend="Ask the payer for its consent, and note request and answer.",
    check=check,
    applies=lambda subject: bool(subject.authorized),
)
