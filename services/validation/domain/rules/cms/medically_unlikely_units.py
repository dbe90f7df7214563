"""No more units than are paid: on a line, or on a day over all lines and claims of the provider.

A limit by experience is an error too: the payer denies first and pays on appeal. Whoever has the record that shows the
need lets it go in the open.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from services.validation.domain.rule import Failure, NoData, Result, Rule, not_loaded
from services.validation.domain.same_day import Service
from services.validation.domain.subject import Line, ScrubSubject
from services.validation.domain.tables import Told
from shared.codesets.edition import TableNotLoaded
from shared.codesets.mue import Counted, UnitLimit

NOT_COUNTED: Final = "55"
"""Care after surgery by somebody else: its lines are left out of the sum of a day (change request 8853)."""
_NOT_PAID: Final = "Use another code: this service is not paid in this setting."
_MENDS: Final = {
    Counted.LINE: "Check the units; what was done more often goes on a further line with the modifier that says why:"
    " 59, X{EPSU}, 76, 77, 91 or the place on the body.",
    Counted.DAY_BY_POLICY: "Correct the units: more are never paid on a day, and no modifier or appeal changes it.",
    Counted.DAY_BY_EXPERIENCE: "Check the units. Where the record shows that all were necessary, override this with"
    " that reason and keep the record for the appeal.",
}


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each line, or the last line of a day, that goes over its limit; then what could not be looked up."""
    gaps: dict[TableNotLoaded, list[str]] = {}
    last = {(line.procedure.code, line.service_from_on): line for line in subject.lines}
    own = {service.line_no: service for service in subject.services if service.encounter_id is None}
    for line in subject.lines:
        told, code = line.unit_limit, line.procedure.code
        if told is None:
            continue
        if isinstance(told, TableNotLoaded):
            gaps.setdefault(told, []).append(code)
        elif told.row.counted is Counted.LINE or told.row.units == 0:
            yield from _over(line, told, (own[line.line_no],))
        elif last[code, line.service_from_on] is line:
            yield from _over(line, told, _of_day(line, subject))
    for gap, codes in gaps.items():
        yield not_loaded(gap, field="lines", inputs=tuple(dict.fromkeys(codes)))
    if subject.services_cut:
        yield NoData(
            field="lines",
            inputs=("more encounters on the day than are compared",),
            mend="Add up the units of the day by hand.",
        )


def _of_day(line: Line, subject: ScrubSubject) -> Iterable[Service]:
    return [
        service
        for service in subject.services
        if service.code == line.procedure.code
        and service.service_from_on == line.service_from_on
        and NOT_COUNTED not in service.modifiers
    ]


def _over(line: Line, told: Told[UnitLimit], services: Iterable[Service]) -> Iterator[Failure]:
    limit = told.row
    units = sum(service.units_a_day for service in services)
    if units > limit.units:
        yield Failure(
            field=f"lines/{line.line_no}/units",
            inputs=(
                limit.code,
                str(line.service_from_on),
                f"{units} units",
                f"limit {limit.units}",
                f"indicator {limit.counted.value}",
                *(f"with {each.place}" for each in services if each.encounter_id or each.line_no != line.line_no),
            ),
            line_no=line.line_no,
            edition=told.edition,
            mend=_MENDS[limit.counted] if limit.units else _NOT_PAID,
        )


MEDICALLY_UNLIKELY_UNITS: Final = Rule(
    id="medically_unlikely_units",
    version=1,
    about="A service has no more units than its medically unlikely edit pays: by line (indicator 1), or by day over all"
    " lines and encounters of the provider, absolutely (2) or unless the need is shown (3). A limit of 0 is not paid.",
    citation="Medicare NCCI Policy Manual, chapter I, section V",
    source="MUE tables, practitioner or supplier, quarterly; MLN Matters MM8853",
    severity="error",
    owner="coder",
    mend="Check the units.",
    check=check,
    applies=lambda subject: bool(subject.lines),
)
