"""Whom the payers know: everyone with a claim here, and everyone who was enrolled, as this page came to know them.

Owns: the roll, which reads on from where it stopped, as claims and members only become more. Refuses: coverage and
amounts, which it asks for (`directory.py`, `plan.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from threading import Lock

from apps.simulator.front import Front
from apps.simulator.office import Office
from apps.simulator.page.paging import Slice, newest
from apps.simulator.plan import Plan, Used, holding


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What a member bore of a year, and what the plan has as its limits. **Units**: cents; None without a limit."""

    year: int
    used: Used
    deductible_max_cents: int | None = None
    out_of_pocket_max_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One member. **Shape**: without a scenario it is drawn claim by claim; years are this one and the one before."""

    payer_id: str
    member_id: str
    scenario: str
    meets: str
    is_enrolled: bool
    years: Sequence[Year]
    claims: int


@dataclass(slots=True)
class _Known:
    payer_id: str
    member_id: str
    claims: int = 0


class Roll:
    """The members of an office. For several threads at once."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._begin(front.office)
        self._reading = Lock()

    def _begin(self, office: Office) -> None:
        self._office = office
        self._known: dict[tuple[str, str], _Known] = {}
        self._order: list[_Known] = []
        self._cases_read = 0
        self._enrolled_read = 0

    def page(self, before: int, limit: int, today: date) -> Slice[MemberRow]:
        """Return the members that came last."""
        with self._reading:
            self._read_on()
            found = newest(len(self._order), before, limit)
            return Slice([self._row(self._order[number - 1], today) for number in found.rows], found.older)

    def _read_on(self) -> None:
        office = self._front.office
        if office is not self._office:  # something failed, and it was built anew
            self._begin(office)
        enrolled = list(office.directory.members.items())
        for (payer_id, _), member in islice(enrolled, self._enrolled_read, None):
            self._of(payer_id, member.member_id)
        self._enrolled_read = len(enrolled)
        cases = len(office.cases)
        for case in islice(office.cases, self._cases_read, cases):
            self._of(case.payer_id, case.member_id).claims += 1
        self._cases_read = cases

    def _of(self, payer_id: str, member_id: str) -> _Known:
        key = (payer_id, member_id.upper())
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _Known(payer_id, member_id)
            self._order.append(known)
        return known

    def _row(self, known: _Known, today: date) -> MemberRow:
        directory = self._office.directory
        member = directory.member(known.payer_id, known.member_id)
        scenario = member.scenario if member else None
        plan = None
        if scenario:
            coverage = holding(directory.coverages(known.payer_id, known.member_id, scenario, today), today)
            plan = coverage.plan if coverage else None
        return MemberRow(
            payer_id=known.payer_id,
            member_id=known.member_id,
            scenario=scenario.prefix + scenario.code if scenario else "",
            meets=scenario.meets if scenario else "drawn for each claim",
            is_enrolled=(known.payer_id, known.member_id.upper()) in directory.members,
            years=(self._year(known, today.year, plan), self._year(known, today.year - 1, None)),
            claims=known.claims,
        )

    def _year(self, known: _Known, year: int, plan: Plan | None) -> Year:
        return Year(
            year=year,
            used=self._office.accumulators.used(known.payer_id, known.member_id, year),
            deductible_max_cents=plan.deductible_cents if plan and not plan.by_claim else None,
            out_of_pocket_max_cents=plan.out_of_pocket_max_cents if plan else None,
        )
