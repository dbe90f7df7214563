"""An add-on code stands beside a service that it adds to, of the same provider, patient and day."""

from collections.abc import Iterator
from typing import Final

from services.validation.domain.rule import Failure, NoData, Result, Rule, not_loaded
from services.validation.domain.subject import Line, ScrubSubject
from services.validation.domain.tables import Told
from shared.codesets.add_ons import AddOn, EditType
from shared.codesets.edition import TableNotLoaded

_SHOWN_MAX: Final = 5


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each add-on that stands alone; then what could not be looked up."""
    gaps: dict[TableNotLoaded, list[str]] = {}
    for line in subject.lines:
        told = line.add_on
        if isinstance(told, TableNotLoaded):
            gaps.setdefault(told, []).append(line.procedure.code)
        elif told is not None:
            yield from _alone(line, told, subject)
    for gap, codes in gaps.items():
        yield not_loaded(gap, field="lines", inputs=tuple(dict.fromkeys(codes)))


def _alone(line: Line, told: Told[AddOn], subject: ScrubSubject) -> Iterator[Result]:
    add_on = told.row
    beside = {service.code for service in subject.services if service.service_from_on == line.service_from_on}
    beside.discard(add_on.code)
    if not beside.isdisjoint(add_on.primaries):
        return
    field, said = f"lines/{line.line_no}/procedure_code", _said(line, add_on)
    if subject.services_cut:
        mend = "Look for the primary service among all encounters of the day."
        yield NoData(field=field, inputs=said, line_no=line.line_no, edition=told.edition, mend=mend)
    elif add_on.edit_type is EditType.LISTED or not beside:
        yield Failure(
            field=field,
            inputs=said,
            line_no=line.line_no,
            edition=told.edition,
            severity="warning" if add_on.notes else None,
        )
    else:
        mend = "Ask the payer which primary services it takes: it decides about this code."
        yield NoData(field=field, inputs=said, line_no=line.line_no, edition=told.edition, mend=mend)


def _said(line: Line, add_on: AddOn) -> tuple[str, ...]:
    primaries = sorted(add_on.primaries)
    shown = (*primaries[:_SHOWN_MAX], *(["…"] if len(primaries) > _SHOWN_MAX else []))
    listed = (f"beside {' '.join(shown)}",) if shown else ()
    return (add_on.code, str(line.service_from_on), f"type {add_on.edit_type.value}", *listed)


ADD_ON_PRIMARY: Final = Rule(
    id="add_on_primary",
    version=1,
    about="An add-on code stands beside a primary service of the same provider and day: a listed one (type 1), or one"
    " that the contractor takes (types 2 and 3: no data). Where CMS adds an instruction to the code, it is a warning.",
    citation="Medicare NCCI Policy Manual, chapter I, section R",
    source="NCCI add-on code edits, quarterly; change request 7501",
    severity="error",
    owner="coder",
    mend="Add the primary service that was done, or drop the add-on code: it is never paid alone.",
    check=check,
    applies=lambda subject: bool(subject.lines),
)
