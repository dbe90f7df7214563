"""What a payer makes of a claim: refused or covered, priced, shared with the member; all in cents.

Owns: the simulator's own rules, which know nothing of any contract in the services. Every line balances by its making:
what is paid is what is left of the charge after the adjustments, never a second calculation. Refuses: clocks and
numbers, which are arguments, and what is done with a decision (`treasury.py`). Next: `scenario.py`, `plan.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from apps.simulator.contract import Contract, percent_of
from apps.simulator.plan import NOTHING_USED, Coverage, Plan, Used, covers
from apps.simulator.scenario import Scenario
from shared.x12.adjustment import Adjustment
from shared.x12.sets.t837p_x222a1 import ProfessionalClaim, ServiceLine

CONTRACTUAL: Final = "45"
DUPLICATE: Final = "18"
NOT_YET_COVERED: Final = "26"
TERMINATED: Final = "27"
FILED_LATE: Final = "29"
AUTHORIZATION: Final = "197"
NECESSITY: Final = "50"
NOT_COVERED: Final = "96"
BUNDLED: Final = "97"
CODING: Final = "16"
MAXIMUM: Final = "119"
PRIOR_PAYERS: Final = "23"
DEDUCTIBLE: Final = "1"
COINSURANCE: Final = "2"
COPAY: Final = "3"
REMARKS: Final = {
    CODING: "M51", NECESSITY: "N115", NOT_COVERED: "N130", BUNDLED: "M15", NOT_YET_COVERED: "N30", TERMINATED: "N30",
}  # fmt: skip
"""The remark (RARC) that explains a reason (CARC)."""
_NO_CONTRACT: Final = frozenset({DUPLICATE})  # nobody gave this money up: the group is OA
_SEPARATE: Final = frozenset({"25", "57", "59", "XE", "XP", "XS", "XU"})
_VISITS: Final = ("992", "993", "9202")  # evaluation and management, office visits included
_WELLNESS: Final = "Z"
_CORRECTED_PERCENT: Final = 60
_PRIMARY: Final = "P"
_DENIED: Final = "4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A claim as a payer finds it on its desk.

    **Shape**: `coverage` is the one that holds on the first day of service; `is_early` where that day lies before any
    began; `used` what the member bore of that year before; `is_repeated` where the same claim was decided already;
    `is_corrected` where the payer looks at it again.
    """

    claim: ProfessionalClaim
    scenario: Scenario
    coverage: Coverage | None
    contract: Contract
    received_on: date
    is_early: bool = False
    used: Used = NOTHING_USED
    is_repeated: bool = False
    is_corrected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLine:
    """One line with what the payer decided. **Units**: cents; charged is the sum of paid and the four others."""

    line: ServiceLine
    allowed_cents: int
    paid_cents: int
    adjustments: tuple[Adjustment, ...]
    remark: str = ""
    is_denied: bool = False

    @property
    def patient_cents(self) -> int:
        """Return what the member owes."""
        return sum(each.amount_cents for each in self.adjustments if each.group == "PR")

    @property
    def prior_cents(self) -> int:
        """Return what payers before this one paid or took off."""
        return sum(each.amount_cents for each in self.adjustments if each.reason == PRIOR_PAYERS)

    @property
    def contractual_cents(self) -> int:
        """Return what the contract gives up."""
        return 0 if self.is_denied else self._beyond()

    @property
    def denied_cents(self) -> int:
        """Return what is refused."""
        return self._beyond() if self.is_denied else 0

    def _beyond(self) -> int:
        others = (each for each in self.adjustments if each.group != "PR" and each.reason != PRIOR_PAYERS)
        return sum(each.amount_cents for each in others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One claim with what the payer decided. **Shape**: `status` is CLP02, `used` what the member bore of the year."""

    claim: ProfessionalClaim
    status: str
    lines: tuple[DecidedLine, ...]
    used: Used = NOTHING_USED

    @property
    def paid_cents(self) -> int:
        """Return what the payer pays. **Units**: cents."""
        return sum(line.paid_cents for line in self.lines)

    @property
    def patient_cents(self) -> int:
        """Return what the member owes. **Units**: cents."""
        return sum(line.patient_cents for line in self.lines)

    @property
    def is_denied(self) -> bool:
        """Return whether nothing of it is covered."""
        return self.status == _DENIED


def adjudicate(asked: Asked) -> Decided:
    """Return what a payer decides about a claim that it took in."""
    plan = asked.coverage.plan if asked.coverage else None
    reason = _refusal(asked, plan)
    if plan is None or reason:
        return Decided(
            claim=asked.claim, status=_DENIED, lines=tuple(_denied(line, reason) for line in asked.claim.lines)
        )
    shares = _Shares(plan, asked.used)
    *others, last = asked.claim.lines
    lines = tuple([_line(asked, plan, line, shares) for line in others])
    if asked.scenario.is_partial:
        lines += (_denied(last, NOT_COVERED) if others else _halved(_line(asked, plan, last, shares)),)
    else:
        lines += (_line(asked, plan, last, shares),)
    status = _DENIED if all(line.is_denied for line in lines) else _status(asked)
    return Decided(claim=asked.claim, status=status, lines=lines, used=shares.used)


def _status(asked: Asked) -> str:
    """Return CLP02 of a claim that is covered: by the place of this payer, and whether the next one was sent it."""
    place = {"P": 1, "S": 2}.get(asked.claim.subscriber.responsibility, 3)
    return str(place + 18 if asked.scenario.is_crossed_over else place)


def _refusal(asked: Asked, plan: Plan | None) -> str:
    """Return why no line of a claim is covered, nothing where it may be: what a payer looks at before any price."""
    claim = asked.claim
    if asked.is_repeated:
        return DUPLICATE
    if plan is None:
        return NOT_YET_COVERED if asked.is_early else TERMINATED
    last_on = max(line.service_to for line in claim.lines)
    if plan.filing_days_max is not None and (asked.received_on - last_on).days > plan.filing_days_max:
        return FILED_LATE
    if not claim.authorization_number and any(
        covers(plan.authorization_for, line.procedure) and not line.authorization_number for line in claim.lines
    ):
        return AUTHORIZATION
    return asked.scenario.code if asked.scenario.is_denied else ""


def _line(asked: Asked, plan: Plan, line: ServiceLine, shares: "_Shares") -> DecidedLine:
    reason = _line_refusal(asked.claim, plan, line)
    if reason:
        return _denied(line, reason)
    allowed = asked.contract.allowed_cents(
        line.procedure, charge_cents=line.charge_cents, units=line.units, on=line.service_from
    )
    if asked.is_corrected:
        allowed = percent_of(allowed, _CORRECTED_PERCENT)
    if asked.claim.subscriber.responsibility != _PRIMARY:
        return _after_others(asked.claim, line, allowed, shares)
    return _settled(line, allowed, shares.of(allowed))


def _line_refusal(claim: ProfessionalClaim, plan: Plan, line: ServiceLine) -> str:
    if not covers(plan.known_procedures, line.procedure):
        return CODING
    if covers(plan.not_covered, line.procedure):
        return NOT_COVERED
    if covers(plan.not_for_wellness, line.procedure):
        pointed = [claim.diagnoses[at - 1] for at in line.pointers if 0 < at <= len(claim.diagnoses)]
        if all(code.startswith(_WELLNESS) for code in pointed):
            return NECESSITY
    if plan.bundles and line.procedure.startswith(_VISITS) and _SEPARATE.isdisjoint(line.modifiers):
        others = (other for other in claim.lines if not other.procedure.startswith(_VISITS))
        if any(other.service_from == line.service_from for other in others):
            return BUNDLED
    return ""


def _denied(line: ServiceLine, reason: str) -> DecidedLine:
    group = "OA" if reason in _NO_CONTRACT else "CO"
    adjustments = (_adjustment(group, reason, line.charge_cents),) if line.charge_cents else ()
    remark = REMARKS.get(reason, "")
    return DecidedLine(line=line, allowed_cents=0, paid_cents=0, adjustments=adjustments, remark=remark, is_denied=True)


def _halved(line: DecidedLine) -> DecidedLine:
    """Return a line that is paid half, as the most that its plan pays."""
    beyond = line.paid_cents // 2
    if not beyond:
        return line
    maximum = _adjustment("PR", MAXIMUM, beyond)
    return replace(line, paid_cents=line.paid_cents - beyond, adjustments=(*line.adjustments, maximum))


class _Shares:
    """The member's part of one claim, line by line: the deductible first, a share of the rest, the copay once."""

    def __init__(self, plan: Plan, used: Used) -> None:
        self._plan = plan
        self._deductible = plan.deductible_cents - (
            0 if plan.by_claim else min(used.deductible_cents, plan.deductible_cents)
        )
        limit = plan.out_of_pocket_max_cents
        self._pocket = None if limit is None else max(0, limit - used.out_of_pocket_cents)
        self._copay = plan.copay_cents
        self.used = NOTHING_USED

    def of(self, allowed: int) -> tuple[Adjustment, ...]:
        """Return what the member bears of a line. **Units**: cents."""
        left = allowed
        deductible = self._within_pocket(min(self._deductible, left))
        self._deductible -= deductible
        left -= deductible
        coinsurance = self._within_pocket(percent_of(left, self._plan.coinsurance_percent))
        copay = self._within_pocket(min(self._copay, left - coinsurance))
        self._copay -= copay
        if not self._plan.by_claim:
            self.used = self.used.plus(Used(deductible, deductible + coinsurance + copay))
        parts = ((DEDUCTIBLE, deductible), (COINSURANCE, coinsurance), (COPAY, copay))
        return tuple(_adjustment("PR", reason, part) for reason, part in parts if part)

    def _within_pocket(self, part: int) -> int:
        if self._pocket is None:
            return part
        part = min(part, self._pocket)
        self._pocket -= part
        return part


def _settled(line: ServiceLine, allowed_cents: int, patient: tuple[Adjustment, ...]) -> DecidedLine:
    """Return a line that is covered. **Units**: cents."""
    beyond = line.charge_cents - allowed_cents
    contractual = (_adjustment("CO", CONTRACTUAL, beyond),) if beyond else ()
    adjustments = contractual + patient
    paid = line.charge_cents - sum(each.amount_cents for each in adjustments)
    return DecidedLine(line=line, allowed_cents=allowed_cents, paid_cents=paid, adjustments=adjustments)


def _after_others(claim: ProfessionalClaim, line: ServiceLine, allowed: int, shares: _Shares) -> DecidedLine:
    """Return what a later payer adds: its own benefit, and never more than the ones before left to the patient."""
    left = _left_by_others(claim, line)
    benefit = allowed - sum(each.amount_cents for each in shares.of(allowed))
    paid = min(benefit, left)
    parts = (("OA", PRIOR_PAYERS, line.charge_cents - left), ("PR", COINSURANCE, left - paid))
    adjustments = tuple(_adjustment(group, reason, part) for group, reason, part in parts if part)
    return DecidedLine(line=line, allowed_cents=allowed, paid_cents=paid, adjustments=adjustments)


def _left_by_others(claim: ProfessionalClaim, line: ServiceLine) -> int:
    """Return what the payers before left to the patient: of the line where they say it, else its share of the claim."""
    if line.adjudications:
        taken = sum(each.paid_cents + _taken_off(each.adjustments) for each in line.adjudications)
        return min(line.charge_cents, max(0, line.charge_cents - taken))
    if not claim.charge_cents:
        return 0
    taken = sum((other.paid_cents or 0) + _taken_off(other.adjustments) for other in claim.other_payers)
    left = max(0, claim.charge_cents - taken)
    return min(line.charge_cents, left * line.charge_cents // claim.charge_cents)


def _taken_off(adjustments: Iterable[Adjustment]) -> int:
    """Return what a payer took off by itself: not what it shows again of the payers before it (23)."""
    return sum(one.amount_cents for one in adjustments if one.group != "PR" and one.reason != PRIOR_PAYERS)


def _adjustment(group: str, reason: str, cents: int) -> Adjustment:
    return Adjustment(group=group, reason=reason, amount_cents=cents)
