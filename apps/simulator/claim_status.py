"""What became of claims: what a payer answers to a 276, claim by claim and line by line (277).

Owns: which state of a claim is which category and code. Nothing here is remembered, and no money is moved: that a 277
says `paid` posts nothing. A claim is in review (P2) and never waits for documents (P3), for nobody was asked for any.
Refuses: to find the claim (`search.py`), segments (`shared/x12`) and files (`inquiries.py`). **Source**: 005010X212,
loops 2000A to 2220E; X12's lists of claim status categories (507) and codes (508), of which those in use: never status
9, which ended in July 2008. A code that speaks of an entity, such as 88, goes with one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from apps.simulator.adjudication import (
    AUTHORIZATION,
    BUNDLED,
    CODING,
    DUPLICATE,
    FILED_LATE,
    NECESSITY,
    NOT_YET_COVERED,
    TERMINATED,
    DecidedLine,
)
from apps.simulator.case import Case, State
from apps.simulator.office import Office
from apps.simulator.search import Wanted
from shared.x12.claim_status import LineStatus, Status, StatusInformation
from shared.x12.segments import Period, Reference, Trace, number_of
from shared.x12.sets import t276_x212 as t276
from shared.x12.sets import t277_x212 as t277
from shared.x12.sets.t837p_x222a1 import ServiceLine

_PAYER_NUMBER: Final = "1K"
_OUR_NUMBER: Final = "EJ"
_LINE_NUMBER: Final = "FJ"
_BILL_TYPE: Final = "BLT"
_CLEARINGHOUSE_NUMBER: Final = "D9"
_SERVICE_DAYS: Final = "472"
NOT_FOUND: Final = Status(category="D0", status="35")
WAITING: Final = Status(category="P1", status="20")
PENDED: Final = Status(category="P2", status="46")
PAID: Final = Status(category="F1", status="65")
NOTHING_TO_PAY: Final = Status(category="F4", status="104")
VOIDED: Final = Status(category="F3", status="101")
_NOT_ELIGIBLE: Final = Status(category="F2", status="88", entity="IL")
_DENIALS: Final = {
    DUPLICATE: Status(category="F2", status="54"),
    NOT_YET_COVERED: _NOT_ELIGIBLE,
    TERMINATED: _NOT_ELIGIBLE,
    FILED_LATE: Status(category="F2", status="718"),
    AUTHORIZATION: Status(category="F2", status="84"),
    NECESSITY: Status(category="F2", status="287"),
    BUNDLED: Status(category="F2", status="12"),
    CODING: Status(category="F2", status="454"),
}
"""Why a claim or a line was denied, by its CARC; every other reason is a charge that is not covered."""
_DENIED: Final = Status(category="F2", status="585")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """Who asks whom about whose claims."""

    office: Office
    sender: str
    payer_id: str
    member_id: str


def answered(office: Office, sender: str, request: t276.ClaimStatusRequest) -> t277.ClaimStatusResponse:
    """Return the answer to one ST. **Shape**: `sender` is whose claim numbers (REF*EJ) are meant."""
    return t277.ClaimStatusResponse(
        reference=request.reference,
        sources=tuple(
            t277.AnsweringSource(
                entity=source.entity,
                receivers=tuple(
                    t277.AnsweredReceiver(
                        entity=receiver.entity,
                        providers=tuple(
                            t277.AnsweredProvider(
                                entity=provider.entity,
                                subscribers=tuple(
                                    _subscriber(office, sender, source.entity.id, subscriber)
                                    for subscriber in provider.subscribers
                                ),
                            )
                            for provider in receiver.providers
                        ),
                    )
                    for receiver in source.receivers
                ),
            )
            for source in request.sources
        ),
    )


def _subscriber(office: Office, sender: str, payer_id: str, asked: t276.Subscriber) -> t277.AnsweredSubscriber:
    asking = _Asking(office=office, sender=sender, payer_id=payer_id, member_id=asked.entity.id)
    return t277.AnsweredSubscriber(
        entity=asked.entity,
        claims=tuple(_claim(asking, claim) for claim in asked.claims),
        dependents=tuple(
            t277.AnsweredDependent(
                entity=dependent.entity, claims=tuple(_claim(asking, claim) for claim in dependent.claims)
            )
            for dependent in asked.dependents
        ),
    )


def _claim(asking: _Asking, asked: t276.ClaimInquiry) -> t277.ClaimAnswer:
    office = asking.office
    days = next((each for each in asked.periods if each.qualifier == _SERVICE_DAYS), None)
    wanted = Wanted(
        payer_id=asking.payer_id,
        sender=asking.sender,
        member_id=asking.member_id,
        payer_claim_number=number_of(asked.references, _PAYER_NUMBER),
        number=number_of(asked.references, _OUR_NUMBER),
        days=(days.first, days.last) if days else None,
        charge_cents=asked.charge_cents,
    )
    case = office.search.find(wanted, office.cases, office.by_payer_number)
    trace = Trace(kind="2", number=asked.trace.number)
    if case is None:
        information = StatusInformation(
            statuses=(NOT_FOUND,), effective_on=office.today, charge_cents=asked.charge_cents or 0
        )
        return t277.ClaimAnswer(
            trace=trace,
            information=(information,),
            references=_references(asked, "", wanted.number),
            periods=(days,) if days else (),
        )
    lines = case.claim.lines
    first, last = min(line.service_from for line in lines), max(line.service_to for line in lines)
    return t277.ClaimAnswer(
        trace=trace,
        information=(_information(case, office.today),),
        references=_references(asked, case.payer_claim_number, case.number),
        periods=(Period(qualifier=_SERVICE_DAYS, first=first, last=last),),
        lines=tuple(_line(case, line, office.today) for line in asked.lines),
    )


def _references(asked: t276.ClaimInquiry, payer_number: str, number: str) -> tuple[Reference, ...]:
    """Return the numbers of a claim, and those of the question that only it knows."""
    numbers = (
        (_PAYER_NUMBER, payer_number),
        (_BILL_TYPE, number_of(asked.references, _BILL_TYPE)),
        (_OUR_NUMBER, number),
        (_CLEARINGHOUSE_NUMBER, number_of(asked.references, _CLEARINGHOUSE_NUMBER)),
    )
    return tuple(Reference(qualifier=qualifier, number=each) for qualifier, each in numbers if each)


def _information(case: Case, today: date) -> StatusInformation:
    """Return the state of a claim as an STC says it."""
    said = StatusInformation(
        statuses=(_status(case),), effective_on=case.decided_on or today, charge_cents=case.charge_cents
    )
    decided = case.decided
    if decided is None or case.state is State.VOIDED:
        return said
    return replace(
        said,
        paid_cents=decided.paid_cents,
        adjudicated_on=case.decided_on,
        payment_method=case.payment_method,
        paid_on=case.decided_on,
        check_number=case.trace_number,
    )


def _status(case: Case) -> Status:
    match case.state:
        case State.REJECTED:
            return case.rejected_with or NOT_FOUND
        case State.WAITING:
            return WAITING
        case State.PENDED:
            return PENDED
        case State.VOIDED:
            return VOIDED
        case State.PAID:
            return PAID if case.paid_cents else NOTHING_TO_PAY
        case State.DENIED:
            decided = case.decided
            return _denial(decided.lines) if decided else _DENIED


def _denial(lines: Sequence[DecidedLine]) -> Status:
    reasons = (each.reason for line in lines if line.is_denied for each in line.adjustments)
    return _DENIALS.get(next(reasons, ""), _DENIED)


def _line(case: Case, asked: t276.LineInquiry, today: date) -> LineStatus:
    """Return what became of a line that was asked about; the line is answered as it was asked."""
    decided = case.decided
    lines = case.claim.lines
    at = _place_of(asked, lines)
    paid_cents = 0
    if at is None:
        status = NOT_FOUND
    elif decided is None or case.state is State.VOIDED:
        status = _status(case)
    else:
        line = decided.lines[at]
        paid_cents = line.paid_cents
        status = _denial((line,)) if line.is_denied else PAID if paid_cents else NOTHING_TO_PAY
    return LineStatus(
        service_line=replace(asked.service_line, paid_cents=paid_cents),
        information=(StatusInformation(statuses=(status,), effective_on=case.decided_on or today),),
        references=tuple(each for each in asked.references if each.qualifier == _LINE_NUMBER),
        periods=asked.periods,
    )


def _place_of(asked: t276.LineInquiry, lines: Sequence[ServiceLine]) -> int | None:
    """Return which line is meant: by its number, else by its procedure, and its charge where one is named."""
    number, service = number_of(asked.references, _LINE_NUMBER), asked.service_line
    for at, line in enumerate(lines):
        if number and line.line_control_number == number:
            return at
    for at, line in enumerate(lines):
        if line.procedure == service.procedure.code and service.charge_cents in {None, line.charge_cents}:
            return at
    return None
