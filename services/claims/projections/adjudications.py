"""What payers decided and paid, as payments told: the three axes of money of each claim.

Decisions are kept one by one and summed up when asked, so that they may come in any order, and twice to no effect.
"""

from datetime import datetime
from typing import Final, Literal, TypeAlias, assert_never

from msgspec import Struct

from services.claims.domain.claim_facts import Decided
from shared.events.payments import ClaimAccountEvent, ClaimDenied, ClaimPaid, ClaimPartiallyPaid
from shared.events.registration import FilingOrder
from shared.kernel.projection import Projection
from shared.kernel.unions import members

AdjudicationAxis: TypeAlias = Literal["none", "paid", "partially-paid", "denied"]
MoneyAxis: TypeAlias = Literal["unpaid", "partially-paid", "paid"]
ReceivableAxis: TypeAlias = Literal["primary-payer", "secondary-payer", "tertiary-payer", "patient", "zero-balance"]
_PAYER: Final[dict[FilingOrder, ReceivableAxis]] = {
    "primary": "primary-payer",
    "secondary": "secondary-payer",
    "tertiary": "tertiary-payer",
}


class Decision(Struct, frozen=True, kw_only=True):
    """One decision of a payer, as posted. **Units**: cents."""

    decided: Decided
    remittance_id: str
    ledger_batch_id: str
    submission_id: str
    filing_order: FilingOrder
    claim_status_code: str
    payer_claim_number: str | None
    charged_cents: int
    paid_cents: int
    contractual_cents: int
    denied_cents: int
    patient_cents: int
    posted_at: datetime


class Adjudication(Struct, frozen=True):
    """One row, keyed by claim. **Shape**: decisions oldest first, at least one."""

    decisions: tuple[Decision, ...]

    def adjudication(self) -> AdjudicationAxis:
        """Return what was decided last."""
        return self.decisions[-1].decided

    def money(self) -> MoneyAxis:
        """Return what is settled: paid where neither patient nor payer owes anything any more."""
        if self._patient_cents() + self._denied_cents() == 0:
            return "paid"
        return "partially-paid" if sum(each.paid_cents for each in self.decisions) > 0 else "unpaid"

    def receivable(self) -> ReceivableAxis:
        """Return who owes the rest: the payer as long as a refusal is not settled, then the patient."""
        if self._denied_cents() > 0:
            return _PAYER[self.decisions[-1].filing_order]
        return "patient" if self._patient_cents() > 0 else "zero-balance"

    def _patient_cents(self) -> int:
        return sum(each.patient_cents for each in self.decisions)

    def _denied_cents(self) -> int:
        return sum(each.denied_cents for each in self.decisions)


def decided(event: ClaimAccountEvent) -> Decided:
    """Return a decision in one word."""
    match event:
        case ClaimPaid():
            return "paid"
        case ClaimPartiallyPaid():
            return "partially-paid"
        case ClaimDenied():
            return "denied"
        case _:
            assert_never(event)


def keys(event: ClaimAccountEvent) -> tuple[str, ...]:
    """Return the claim."""
    return (event.claim_id,)


def apply(row: Adjudication | None, event: ClaimAccountEvent) -> Adjudication:
    """Return the decisions with one more."""
    decision = Decision(
        decided=decided(event),
        remittance_id=event.remittance_id,
        ledger_batch_id=event.ledger_batch_id,
        submission_id=event.submission_id,
        filing_order=event.filing_order,
        claim_status_code=event.claim_status_code,
        payer_claim_number=event.payer_claim_number,
        charged_cents=event.charged_cents,
        paid_cents=event.paid_cents,
        contractual_cents=event.contractual_cents,
        denied_cents=event.denied_cents,
        patient_cents=event.patient_cents,
        posted_at=event.posted_at,
    )
    every = {decision, *(row.decisions if row else ())}
    return Adjudication(tuple(sorted(every, key=lambda each: (each.posted_at, each.ledger_batch_id))))


ADJUDICATIONS: Final[Projection[Adjudication, ClaimAccountEvent]] = Projection(
    name="adjudications",
    version=1,
    source="foreign",
    row=Adjudication,
    events=members(ClaimAccountEvent),
    keys=keys,
    apply=apply,
)
