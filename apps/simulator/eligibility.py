"""Whether somebody is insured: what a payer answers to a 270, person by person (271).

Owns: what is said of a plan and of what is left of its year, and for whom there is no answer. Nothing here is
remembered: a question changes no book and no year. Refuses: segments (`shared/x12`) and files (`inquiries.py`).
**Source**: 005010X279A1, loops 2000A to 2110D; reject reasons (AAA03) and follow-ups (AAA04). How far from today is
answered is more than CAQH CORE 154 and 260 ask of a payer: 12 months back, and to the end of the current month.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from apps.simulator.office import Office
from apps.simulator.plan import Coverage, Plan, holding
from apps.simulator.scenario import PAID
from shared.x12.checks.codes import LISTS
from shared.x12.segments import Period, Procedure, Trace
from shared.x12.sets import t270_x279a1 as t270
from shared.x12.sets import t271_x279a1 as t271

DAYS_BACK_MAX: Final = 730
DAYS_AHEAD_MAX: Final = 90
"""How far from today a payer answers."""
_GENERAL: Final = "30"
_ASKED_DAYS: Final = "291"
_PLAN_BEGINS: Final = "346"
_PLAN_ENDS: Final = "347"
_YEAR: Final = "23"
_LEFT: Final = "29"
_VISIT: Final = "27"
_NO_MEMBER_ID: Final = "72"
_LONG_AGO: Final = "62"
_TO_COME: Final = "63"
_BUSY: Final = frozenset({"42", "80"})  # the question was in order
_FINAL: Final = frozenset({"41", "50", "52", "53", "78", "79"})  # asking again changes nothing
_REPEATED: Final = frozenset({"6P", "EJ", "SY"})  # numbers that an answer brings back
_TRACES_MAX: Final = 3
_PERCENT: Final = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Insured:
    """A member as the payer knows it. **Shape**: `coverages` as of today."""

    office: Office
    payer_id: str
    member_id: str
    coverages: Sequence[Coverage]


def answered(office: Office, request: t270.EligibilityRequest) -> t271.EligibilityResponse:
    """Return the answer to one ST, with its own references."""
    return t271.EligibilityResponse(
        reference=request.reference,
        sources=tuple(
            t271.AnsweringSource(
                entity=source.entity,
                receivers=tuple(_receiver(office, source.entity.id, receiver) for receiver in source.receivers),
            )
            for source in request.sources
        ),
    )


def _receiver(office: Office, payer_id: str, receiver: t270.InformationReceiver) -> t271.AnsweredReceiver:
    return t271.AnsweredReceiver(
        entity=receiver.entity,
        subscribers=tuple(_subscriber(office, payer_id, subscriber) for subscriber in receiver.subscribers),
    )


def _subscriber(office: Office, payer_id: str, asked: t270.Subscriber) -> t271.InsuredSubscriber:
    member_id = asked.individual.entity.id
    member = office.directory.member(payer_id, member_id)
    scenario = member.scenario if member else PAID
    reason = _NO_MEMBER_ID if not member_id else scenario.code.zfill(2) if scenario.is_rejected_inquiry else ""
    if reason:  # those below are not looked for, so their questions come back here
        traces = (*asked.traces, *[trace for dependent in asked.dependents for trace in dependent.traces])
        return t271.InsuredSubscriber(
            individual=_individual(asked.individual), traces=_returned(traces), rejections=(_rejection(reason),)
        )
    coverages = office.directory.coverages(payer_id, member_id, scenario, office.today)
    insured = _Insured(office=office, payer_id=payer_id, member_id=member_id, coverages=coverages)
    is_patient = bool(asked.inquiries) or not asked.dependents
    rejections, benefits = _answer(insured, asked) if is_patient else ((), ())
    return t271.InsuredSubscriber(
        individual=_individual(asked.individual, coverages if benefits else ()),
        traces=_returned(asked.traces),
        rejections=rejections,
        benefits=benefits,
        dependents=tuple(_dependent(insured, dependent) for dependent in asked.dependents),
    )


def _dependent(insured: _Insured, asked: t270.Dependent) -> t271.InsuredDependent:
    rejections, benefits = _answer(insured, asked)
    return t271.InsuredDependent(
        individual=_individual(asked.individual, insured.coverages if benefits else ()),
        traces=_returned(asked.traces),
        rejections=rejections,
        benefits=benefits,
    )


def _individual(asked: t270.Individual, coverages: Sequence[Coverage] = ()) -> t270.Individual:
    """Return who is meant, without what a payer does not repeat, and from when to when they are covered."""
    days = [day for each in coverages for day in ((_PLAN_BEGINS, each.effective_on), (_PLAN_ENDS, each.terminated_on))]
    return replace(
        asked,
        address=None,
        references=tuple(each for each in asked.references if each.qualifier in _REPEATED),
        provider=None,
        diagnoses=(),
        periods=tuple(Period(qualifier=qualifier, first=day, last=day) for qualifier, day in days if day),
    )


def _returned(traces: Sequence[Trace]) -> tuple[Trace, ...]:
    return tuple(replace(trace, kind="2") for trace in traces[:_TRACES_MAX])


def _rejection(reason: str) -> t271.Rejection:
    follow_up = "R" if reason in _BUSY else "N" if reason in _FINAL else "C"
    return t271.Rejection(reason=reason, follow_up=follow_up, valid="Y" if reason in _BUSY else "N")


def _answer(
    insured: _Insured, asked: t270.Subscriber | t270.Dependent
) -> tuple[tuple[t271.Rejection, ...], tuple[t271.Benefit, ...]]:
    """Return why a person is not answered about, or what is said: one answer for each day that is asked about."""
    today = insured.office.today
    own = _day_of(asked.individual.periods)
    if own is not None and (reason := _out_of_reach(own, today)):
        return (_rejection(reason),), ()
    by_day: dict[date, list[t270.BenefitInquiry]] = {}
    for inquiry in asked.inquiries:
        by_day.setdefault(_day_of(inquiry.periods) or own or today, []).append(inquiry)
    benefits: list[t271.Benefit] = []
    for on, inquiries in (by_day or {own or today: []}).items():
        types = _service_types(inquiries)
        if reason := _out_of_reach(on, today):
            benefits.append(t271.Benefit(code="V", service_types=types, rejections=(_rejection(reason),)))
        else:
            benefits += _benefits(insured, on, types, inquiries)
    return (), tuple(benefits)


def _day_of(periods: Sequence[Period]) -> date | None:
    return next((period.first for period in periods if period.qualifier == _ASKED_DAYS), None)


def _out_of_reach(on: date, today: date) -> str:
    """Return why a day is not answered for, nothing where it is."""
    days = (on - today).days
    return _LONG_AGO if days < -DAYS_BACK_MAX else _TO_COME if days > DAYS_AHEAD_MAX else ""


def _service_types(inquiries: Sequence[t270.BenefitInquiry]) -> tuple[str, ...]:
    """Return health benefits in general, and what else was asked for by a code that there is."""
    asked = (each for inquiry in inquiries for each in inquiry.service_types if each in LISTS["service-type"])
    return tuple(dict.fromkeys((_GENERAL, *asked)))


def _benefits(
    insured: _Insured, on: date, types: tuple[str, ...], inquiries: Sequence[t270.BenefitInquiry]
) -> Iterator[t271.Benefit]:
    coverage = holding(insured.coverages, on)
    if coverage is None:
        yield t271.Benefit(code="6", service_types=types, plan=insured.coverages[-1].plan.name)
        return
    plan = coverage.plan
    needs_authorization = "*" in plan.authorization_for
    yield t271.Benefit(
        code="1",
        coverage_level="IND",
        service_types=types,
        plan=plan.name,
        authorization="Y" if needs_authorization else "",
        messages=() if plan.filing_days_max is None else (f"FILE CLAIMS WITHIN {plan.filing_days_max} DAYS",),
    )
    yield from _shares(insured, plan, on, types)
    yield from _by_procedure(plan, inquiries)


def _shares(insured: _Insured, plan: Plan, on: date, types: tuple[str, ...]) -> Iterator[t271.Benefit]:
    """Yield what a member bears: of a year and what is left of that, or of each visit."""
    said = t271.Benefit(code="", coverage_level="IND", service_types=types)
    used = insured.office.accumulators.used(insured.payer_id, insured.member_id, on.year)
    if plan.by_claim:
        yield replace(said, code="C", time_qualifier=_VISIT, amount_cents=plan.deductible_cents)
    else:
        yield from _of_year(replace(said, code="C"), plan.deductible_cents, used.deductible_cents)
    if plan.out_of_pocket_max_cents is not None:
        yield from _of_year(replace(said, code="G"), plan.out_of_pocket_max_cents, used.out_of_pocket_cents)
    yield replace(said, code="A", percent=plan.coinsurance_percent / _PERCENT)
    yield replace(said, code="B", time_qualifier=_VISIT, amount_cents=plan.copay_cents)


def _of_year(said: t271.Benefit, limit_cents: int, used_cents: int) -> Iterator[t271.Benefit]:
    yield replace(said, time_qualifier=_YEAR, amount_cents=limit_cents)
    yield replace(said, time_qualifier=_LEFT, amount_cents=max(0, limit_cents - used_cents))


def _by_procedure(plan: Plan, inquiries: Sequence[t270.BenefitInquiry]) -> Iterator[t271.Benefit]:
    """Yield what a plan wants to know before, or does not pay, of the procedures that it names or that were asked."""
    asked = {inquiry.procedure.code for inquiry in inquiries if inquiry.procedure}
    for procedures, code, authorization in ((plan.authorization_for, "CB", "Y"), (plan.not_covered, "I", "")):
        named = asked if "*" in procedures else procedures
        for each in sorted(named):
            yield t271.Benefit(
                code=code, coverage_level="IND", procedure=Procedure(code=each), authorization=authorization
            )
