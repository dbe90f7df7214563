"""A visit on the days of a procedure of the same physician is paid with it, unless a modifier sets it apart.

Own procedures of the encounter count, and those of the patient's other ones. Where a pair edit speaks of the two, it
says so, and this rule does not say it again.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.validation.domain.included_visit import IncludedVisit, is_visit
from services.validation.domain.rule import Failure, NoData, Result, Rule, not_loaded
from services.validation.domain.subject import ScrubSubject
from shared.codesets.mpfs import GlobalPeriod

UNRELATED: Final = "24"
SEPARATE: Final = "25"
DECISION: Final = "57"
CRITICAL_CARE: Final = frozenset({"99291", "99292"})
UNRELATED_CRITICAL: Final = "FT"
"""Of critical care, since 2022."""
ENDS_WITH_ITS_DAY: Final = frozenset({"54", "56", "78"})
"""Of a procedure: somebody else has the care after it, or it is a return whose days are those of the first one."""


def check(subject: ScrubSubject) -> Iterator[Result]:
    """Yield each visit that a procedure includes; then the procedures that could not be looked up or compared."""
    told = {frozenset({pair.column1.place, pair.column2.place}) for pair in subject.pairs}
    for each in subject.included.visits:
        if frozenset({f"line {each.line_no}", each.procedure.place}) not in told and not _is_apart(each):
            yield _failure(each, subject)
    visits = tuple(dict.fromkeys(line.procedure.code for line in subject.lines if is_visit(line.procedure.code)))
    for gap in subject.included.gaps:
        yield not_loaded(gap, field="lines", inputs=visits)
    if subject.included_cut:
        yield NoData(
            field="lines",
            inputs=(*visits, "more procedures in a year than are compared"),
            mend="Look in the record whether a procedure of the last 90 days includes the visit.",
        )


def _is_apart(included: IncludedVisit) -> bool:
    """Return whether a visit is no part of the procedure on whose days it is."""
    after = included.visit_on > included.procedure.service_from_on
    if after and not ENDS_WITH_ITS_DAY.isdisjoint(included.procedure.modifiers):
        return True
    return not _setting_apart(included).isdisjoint(included.modifiers)


def _setting_apart(included: IncludedVisit) -> frozenset[str]:
    """Return the modifiers that set a visit apart, by its day: before, on, or after that of the procedure."""
    performed_on, visit_on = included.procedure.service_from_on, included.visit_on
    if visit_on > performed_on:
        setting = {UNRELATED}
    elif included.period is not GlobalPeriod.MAJOR:
        setting = {SEPARATE}
    else:
        setting = {DECISION} if visit_on < performed_on else {DECISION, SEPARATE}
    return frozenset({*setting, UNRELATED_CRITICAL} if included.code in CRITICAL_CARE else setting)


def _failure(included: IncludedVisit, subject: ScrubSubject) -> Failure:
    procedure, line_no = included.procedure, included.line_no
    sure = subject.bills_medicare and not included.of_group
    return Failure(
        field=f"lines/{line_no}/modifiers",
        inputs=(
            included.code,
            str(included.visit_on),
            f"{procedure.code} on {procedure.service_from_on}",
            f"global period {included.period}",
            f"with {procedure.place}",
            *(("of the same group and specialty",) if included.of_group else ()),
        ),
        line_no=line_no,
        edition=included.edition,
        severity="error" if sure else "warning",
        mend=_mend(included),
    )


def _mend(included: IncludedVisit) -> str:
    either = " or ".join(sorted(_setting_apart(included)))
    return (
        "Leave the visit out: the procedure pays for it. Where the record shows a visit of its own, add modifier"
        f" {either}."
    )


GLOBAL_PERIOD: Final = Rule(
    id="global_period",
    version=1,
    about="No visit is billed on the days that the payment of a procedure of the same NPI includes, in this encounter"
    " or another: its own (000), with ten days after it (010), or with the day before and ninety after it (090). 24"
    " sets a visit after the procedure apart, 25 one on its day, 57 the decision for a major one on its day or the day"
    " before, FT critical care; 58, 78 and 79 are of procedures, and set no visit apart. Nothing follows a procedure"
    " with 54, 56 or 78. An error for Medicare; a warning elsewhere, and where only group and specialty are the same.",
    citation="Medicare Claims Processing Manual chapter 12, sections 30.6.5, 30.6.6 and 40.1 to 40.4; refused otherwise"
    " with CARC 97",
    source="Physician fee schedule relative value file, quarterly, global days; the patient's other encounters",
    effective_from=date(1992, 1, 1),
    severity="error",
    owner="coder",
    mend="Leave the visit out, or add the modifier that sets it apart.",
    check=check,
    applies=lambda subject: bool(subject.coverages) and any(is_visit(line.procedure.code) for line in subject.lines),
)
