"""What a payer pays: charge to allowed amount, allowed amount to the patient's part and the payer's; all in cents.

Owns: the simulator's own fee rules, which know nothing of any contract in the services. Every line balances by its
making: what is paid is what is left of the charge after the adjustments, never a second calculation.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from apps.simulator.claim import Billed, Claim
from apps.simulator.outcome import Course, Outcome

ALLOWED_PERCENT: Final = 80
COINSURANCE_PERCENT: Final = 20
DEDUCTIBLE_CENTS: Final = 40_00  # of each claim; the simulator keeps no account of a member's year
COPAY_CENTS: Final = 15_00  # of each claim, on its first line

Group: TypeAlias = Literal["CO", "PR"]
CONTRACTUAL: Final = "45"
DUPLICATE: Final = "18"
DEDUCTIBLE: Final = "1"
COINSURANCE: Final = "2"
COPAY: Final = "3"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Why a part of a charge is not paid (CAS): group, reason, amount. **Units**: cents."""

    group: Group
    reason: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class PaidLine:
    """One line with what the payer decided. **Units**: cents."""

    billed: Billed
    allowed_cents: int
    paid_cents: int
    adjustments: tuple[Adjustment, ...]


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """One claim with what the payer decided. **Units**: cents; charged is the sum of the four others."""

    claim: Claim
    denied: bool
    lines: tuple[PaidLine, ...]
    paid_cents: int
    contractual_cents: int
    patient_cents: int
    denied_cents: int


def adjudicate(claim: Claim, decided: Outcome) -> Adjudicated:
    """Return what a payer makes of a claim that it took."""
    if decided.course is Course.DENIED:
        lines = tuple(_denied(line, decided.reason) for line in claim.lines)
    elif decided.course is Course.SHARED:
        lines = _shared(claim.lines)
    else:
        lines = tuple(_settled(line, _allowed_cents(line), ()) for line in claim.lines)
    denied = decided.course is Course.DENIED
    contractual = _total(lines, "CO")
    return Adjudicated(
        claim=claim,
        denied=denied,
        lines=lines,
        paid_cents=sum(line.paid_cents for line in lines),
        contractual_cents=0 if denied else contractual,
        patient_cents=_total(lines, "PR"),
        denied_cents=contractual if denied else 0,
    )


def percent_of(amount_cents: int, percent: int) -> int:
    """Return a percentage, half a cent rounded up. **Units**: cents, not negative."""
    return (amount_cents * percent + 50) // 100


def _allowed_cents(line: Billed) -> int:
    return percent_of(line.charge_cents, ALLOWED_PERCENT)


def _total(lines: tuple[PaidLine, ...], group: Group) -> int:
    return sum(each.amount_cents for line in lines for each in line.adjustments if each.group == group)


def _denied(line: Billed, reason: str) -> PaidLine:
    adjustments = (Adjustment("CO", reason, line.charge_cents),) if line.charge_cents else ()
    return PaidLine(line, 0, 0, adjustments)


def _shared(lines: list[Billed]) -> tuple[PaidLine, ...]:
    """Take the deductible from the first lines, a share of what is left, and the copay from the first line."""
    open_deductible, paid = DEDUCTIBLE_CENTS, []
    for number, line in enumerate(lines):
        left = allowed = _allowed_cents(line)
        deductible = min(open_deductible, left)
        open_deductible, left = open_deductible - deductible, left - deductible
        coinsurance = percent_of(left, COINSURANCE_PERCENT)
        copay = min(0 if number else COPAY_CENTS, left - coinsurance)
        parts = ((DEDUCTIBLE, deductible), (COINSURANCE, coinsurance), (COPAY, copay))
        paid.append(_settled(line, allowed, tuple(Adjustment("PR", reason, part) for reason, part in parts if part)))
    return tuple(paid)


def _settled(line: Billed, allowed_cents: int, patient: tuple[Adjustment, ...]) -> PaidLine:
    beyond = line.charge_cents - allowed_cents
    contractual = (Adjustment("CO", CONTRACTUAL, beyond),) if beyond else ()
    adjustments = contractual + patient
    return PaidLine(
        line, allowed_cents, line.charge_cents - sum(each.amount_cents for each in adjustments), adjustments
    )
