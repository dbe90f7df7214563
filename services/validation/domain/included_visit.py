"""Visits that the payment of a procedure includes: those of the same physician, on the days of its global period.

Owns: what a visit is, which procedures may have days, and which visits fall on them, across encounters.
Refuses: opinions; whether a modifier sets the visit apart is `rules/cms/global_period.py`.
**Source**: Medicare Claims Processing Manual chapter 12, sections 40.1 and 40.2; for the group, section 30.6.5.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct

from services.validation.domain.facts import Facts, OtherLine
from services.validation.domain.same_day import Service, service_of
from shared.codesets.edition import Interval, TableNotLoaded
from shared.codesets.mpfs import Found, GlobalPeriod, RelativeValues
from shared.events.coding import CodedLine

_VISITS: Final = frozenset(
    str(number)
    for number in chain(
        (92002, 92004, 92012, 92014),  # of the eyes
        range(99201, 99216),  # in the office
        range(99217, 99227),  # under observation, until 2022; first in the hospital
        range(99231, 99240),  # later in the hospital, discharge
        range(99241, 99246),
        range(99251, 99256),
        range(99281, 99286),  # in the emergency department
        range(99291, 99293),  # critical care
        range(99304, 99319),  # in a nursing facility
        range(99324, 99338),
        range(99341, 99351),  # at home
    )
)
_PROCEDURES: Final = (*"1234567", "9", "G")
"""How the codes begin of which some have a global period: no laboratory, drug or supply does."""
_MAY_LAST: Final = (*"123456", "777", "929", "G034", "G041")
"""How the codes begin that have days after them: surgery, a few of radiology and of the heart, and of HCPCS."""


def is_visit(code: str) -> bool:
    """Return whether a code is a visit (evaluation and management, or of the eyes), by its number."""
    return code in _VISITS


def may_last(code: str) -> bool:
    """Return whether the fee schedule may give a procedure days after its own. **Source**: the schedule of 2024."""
    return code.startswith(_MAY_LAST)


def days_around(visit_on: date) -> Interval:
    """Return the days on which a procedure was whose payment may include a visit; the longest period is of 92 days."""
    return Interval(visit_on - timedelta(days=90), visit_on + timedelta(days=1))


class IncludedVisit(Struct, frozen=True, kw_only=True, gc=False):
    """A visit of the encounter, and the procedure on whose days it is.

    **Shape**: `procedure` is of this encounter or another; `of_group`: not the same NPI, but the same taxonomy, billed
    by the same organization: these are paid as one physician.
    """

    line_no: int
    code: str
    modifiers: tuple[str, ...]
    visit_on: date
    procedure: Service
    period: GlobalPeriod
    of_group: bool
    edition: str


ValuesOf: TypeAlias = Callable[[str, date], Found]


class Included(NamedTuple):
    """The visits on days of a procedure, and the tables that were not there to ask about one."""

    visits: tuple[IncludedVisit, ...] = ()
    gaps: tuple[TableNotLoaded, ...] = ()


NOTHING: Final = Included()


def included_visits(facts: Facts, values_of: ValuesOf) -> Included:
    """Return which visits of an encounter fall on days of a procedure; without a visit nothing is looked up."""
    visits = [line for line in facts.codes.lines if is_visit(line.procedure_code)]
    if not visits:
        return NOTHING
    found: list[IncludedVisit] = []
    gaps: dict[TableNotLoaded, None] = {}
    for procedure, of_group in _procedures(facts):
        on = procedure.service_from_on
        near = [visit for visit in visits if days_around(visit.service_from_on).holds(on)]
        values = values_of(procedure.code, on) if near else None
        if isinstance(values, TableNotLoaded):
            gaps[values] = None
        elif isinstance(values, RelativeValues):
            found.extend(_on_its_days(near, procedure, values, of_group=of_group))
    return Included(tuple(found), tuple(gaps))


def _procedures(facts: Facts) -> Iterator[tuple[Service, bool]]:
    """Yield what else the physician did for the patient, or another one of the group, as far as it is known."""
    for line in facts.codes.lines:
        if _may_be_procedure(line.procedure_code):
            yield service_of(line, None), False
    for other in chain(facts.same_day, facts.earlier):
        if _may_be_procedure(other.line.procedure_code):
            same = other.npi == facts.npi
            if same or _is_of_group(other, facts):
                yield service_of(other.line, other.encounter_id), not same


def _may_be_procedure(code: str) -> bool:
    return code.startswith(_PROCEDURES) and not is_visit(code)


def _is_of_group(other: OtherLine, facts: Facts) -> bool:
    biller, taxonomy = facts.billing, facts.rendering.taxonomy if facts.rendering else None
    return biller is not None and taxonomy is not None and (other.billing_npi, other.taxonomy) == (biller.npi, taxonomy)


def _on_its_days(
    visits: list[CodedLine], procedure: Service, values: RelativeValues, *, of_group: bool
) -> Iterator[IncludedVisit]:
    period = values.indicators.global_period
    days = period.days(procedure.service_from_on)
    for visit in visits:
        if days is not None and days.holds(visit.service_from_on):
            yield IncludedVisit(
                line_no=visit.line_no,
                code=visit.procedure_code,
                modifiers=visit.modifiers,
                visit_on=visit.service_from_on,
                procedure=procedure,
                period=period,
                of_group=of_group,
                edition=values.edition.name,
            )
