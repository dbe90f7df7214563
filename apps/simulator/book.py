"""The payers' own book: what was charged, and what became of each cent of it; the far side of every comparison.

A claim that was rejected on the way is in the book by its number only, for no payer ever looked at its money.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, ConfigDict

from apps.simulator.adjudication import Adjudicated
from apps.simulator.remitting import Check, originator


class BookedClaim(BaseModel):
    """One claim that a payer decided. **Units**: cents; charged is the sum of the four others."""

    model_config = ConfigDict(frozen=True)
    patient_control_number: str
    payer_id: str
    payer_claim_number: str
    trace_number: str
    status: str
    charged_cents: int
    paid_cents: int
    contractual_cents: int
    patient_cents: int
    denied_cents: int


class BookedCheck(BaseModel):
    """One check that a payer wrote. **Units**: cents."""

    model_config = ConfigDict(frozen=True)
    trace_number: str
    originator: str
    payer_id: str
    payee_npi: str
    claims: int
    paid_cents: int


class BookedRejection(BaseModel):
    """One claim that no payer decided. **Shape**: `level` is set (999), clearinghouse or payer (277CA)."""

    model_config = ConfigDict(frozen=True)
    patient_control_number: str
    payer_id: str
    level: str
    status: str


class Totals(BaseModel):
    """Sums over the decided claims. **Units**: cents."""

    claims: int = 0
    checks: int = 0
    rejected: int = 0
    charged_cents: int = 0
    paid_cents: int = 0
    contractual_cents: int = 0
    patient_cents: int = 0
    denied_cents: int = 0


class BookPages(BaseModel):
    """The whole book, as it is answered."""

    claims: Sequence[BookedClaim]
    checks: Sequence[BookedCheck]
    rejections: Sequence[BookedRejection]
    totals: Totals


_ADDED: Final = ("charged_cents", "paid_cents", "contractual_cents", "patient_cents", "denied_cents")


@dataclass(slots=True)
class Book:
    """The book while it is written."""

    claims: list[BookedClaim] = field(default_factory=list)
    checks: list[BookedCheck] = field(default_factory=list)
    rejections: list[BookedRejection] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)

    def enter(self, check: Check) -> None:
        """Append a check and the claims that it pays."""
        self.checks.append(
            BookedCheck(
                trace_number=check.trace_number,
                originator=originator(check.payer),
                payer_id=check.payer.number,
                payee_npi=check.payee.npi,
                claims=len(check.claims),
                paid_cents=check.paid_cents,
            )
        )
        self.totals.checks += 1
        for payer_claim_number, adjudicated in check.claims:
            self._enter_claim(check, payer_claim_number, adjudicated)

    def reject(self, number: str, payer_id: str, *, level: str, status: str) -> None:
        """Append a claim that was rejected on the way."""
        self.rejections.append(
            BookedRejection(patient_control_number=number, payer_id=payer_id, level=level, status=status)
        )
        self.totals.rejected += 1

    def pages(self) -> BookPages:
        """Return the book as of now; what is entered later does not change it."""
        return BookPages(
            claims=tuple(self.claims),
            checks=tuple(self.checks),
            rejections=tuple(self.rejections),
            totals=self.totals.model_copy(),
        )

    def _enter_claim(self, check: Check, payer_claim_number: str, adjudicated: Adjudicated) -> None:
        booked = BookedClaim(
            patient_control_number=adjudicated.claim.number,
            payer_id=check.payer.number,
            payer_claim_number=payer_claim_number,
            trace_number=check.trace_number,
            status="denied" if adjudicated.denied else "paid",
            charged_cents=adjudicated.claim.charge_cents,
            paid_cents=adjudicated.paid_cents,
            contractual_cents=adjudicated.contractual_cents,
            patient_cents=adjudicated.patient_cents,
            denied_cents=adjudicated.denied_cents,
        )
        self.claims.append(booked)
        self.totals.claims += 1
        for name in _ADDED:
            setattr(self.totals, name, getattr(self.totals, name) + getattr(booked, name))
